"""One line for one model or provider."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.rules.matching import as_said
from budget_monitor.usecases.reports.folding import folded
from budget_monitor.usecases.reports.order import Line


def line(name: str | None, spent: int) -> Line:
    key = AccountKey("acme", "model", name or "", "2026-11")
    return name, Account(key, Move(spent=Decimal(spent), entries=1))


@pytest.mark.parametrize("scope", ["model", "provider"])
def test_3_spellings_are_one_line_in_the_case_in_which_most_was_spent(scope: str) -> None:
    lines = [line("X-1", 1), line("x-1", 2), line(None, 4), line("X-1", 0), line("Y", 8)]

    merged, spellings = folded(scope, lines, as_said)

    found = {name: (int(account.totals.spent), account.totals.entries) for name, account in merged}
    assert found == {"x-1": (3, 3), None: (4, 1), "Y": (8, 1)}
    assert spellings == {"x-1": ["x-1", "X-1"], None: [], "Y": ["Y"]}


def test_names_of_agents_are_told_apart_to_the_letter() -> None:
    merged, _ = folded("agent", [line("A", 1), line("a", 2)], as_said)
    assert [name for name, _ in merged] == ["A", "a"]
