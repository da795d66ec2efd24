"""Suspensions: stored with who, why and when."""

from datetime import UTC, datetime

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.suspensions import Suspension

STOPPED = Suspension("ana", "fraud", datetime(2026, 11, 22, 12, tzinfo=UTC))
DUMPED = {"by": "ana", "reason": "fraud", "at": "2026-11-22T12:00:00Z"}


def test_a_suspension_is_read_as_it_was_stored() -> None:
    assert STOPPED.dump() == DUMPED
    assert Suspension.load(DUMPED) == STOPPED


@pytest.mark.parametrize("damage", [{"at": "noon"}, {"at": None}])
def test_a_damaged_instant_is_not_read(damage: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Suspension.load(DUMPED | damage)
