"""Reach: how many accounts one request can meet, so that its transaction fits 100 items."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.labels import MAX_ANCESTORS, MAX_TAGS
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.reach import MAX_REACH, reach

TOKENS = {"tokens": Decimal(9)}


def budget(scope: str, period: str = "day", limit: int | None = 5, **fields: Any) -> Budget:
    usd = None if limit is None else Decimal(limit)
    return Budget(fields.pop("budget_id", "cap"), scope, usd, period=period, **fields)


@pytest.mark.parametrize(
    ("one", "accounts"),
    [
        (budget("tenant"), 1),
        (budget("tenant", counted=TOKENS), 2),
        (budget("tenant", limit=None, counted=TOKENS), 1),
        (budget("user", scope_id="*"), 1),
        (budget("tag", scope_id="blue"), 1),
        (budget("tag", scope_id="*"), MAX_TAGS),
        (budget("tag", scope_id="*", counted=TOKENS), 2 * MAX_TAGS),
        (budget("agent", "run", scope_id="crawler"), 0),
        (budget("agent", "run", counted=TOKENS), 1 + MAX_ANCESTORS),
        (budget("workflow", "run", counted=TOKENS), 1),
        (budget("tenant", "month", budget_id="tenant-month"), 0),
        (budget("tenant", "month", budget_id="tenant-month", counted=TOKENS), 1),
    ],
)
def test_a_budget_has_so_many_accounts_of_its_own(one: Budget, accounts: int) -> None:
    assert reach([one]) == accounts


def test_the_reaches_of_budgets_add_up() -> None:
    many = [budget("tag", scope_id="*"), budget("tenant"), budget("agent", "run", counted=TOKENS)]
    assert reach(many) == 10 + 1 + 9
    assert reach([]) == 0


def test_the_most_of_a_tenant_and_of_the_system_fit_a_settlement_of_100_items() -> None:
    assert 2 * MAX_REACH + 18 + 3 <= 100
