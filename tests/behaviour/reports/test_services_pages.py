"""Pages of the reporting function have 1 to 1,000 items."""

from __future__ import annotations

import pytest

from budget_monitor.entrypoints.reporting.services import DEFAULT_ITEMS, MAX_ITEMS
from tests.support.builders import Tenant

LISTS = ("list_executions", "list_workflows", "list_reservations", "user_costs", "agent_costs")


@pytest.mark.parametrize("operation", LISTS)
def test_a_page_of_1_and_one_of_1000_are_answered_and_0_and_1001_are_not(
    tenant: Tenant, operation: str
) -> None:
    assert (DEFAULT_ITEMS, MAX_ITEMS) == (100, 1000)
    for limit in (1, MAX_ITEMS):
        assert tenant.call(operation, limit=limit).body["items"] == []
    for limit in (0, MAX_ITEMS + 1):
        assert tenant.call(operation, limit=limit).field == "limit"
