"""Holds that are drawn from, estimated, or settled at their estimate, and who changed them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import execution_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.draws import Drawn
from budget_monitor.domain.holds.reservations import (
    RELEASED,
    SETTLE_AT_ESTIMATE,
    Hold,
    HoldDraw,
    HoldEnd,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.units import Amounts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ESTIMATE = Amounts(Decimal("1.5"), 30, 10, 20, 2)
HOLD = Hold(
    "r1",
    "acme",
    Labels(agent_execution_id="e1"),
    Decimal("1.5"),
    Booking("2026-11", "2026-11-22"),
    NOON,
    (execution_key("acme", "e1"),),
)
HELD = Reservation(HOLD, NOON + timedelta(minutes=15))
DRAWN = Amounts(Decimal("0.5"), 10, 4, 6, 1)


def test_a_hold_without_an_estimate_keeps_its_usd_and_one_call_of_one_token() -> None:
    assert HOLD.amounts == Amounts(Decimal("1.5"), 1, 1, 1, 1)
    assert replace(HOLD, estimate=ESTIMATE).amounts == ESTIMATE


def test_estimate_expiry_and_signer_are_facts_and_read_back() -> None:
    hold = replace(
        HOLD,
        quote={"source": "list"},
        estimate=ESTIMATE,
        on_expiry=SETTLE_AT_ESTIMATE,
        principal="role/agents",
    )
    facts = json.loads(hold.facts)
    assert facts["estimate"] == {"tokens": 30, "input_tokens": 10, "output_tokens": 20, "calls": 2}
    assert (facts["on_expiry"], facts["quote"]) == ("settle_at_estimate", {"source": "list"})
    read = Hold.read("acme", "r1", hold.facts)
    assert (read, read.estimate, read.on_expiry) == (hold, ESTIMATE, SETTLE_AT_ESTIMATE)
    assert (read.principal, read.quote) == ("role/agents", {"source": "list"})
    assert "on_expiry" not in HOLD.facts
    assert Hold.read("acme", "r1", HOLD.facts).on_expiry == "return"


def test_the_position_in_lists_is_when_a_hold_was_made_then_its_id() -> None:
    assert HOLD.position == "2026-11-22T12:00:00.000000Z#r1"


@pytest.mark.parametrize(
    ("on_expiry", "after", "state"),
    [
        ("return", 14, "open"),
        ("return", 15, "expired"),
        ("settle_at_estimate", 14, "open"),
        ("settle_at_estimate", 15, "settled"),
    ],
)
def test_expiry_after_15_minutes_returns_a_hold_or_settles_it(
    on_expiry: str, after: int, state: str
) -> None:
    held = replace(HELD, hold=replace(HOLD, on_expiry=on_expiry))
    now = NOON + timedelta(minutes=after)
    assert held.state_at(now) == state
    assert held.is_overdue(now) is (after == 15)
    assert held.is_itself_due(now) is (state == "settled")
    assert replace(held, state=RELEASED).state_at(now) == RELEASED


def test_two_draws_are_added_up_and_the_rest_is_left() -> None:
    held = replace(HELD, hold=replace(HOLD, estimate=ESTIMATE))
    once = HoldDraw(held, DRAWN).result
    assert once.drawn == Drawn(1, DRAWN)
    assert once.left == Amounts(Decimal(1), 20, 6, 14, 1)
    twice = HoldDraw(once, replace(DRAWN, usd=Decimal(3)))
    assert twice.returned == Amounts(Decimal(1), 10, 4, 6, 1), "at most what is left"
    assert twice.result.drawn.draws == 2
    assert twice.result.left == Amounts(Decimal(0), 10, 2, 8, 0)
    assert HoldEnd(twice.result, RELEASED, NOON).returned == twice.result.left


def test_a_receipt_carries_its_draws_and_is_read_back() -> None:
    drawn = HoldDraw(HELD, DRAWN).result
    assert drawn.receipt == f"2026-11-22T12:15:00.000000Z 1/0.5/10/4/6/1 {HOLD.facts}"
    read = Reservation.read("acme", "r1", drawn.receipt)
    assert (read, read.drawn) == (drawn, Drawn(1, DRAWN))
    assert Reservation.read("acme", "r1", HELD.receipt).drawn == Drawn()
    spaced = Labels(agent_execution_id="e1", agent="night crawler")
    named = replace(drawn, hold=replace(HOLD, labels=spaced))
    assert Reservation.read("acme", "r1", named.receipt) == named


@pytest.mark.parametrize(("signer", "kept"), [("role/b", "role/b"), (None, "role/a")])
def test_each_change_keeps_its_signer_or_the_one_before(signer: str | None, kept: str) -> None:
    before = replace(HELD, changed_by="role/a")
    assert HoldDraw(before, DRAWN, signer).result.changed_by == kept
    assert HoldEnd(before, RELEASED, NOON, principal=signer).result.changed_by == kept
    assert LateSettlement(before, "c1", signer).result.changed_by == kept
