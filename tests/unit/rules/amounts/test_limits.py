"""Budgets with limits in tokens and calls, as they are kept and as older rows are read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.holds.reservations import Hold
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.limits import dump_counted, load_counted
from budget_monitor.domain.rules.wind_down import Rung, share
from budget_monitor.domain.units import COUNTED, UNITS, share_of, whole_of

COUNTS = st.dictionaries(st.sampled_from(COUNTED), st.integers(0, 10**12).map(Decimal))
TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@given(COUNTS)
def test_limits_are_read_as_they_were_kept(counted: dict[str, Decimal]) -> None:
    assert load_counted(dump_counted(counted)) == counted


@given(TEXTS, TEXTS, TEXTS, st.integers(0, 32), st.sampled_from(UNITS))
def test_an_account_of_any_unit_has_a_key_of_its_own(
    tenant: str, name: str, period: str, stripe: int, unit: str
) -> None:
    key = AccountKey(tenant, "budget", name, period, stripe, unit)
    assert AccountKey.parse(str(key)) == key


@given(st.integers(0, 10**12), st.integers(1, 100), st.sampled_from(UNITS))
def test_a_part_of_a_limit_is_rounded_down_and_its_whole_is_enough(
    amount: int, percent: int, unit: str
) -> None:
    part = share_of(unit, Decimal(amount), percent)
    assert part * 100 <= amount * percent
    assert share_of(unit, whole_of(unit, part, percent), percent) >= part


def test_a_budget_with_all_that_is_new_is_kept_as_it_was_set() -> None:
    budget = Budget(
        "cap",
        "user",
        None,
        scope_id="ana",
        created_at=NOON,
        source="tenant",
        counted={"tokens": Decimal(10), "calls": Decimal(3)},
        counted_since={"tokens": NOON, "calls": NOON},
        reserve_percent=5,
        downgrade=(Rung("small", None, 80), Rung("tiny")),
    )
    assert Budget.load("cap", "tenant", budget.dump()) == budget
    assert [view.unit for view in budget.by_unit] == ["tokens", "calls"]


@pytest.mark.parametrize(
    ("model", "wrap_up", "percent"),
    [
        ("big", False, 80),
        ("big", True, 80),
        ("small", False, 90),
        ("SMALL", True, 95),
        ("tiny", False, 90),
        ("tiny", True, 100),
        (None, False, 80),
    ],
)
def test_the_share_of_a_limit_by_model_and_wrapping_up(
    model: str | None, percent: int, *, wrap_up: bool
) -> None:
    ladder = (Rung("small", None, 80), Rung("tiny", None, 95))
    assert share(ladder, 10, model, wrap_up=wrap_up) == percent


def test_a_hold_of_before_there_were_estimates_is_read_as_ever() -> None:
    text = (
        '{"labels":{"agent_execution_id":"r"},"amount":"1","month":"2026-11","day":"2026-11-22",'
        '"created_at":"2026-11-22T12:00:00.000000Z","accounts":["acme#execution#r#run"]}'
    )
    hold = Hold.read("acme", "h", text)
    assert hold.estimate is None
    assert {unit: int(hold.amounts.of(unit)) for unit in UNITS} == dict.fromkeys(UNITS, 1)
