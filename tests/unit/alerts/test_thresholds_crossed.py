"""A threshold is crossed once, by spending more than it."""

from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import tenant_key
from budget_monitor.domain.alerts.thresholds import Crossing, crossed
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate

ACME = tenant_key("acme", "2026-11")


@pytest.mark.parametrize(
    ("before", "spent", "percents"),
    [("5", "6", [50]), ("4", "5", []), ("6", "9", [80]), ("0", "20", [50, 80, 100])],
)
def test_a_threshold_is_crossed_by_spending_more_than_it_and_once(
    before: str, spent: str, percents: list[int]
) -> None:
    gate = Gate(Budget("tenant-month", "tenant", Decimal(10)), ACME)
    without = Gate(Budget("ours", "tenant", None), ACME)
    found = list(crossed([without, gate], Decimal(before), Decimal(spent)))
    assert found == [Crossing(gate, percent, Decimal(spent)) for percent in percents]
    assert [one.is_over for one in found] == [percent >= 100 for percent in percents]
