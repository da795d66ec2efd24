"""Writes of documents, reminders, reviews and draws: each on its condition, and who signed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.alerts.alerts import BLOCKED, Alert
from budget_monitor.domain.costs.ledger import CONFIRMED, QUARANTINED, Review
from budget_monitor.domain.documents import DocumentChange, DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import (
    RELEASED,
    Extension,
    HoldDraw,
    HoldEnd,
    LateSettlement,
    Stopped,
)
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.domain.units import Amounts
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY, HELD, LATER, NOW, RowStore, store, stored

__all__ = ["store"]

RULES = DocumentKey("acme", "rules")
FIRST = DocumentChange(RULES, 1, {"limit": "5"}, {"by": "ana"})
DRAWN = Amounts(Decimal("0.5"), 10, 4, 6, 1)
WAITING = replace(
    ENTRY, flags=(QUARANTINED,), booking=replace(ENTRY.booking, happened_on="2026-08-01")
)


def test_a_document_is_written_by_one_version_after_another(store: RowStore) -> None:
    assert store.post({}, document_change=FIRST)
    assert not store.post({}, document_change=FIRST)
    second = replace(FIRST, version=2, body={"limit": "6"})
    other = replace(FIRST, document=DocumentKey("acme", "notes"))
    assert store.post({}, document_change=second, further_changes=(other,))
    assert store.documents([RULES])[RULES].body == {"limit": "6"}
    assert store.documents([other.document])[other.document].version == 1


@pytest.mark.parametrize(("version", "written"), [(0, False), (1, True), (2, False)])
def test_a_transaction_that_counts_on_version_1_is_refused_at_any_other(
    store: RowStore, version: int, *, written: bool
) -> None:
    assert store.post({}, document_change=FIRST)
    assert store.post({}, entries=(ENTRY,), counts_on={RULES: version}) is written
    assert (store.entry("acme", "cost-1") is not None) is written


def test_a_stopped_execution_is_listed_until_its_second_pass(store: RowStore) -> None:
    stopped = Stopped("arn:run", NOW)
    assert store.post({}, stopped=stopped)
    assert store.stopped(LATER, 9) == [stopped]
    assert not store.post({}, stopped=replace(stopped, stopped_at=LATER, done=True))
    assert store.post({}, stopped=replace(stopped, done=True))
    assert store.stopped(LATER, 9) == []


def test_a_reminder_is_listed_until_it_is_done(store: RowStore) -> None:
    reminder = Reminder("acme", "cap", NOW)
    other = Reminder("acme", "other", NOW)
    assert store.post({}, reminders=(reminder, other))
    assert {one.budget_id for one in store.reminders(LATER)} == {"cap", "other"}
    assert store.post({}, reminders=(replace(reminder, done=True),))
    assert [one.budget_id for one in store.reminders(LATER)] == ["other"]


def test_an_id_of_a_persons_change_is_kept_beside_the_documents(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    name = IdempotencyKey("acme", "key-1", {"operation": "raise"}, of_people=True)
    before = len(stored(memory_cloud, "BudgetsTable"))
    assert store.post({}, decision_id=name)
    assert not store.post({}, decision_id=name)
    assert len(stored(memory_cloud, "BudgetsTable")) == before + 1


def test_an_alert_is_stored_once(store: RowStore) -> None:
    alert = Alert("acme", BLOCKED, ("1",), NOW, "tenant", "acme")
    assert store.post({}, alerts=(alert,))
    assert not store.post({}, alerts=(alert,))


@pytest.mark.parametrize("happened_on", [None, "2026-08-02"])
def test_a_quarantined_cost_is_reviewed_once(
    store: RowStore, memory_cloud: MemoryCloud, happened_on: str | None
) -> None:
    review = Review(CONFIRMED, "ana", "true", LATER)
    booking = replace(ENTRY.booking, happened_on=happened_on)
    decided = replace(WAITING, review=review, flags=("unreserved",), booking=booking)
    assert not store.post({}, reviews=decided)
    assert store.post({}, entries=(WAITING,))
    assert store.post({}, reviews=decided)
    assert store.entry("acme", "cost-1") == decided
    (row,) = stored(memory_cloud, "LedgerTable")
    assert row.get("happened_on") == happened_on
    again = replace(decided, review=replace(review, by="bo"))
    assert not store.post({}, reviews=again)
    assert store.entry("acme", "cost-1") == decided


def test_a_hold_is_drawn_from_as_it_is_known_and_keeps_the_last_signer(store: RowStore) -> None:
    assert store.post({}, opens=HELD)
    first = HoldDraw(HELD, DRAWN, "role/a")
    assert store.post({}, changes=first)
    assert not store.post({}, changes=first)
    found = store.reservation("acme", "r1")
    assert found == first.result
    assert found.changed_by == "role/a"
    second = HoldDraw(first.result, DRAWN)
    assert store.post({}, changes=second)
    assert not store.post({}, changes=HoldEnd(first.result, RELEASED, NOW))
    assert store.post({}, changes=HoldEnd(second.result, RELEASED, NOW, principal="role/b"))
    ended = store.reservation("acme", "r1")
    assert ended is not None
    assert (ended.drawn.draws, ended.changed_by) == (2, "role/b")


@pytest.mark.parametrize("signer", ["role/a", None])
def test_an_extension_and_a_late_settlement_keep_their_signer(
    store: RowStore, memory_cloud: MemoryCloud, signer: str | None
) -> None:
    def signed() -> Any:
        (row,) = stored(memory_cloud, "ReservationsTable")
        return row.get("changed_by")

    assert store.post({}, opens=HELD)
    until = HELD.expires_at + timedelta(minutes=1)
    assert store.post({}, changes=Extension("acme", "r1", NOW, until, signer))
    assert signed() == signer
    ended = HoldEnd(replace(HELD, expires_at=until), RELEASED, NOW)
    assert store.post({}, changes=ended)
    late = LateSettlement(ended.result, "cost-1", signer and "role/b")
    assert store.post({}, changes=late)
    assert signed() == (signer and "role/b")
