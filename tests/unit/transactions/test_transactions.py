"""Transactions: how many items they take, and what a posting adds to `committed`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import Move, tenant_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.alerts.alerts import BLOCKED, Alert
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.documents import DocumentChange, DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import (
    RELEASED,
    Extension,
    Hold,
    HoldEnd,
    Reservation,
    Stopped,
)
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LABELS, NOVEMBER = Labels(agent_execution_id="e1"), Booking("2026-11", "2026-11-22")
ENTRY = Entry("c1", "acme", COST, LABELS, Decimal(2), NOVEMBER, NOON, NOON, {})
HELD = Reservation(Hold("r1", "acme", LABELS, Decimal(1), NOVEMBER, NOON, ()), NOON)
RULES = DocumentKey("acme", "rules")
KEY = IdempotencyKey("acme", "k1", {})
REMINDER = Reminder("acme", "b1", NOON)
ALERT = Alert("acme", BLOCKED, ("1",), NOON, "tenant", "acme")


@pytest.mark.parametrize(
    ("facts", "items"),
    [
        ({}, 0),
        ({"entries": (ENTRY, ENTRY), "idempotency": KEY}, 3),
        ({"opens": HELD, "decision_id": KEY}, 2),
        ({"changes": HoldEnd(HELD, RELEASED, NOON), "reviews": ENTRY}, 2),
        ({"reminders": (REMINDER, REMINDER)}, 2),
        ({"document_change": DocumentChange(RULES, 1, {}, {})}, 2),
        ({"alerts": (ALERT,), "counts_on": {RULES: 1}, "stopped": Stopped("arn", NOON)}, 3),
    ],
)
def test_each_fact_takes_one_item_and_a_document_change_two(
    facts: dict[str, Any], items: int
) -> None:
    posting = {tenant_key("acme", "2026-11"): Posting()}
    assert Transaction(**facts).facts == Transaction(posting, **facts).facts == items


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({"opens": HELD, "entries": (ENTRY,)}, "r1"),
        ({"changes": HoldEnd(HELD, RELEASED, NOON)}, "r1"),
        ({"changes": Extension("acme", "r1", NOON, NOON + timedelta(1))}, ""),
        ({"entries": (ENTRY,)}, "c1"),
        ({"reviews": ENTRY}, "c1"),
        ({}, ""),
    ],
)
def test_the_name_is_the_id_of_the_hold_or_of_the_first_entry(
    facts: dict[str, Any], name: str
) -> None:
    assert Transaction(**facts).name == name


def test_a_posting_changes_committed_by_its_move_and_its_correction() -> None:
    move = Move(spent=Decimal(3), held=Decimal(-2))
    assert Posting(move).change == Decimal(1)
    assert Posting(move, correction=Decimal("0.5")).change == Decimal("1.5")


def test_an_announcing_posting_carries_the_policys_version_and_moves_nothing() -> None:
    assert Posting.announcing(7) == Posting(policy_version=7, announces=True)
    assert Posting.announcing(7).change == 0
