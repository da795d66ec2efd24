"""Grants and rollover as pure functions of amounts and moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.grants import Balance, Grant, Tally
from budget_monitor.domain.rules.rollovers import Rollover, month_after, months_between

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOON = NOW + timedelta(hours=2)
SOON = Grant("soon", Decimal(10), "ana", "paid", NOW, NOON)
NEVER = Grant("never", Decimal(5), "bo", "paid", NOW, priority=3)
NONE = Tally(NOW)


@pytest.mark.parametrize(
    ("spent", "soon", "never"),
    [("0", "0", "0"), ("4", "4", "0"), ("12", "10", "2"), ("99", "10", "5")],
)
def test_spend_is_taken_from_the_soonest_to_expire(spent: str, soon: str, never: str) -> None:
    tally = NONE.spread([NEVER, SOON], Decimal(spent), NOON)
    assert (tally.used_of(SOON), tally.used_of(NEVER)) == (Decimal(soon), Decimal(never))
    assert (tally.spent, tally.at) == (Decimal(spent), NOON)


def test_a_correction_is_given_back_by_the_limit_of_the_budget_first() -> None:
    spent = NONE.spread([SOON, NEVER], Decimal(17), NOW)
    back = spent.spread([SOON, NEVER], Decimal(12), NOW)
    assert (back.used_of(SOON), back.used_of(NEVER)) == (Decimal(10), Decimal(2))


def test_nothing_is_given_back_to_a_grant_that_expired() -> None:
    spent = NONE.spread([SOON, NEVER], Decimal(8), NOON)
    back = spent.spread([SOON, NEVER], Decimal(1), NOON + timedelta(hours=1))
    assert back.used_of(SOON) == Decimal(8)


def test_an_expired_grant_adds_what_is_known_to_be_spent_of_it() -> None:
    balance = Balance((SOON, NEVER), NONE)
    assert balance.granted(NOON - timedelta(microseconds=1)) == Decimal(15)
    assert balance.granted(NOON) == Decimal(5)
    known = Balance((SOON, NEVER), NONE.spread([SOON, NEVER], Decimal(4), NOON))
    assert known.granted(NOON) == Decimal(9)
    assert (balance.expiries(NOON), known.expiries(NOON)) == ([NOON], [])
    assert known.left(SOON, Decimal(4), NOON) == 0


def test_the_longest_expired_are_summed_up() -> None:
    tally = NONE.spread([SOON, NEVER], Decimal(4), NOON)
    less, kept = tally.without_expired([SOON, NEVER], 1)
    assert (kept, less.past, less.used) == ([NEVER], Decimal(4), {"never": Decimal(0)})
    assert Balance((NEVER,), less).granted(NOON) == Decimal(9)


def test_a_balance_is_loaded_as_it_was_dumped() -> None:
    balance = Balance((SOON, NEVER), NONE.spread([SOON, NEVER], Decimal("12.5"), NOON))
    assert Balance.load(balance.dump()) == balance
    assert Balance.load(None) == Balance()
    budget = Budget("b", "tenant", Decimal(1), period="total", balance=balance)
    assert Budget.load("b", "default", budget.dump()) == budget
    assert "balance" not in Budget("b", "tenant", Decimal(1)).dump()


@pytest.mark.parametrize(
    ("carried", "committed", "over"),
    [("0", "0", "30"), ("0", "90", "10"), ("5", "90", "15"), ("0", "120", "0")],
)
def test_of_100_and_what_was_carried_30_at_most_go_over(
    carried: str, committed: str, over: str
) -> None:
    rule = Rollover(Decimal(30), "2026-11")
    found = rule.carried(Decimal(100), Decimal(carried), Decimal(committed))
    assert found == Decimal(over)
    assert Rollover.load(rule.dump()) == rule
    assert Rollover.load(None) is None


def test_months_follow_each_other_over_the_year() -> None:
    assert month_after("2026-12") == "2027-01"
    assert month_after("2026-11") == "2026-12"
    assert months_between("2026-11", "2027-02") == ["2026-12", "2027-01", "2027-02"]
    assert months_between("2026-11", "2026-11") == []
