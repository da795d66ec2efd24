"""The resetting function refuses what it does not know, and names what it does."""

from __future__ import annotations

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints import resetting
from functions.resetting.app import lambda_handler


def test_an_unknown_operation_is_refused_with_the_names_of_all_known_ones() -> None:
    with pytest.raises(ValidationError) as refused:
        lambda_handler({"operation": "no-such-operation"}, None)
    assert refused.value.field == "operation"
    assert all(one.name in refused.value.message for one in resetting.OPERATIONS)
