"""Ledger entries: what they cost and consumed, what they move, and the review of a quarantine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey, Move
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.erasure import (
    document_without_people,
    entry_without_people,
    names_people,
)
from budget_monitor.domain.costs.ledger import (
    ADJUSTMENT,
    CONFIRMED,
    COST,
    QUARANTINED,
    Entry,
    Review,
    booking_position,
)
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.units import Amounts

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
REVIEW = Review(CONFIRMED, "ana", "true", LATER, "role/a")
ENTRY = Entry(
    "c1",
    "acme",
    COST,
    Labels(agent_execution_id="e1"),
    Decimal(2),
    Booking("2026-11", "2026-11-22"),
    NOON,
    NOON,
    {},
    tokens=30,
    input_tokens=10,
    output_tokens=20,
)


@pytest.mark.parametrize(
    ("changes", "calls"),
    [
        ({}, 1),
        ({"usage": {"calls": 4}}, 4),
        ({"usage": {"input_tokens": 10}}, 1),
        ({"kind": ADJUSTMENT, "usage": {"calls": 4}}, 0),
    ],
)
def test_a_cost_is_one_call_unless_its_usage_says_how_many(
    changes: dict[str, Any], calls: int
) -> None:
    entry = replace(ENTRY, **changes)
    assert entry.amounts == entry.counted == Amounts(Decimal(2), 30, 10, 20, calls)
    assert entry.move_in("calls").spent == calls
    assert entry.move_in("output_tokens").spent == 20


def test_a_quarantined_entry_counts_nowhere() -> None:
    entry = replace(ENTRY, flags=("late", QUARANTINED))
    assert (ENTRY.quarantined, entry.quarantined) == (False, True)
    assert entry.counted == Amounts()
    assert entry.amounts.usd == Decimal(2)


def test_a_workflows_own_cost_is_counted_as_such() -> None:
    own = replace(ENTRY, labels=Labels(workflow_execution_id="w1"))
    counts = {"entries": 1, "tokens": 30, "input_tokens": 10, "output_tokens": 20}
    assert own.move == Move(Decimal(2), workflow_spent=Decimal(2), **counts)  # type: ignore[arg-type]
    assert ENTRY.move == Move(Decimal(2), **counts)  # type: ignore[arg-type]


def test_a_confirmed_cost_is_booked_when_it_was_reviewed() -> None:
    assert ENTRY.booking_position == "2026-11-22T12:00:00.000000Z#c1"
    assert replace(ENTRY, review=REVIEW).booking_position == "2026-11-22T13:00:00.000000Z#c1"
    assert booking_position(NOON) == "2026-11-22T12:00:00.000000Z#"


def test_a_review_is_kept_as_it_was_made() -> None:
    dumped = {
        "state": "confirmed",
        "by": "ana",
        "reason": "true",
        "at": "2026-11-22T13:00:00Z",
        "principal": "role/a",
    }
    assert REVIEW.dump() == dumped
    assert Review.load(dumped) == REVIEW
    older = {name: one for name, one in dumped.items() if name != "principal"}
    assert Review.load(older).principal is None
    with pytest.raises(ValidationError) as refused:
        Review.load({**dumped, "at": "noon"})
    assert refused.value.field == "at"


def test_an_erased_entry_keeps_the_state_of_its_review_and_no_signer() -> None:
    left = entry_without_people(replace(ENTRY, review=REVIEW, principal="role/a"))
    assert left.review == Review(CONFIRMED, "erased", "erased", LATER, None)
    assert left.principal is None


@pytest.mark.parametrize(
    ("account", "people"),
    [
        (AccountKey("acme", "user", "ann", "2026-11"), True),
        (AccountKey("acme", "tag", "blue", "2026-11"), True),
        (AccountKey("acme", "agent", "user", "2026-11"), False),
        (AccountKey("acme", "labelled", "x#user#y", "2026-11"), False),
        (AccountKey("acme", "budget", "user#model#x", "2026-11"), False),
    ],
)
def test_accounts_of_users_and_tags_and_of_their_budgets_name_people(
    account: AccountKey, *, people: bool
) -> None:
    assert names_people(account) is people


def test_tags_owners_messages_and_users_of_a_document_are_erased() -> None:
    document = {
        "tags": ["blue"],
        "owners": ["arn"],
        "message": "hi",
        "user": "ann",
        "tagged": ["blue"],
        "scope": "user",
        "by": 7,
        "more": [["ann"]],
    }
    assert document_without_people(document) == {
        "tags": [],
        "owners": [],
        "message": "erased",
        "user": "erased",
        "tagged": ["blue"],
        "scope": "user",
        "by": 7,
        "more": [["ann"]],
    }
    assert document_without_people({"tags": {"by": "ann"}}) == {"tags": {"by": "erased"}}
