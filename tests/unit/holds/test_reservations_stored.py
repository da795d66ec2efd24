"""Holds and entries: what is kept of them letter by letter, and whose accounts a hold may name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey, Move, execution_key, system_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import ADJUSTMENT, COST, Entry
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    MAX_HELD_ACCOUNTS,
    RELEASED,
    SETTLED,
    Hold,
    HoldEnd,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.transactions import Transaction

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOVEMBER = Booking("2026-11", "2026-11-22")
RUN, SYSTEM = execution_key("acme", "e1"), system_key("2026-11")


def a_hold(*accounts: AccountKey) -> Hold:
    labels = Labels(agent_execution_id="e1")
    return Hold("r1", "acme", labels, Decimal("1.5"), NOVEMBER, NOW, accounts or (RUN, SYSTEM))


def test_a_holds_facts_are_one_text_letter_by_letter() -> None:
    facts = (
        '{"labels":{"agent_execution_id":"e1"},"amount":"1.5","month":"2026-11",'
        '"day":"2026-11-22","created_at":"2026-11-22T10:00:00.000000Z",'
        '"accounts":["acme#execution#e1#run","*#system#system#2026-11"]}'
    )
    assert a_hold().facts == facts
    assert Hold.read("acme", "r1", facts) == a_hold()
    receipt = "2026-11-22T10:15:00.000000Z " + facts
    assert Reservation(a_hold(), NOW + timedelta(minutes=15)).receipt == receipt


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "5", '"\\ud800"', "\ud800"])
def test_a_text_without_facts_is_no_hold(text: str) -> None:
    with pytest.raises(ValueError, match=r"^not the facts of a hold$"):
        Hold.read("acme", "r1", text)


@pytest.mark.parametrize(
    ("fact", "other", "field"),
    [
        ('"1.5"', '"1.5 USD"', "amount"),
        ('"2026-11"', '"2026-13"', "month"),
        ('"2026-11-22"', '"2026-13-22"', "day"),
        ('"2026-11-22T10:00:00.000000Z"', '"at ten"', "created_at"),
    ],
)
def test_a_refused_receipt_names_the_wrong_fact(fact: str, other: str, field: str) -> None:
    with pytest.raises(ValueError, match="not the facts") as refused:
        Hold.read("acme", "r1", a_hold().facts.replace(fact, other))
    cause = refused.value.__cause__
    assert isinstance(cause, ValidationError)
    assert cause.field == field


def test_a_receipt_without_an_expiry_is_refused_as_the_receipt() -> None:
    with pytest.raises(ValueError, match="not a receipt") as refused:
        Reservation.read("acme", "r1", f"soon {a_hold().facts}")
    assert isinstance(refused.value.__cause__, ValidationError)
    assert refused.value.__cause__.field == "receipt"


def test_facts_in_another_spelling_are_no_holds() -> None:
    with pytest.raises(ValueError, match=r"^not the facts of a hold$"):
        Hold.read("acme", "r1", a_hold().facts.replace(":", ": ", 1))
    with pytest.raises(ValueError, match=r"^not a receipt$"):
        Reservation.read("acme", "r1", f"soon {a_hold().facts}")


@pytest.mark.parametrize(
    ("account", "own"),
    [
        (RUN, True),
        (SYSTEM, True),
        (execution_key("globex", "e1"), False),
        (AccountKey("*", "system", "globex", "2026-11"), False),
        (AccountKey("*", "tenant", "system", "2026-11"), False),
        (AccountKey("*", "tenant", "tenant", "2026-11"), False),
        (AccountKey("acme", "tenant", "acme", "2026-11"), True),
    ],
)
def test_a_hold_names_its_own_tenants_accounts_and_the_systems_alone(
    account: AccountKey, *, own: bool
) -> None:
    assert a_hold(RUN, account).is_own is own


def test_a_hold_names_no_more_accounts_than_a_hold_has() -> None:
    runs = [execution_key("acme", f"e{number}") for number in range(MAX_HELD_ACCOUNTS + 1)]
    assert a_hold(*runs[:-1]).is_own
    assert not a_hold(*runs).is_own


def test_a_closed_hold_keeps_how_when_and_by_which_entry_it_ended() -> None:
    held = Reservation(a_hold(), NOW + timedelta(minutes=15), {"amount_usd": "1.5"})
    ended = HoldEnd(held, SETTLED, NOW, "cost-1").result
    assert ended == Reservation(
        held.hold, held.expires_at, {"amount_usd": "1.5"}, SETTLED, NOW, "cost-1"
    )
    assert ended.state_at(held.expires_at) == SETTLED


def test_a_late_settlement_adds_its_entry_and_leaves_the_end_as_it_was() -> None:
    released = Reservation(a_hold(), NOW, {}, RELEASED, NOW)
    assert LateSettlement(released, "cost-1").result == replace(released, entry_id="cost-1")


def test_a_hold_is_open_until_the_moment_at_which_its_time_runs_out() -> None:
    held = Reservation(a_hold(), NOW)
    assert held.state_at(NOW - timedelta(microseconds=1)) == "open"
    assert held.state_at(NOW) == EXPIRED


def an_entry(kind: str = COST, agent: str | None = "e1") -> Entry:
    labels = Labels(agent_execution_id=agent, workflow_execution_id="w1")
    later = NOW + timedelta(seconds=1)
    return Entry(
        "cost-1",
        "acme",
        kind,
        labels,
        Decimal(2),
        NOVEMBER,
        NOW,
        later,
        {},
        tokens=12,
        input_tokens=7,
        output_tokens=5,
    )


def test_an_entry_stands_by_when_it_happened_then_by_when_it_was_recorded() -> None:
    assert an_entry().position == ("2026-11-22T10:00:00.000000Z#2026-11-22T10:00:01.000000Z#cost-1")


def test_an_agents_cost_is_no_workflows_own_and_an_adjustment_no_further_entry() -> None:
    two, none = Decimal(2), Decimal(0)
    assert an_entry().move == Move(two, none, none, 0, 1, 12, 7, 5)
    assert an_entry(agent=None).move == Move(two, none, two, 0, 1, 12, 7, 5)
    assert an_entry(kind=ADJUSTMENT).move == Move(two, none, none, 0, 0, 12, 7, 5)
    said = replace(an_entry(), usage={"input_tokens": 1, "output_tokens": 2})
    assert said.move == an_entry().move, "what was counted moves, not what was said"


def test_an_operation_is_named_by_its_reservation_or_by_its_first_entry() -> None:
    held = Reservation(a_hold(), NOW)
    assert Transaction(opens=held, entries=(an_entry(),)).name == "r1"
    assert Transaction(changes=HoldEnd(held, SETTLED, NOW), entries=(an_entry(),)).name == "r1"
    late = Transaction(changes=LateSettlement(held, "cost-1"), entries=(an_entry(),))
    assert late.name == "cost-1"
    assert Transaction().name == ""
