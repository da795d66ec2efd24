"""Grants at their edges: corrections, removed grants, grants without a tally, and damage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate, own_account
from budget_monitor.domain.rules.grants import Balance, Grant, Tally
from budget_monitor.domain.rules.limits import (
    dump_counted,
    limit_field,
    load_counted,
    load_since,
)
from budget_monitor.domain.rules.wind_down import Rung

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TEN = Grant("ten", Decimal(10), "ana", "paid", NOON - 9 * HOUR, NOON + HOUR)
FIVE = Grant("five", Decimal(5), "ana", "paid", NOON - 9 * HOUR)


def test_half_a_dollar_is_taken_from_what_is_left_of_the_grant() -> None:
    tally = Tally(NOON, Decimal(9), {"ten": Decimal(9)})
    half = tally.spread([TEN, FIVE], Decimal("9.5"), NOON)
    assert half.used == {"ten": Decimal("9.5"), "five": Decimal(0)}
    more = tally.spread([TEN, FIVE], Decimal(12), NOON)
    assert more.used == {"ten": Decimal(10), "five": Decimal(2)}
    same = more.spread([TEN, FIVE], Decimal(12), NOON + HOUR)
    assert (same.used, same.at) == (more.used, NOON + HOUR)


def test_a_tally_of_whole_numbers_is_still_exact() -> None:
    assert Tally(NOON, Decimal("0.1")).spread([], Decimal("0.3"), NOON).used == {}
    less, kept = Tally(NOON, past=Decimal(2)).without_expired([FIVE], 9)
    assert (less.past, kept) == (Decimal(2), [FIVE])


def test_only_as_many_expired_grants_go_as_there_are_too_many_the_oldest_first() -> None:
    gone = [
        Grant(name, Decimal(1), "ana", "x", NOON - 9 * HOUR, NOON - hours * HOUR)
        for name, hours in (("b", 2), ("a", 3), ("c", 1))
    ]
    used = {"a": Decimal("0.1"), "b": Decimal("0.2"), "c": Decimal("0.3")}
    tally = Tally(NOON, Decimal(1), used)
    less, kept = tally.without_expired([*gone, FIVE], 3)
    assert [one.grant_id for one in kept] == ["b", "c", "five"]
    assert less.past == Decimal("0.1")
    assert set(less.used) == {"b", "c"}
    all_kept, grants = tally.without_expired(gone, 3)
    assert (all_kept, grants) == (tally, gone)
    assert tally.without_expired(gone, 9) == (tally, gone)


def test_a_balance_without_a_tally_has_its_grants_and_keeps_none() -> None:
    balance = Balance((TEN, FIVE))
    assert balance.granted(NOON) == Decimal(15)
    assert balance.granted(NOON + HOUR) == Decimal(5)
    assert balance.left(TEN, Decimal(4), NOON) == Decimal(6)
    assert balance.left(TEN, Decimal(4), NOON + HOUR) == 0
    assert balance.dump()["tally"] is None
    assert Balance.load(balance.dump()) == balance


@pytest.mark.parametrize("field", ["amount_usd", "at", "expires_at"])
def test_a_damaged_field_of_a_grant_is_named(field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Grant.load(TEN.dump() | {field: "x"})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("name", "field"), [("at", "at"), ("spent_usd", "amount_usd"), ("past_usd", "amount_usd")]
)
def test_a_damaged_field_of_a_tally_is_named(name: str, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Tally.load(Tally(NOON).dump() | {name: "x"})
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("unit", "field"),
    [
        ("usd", "limit_usd"),
        ("calls", "limit_calls"),
        ("tokens", "limit_tokens"),
        ("input_tokens", "limit_tokens.input"),
        ("output_tokens", "limit_tokens.output"),
    ],
)
def test_each_unit_has_the_field_that_limits_it(unit: str, field: str) -> None:
    assert limit_field(unit) == field


def test_limits_are_a_number_of_tokens_or_an_object_by_kind() -> None:
    assert dump_counted({}) == {}
    assert dump_counted({"tokens": Decimal(5)}) == {"limit_tokens": 5, "limit_calls": None}
    assert dump_counted({"calls": Decimal(3)}) == {"limit_tokens": None, "limit_calls": 3}
    both = {"input_tokens": Decimal(1), "tokens": Decimal(5)}
    assert dump_counted(both)["limit_tokens"] == {"total": 5, "input": 1}
    most = 10**12
    assert load_counted({"limit_calls": most}) == {"calls": Decimal(most)}
    assert load_counted({"limit_calls": 0}) == {"calls": Decimal(0)}
    for wrong in ({"limit_calls": most + 1}, {"limit_calls": -1}, {"limit_calls": True}):
        with pytest.raises(ValueError, match=r"^not a limit$"):
            load_counted(wrong)
    with pytest.raises(ValueError, match=r"^not limits$"):
        load_counted({"limit_tokens": {"cached": 5}})


def test_the_moments_of_all_four_counts_are_read_and_no_others() -> None:
    names = ("tokens", "input_tokens", "output_tokens", "calls")
    since = dict.fromkeys(names, "2026-11-22T12:00:00Z")
    assert load_since({"counted_since": since}) == dict.fromkeys(names, NOON)
    assert load_since({}) == {}
    with pytest.raises(ValueError, match=r"^not limits$"):
        load_since({"counted_since": {"usd": "2026-11-22T12:00:00Z"}})
    with pytest.raises(ValidationError) as refused:
        load_since({"counted_since": {"calls": "x"}})
    assert refused.value.field == "at"


def test_a_budget_of_before_there_were_lives_has_none() -> None:
    budget = Budget("cap", "user", Decimal(10), scope_id="*")
    older = {name: one for name, one in budget.dump().items() if name != "life"}
    assert Budget.load("cap", "default", older).life == ""
    named = own_account(replace(budget, scope_id="*", life="l1"), "acme", "2026-11", "ana")
    assert named.scope_id == "cap#user#*#l1#ana"


@pytest.mark.parametrize(("wrap_up", "percent"), [(True, 100), (False, 90)])
def test_the_reserve_is_for_requests_that_wrap_up(
    wrap_up: bool,  # noqa: FBT001 - a column of the table
    percent: int,
) -> None:
    budget = Budget("cap", "user", Decimal(10), reserve_percent=10, downgrade=(Rung("small"),))
    gate = Gate(budget, own_account(budget, "acme", "2026-11")).asked_by("big", wrap_up=wrap_up)
    assert (gate.percent, gate.percent_wrapping_up) == (percent, 100)
