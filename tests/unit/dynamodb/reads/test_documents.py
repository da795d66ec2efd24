"""Lists of documents: in pages, by what is due, and reminders of the last three hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.documents import DocumentChange, DocumentKey, Place, Reminder
from budget_monitor.domain.transactions import Transaction
from tests.support.memory.fixture import MemoryCloud

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


def test_three_documents_of_a_list_are_two_pages_the_last_position_first(
    store: DynamoStore,
) -> None:
    for number in range(3):
        key, place = DocumentKey("acme", "request", f"r{number}"), Place("pending", f"{number}")
        change = DocumentChange(key, 1, {"amount": "1"}, {"by": "maria"}, place=place)
        assert store.commit(Transaction(document_change=change))
    first = store.document_page("pending", 2, None)
    rest = store.document_page("pending", 2, first.resume_at)
    assert (first.entry_ids, rest.entry_ids) == (["r2", "r1"], ["r0"])
    assert rest.resume_at is None


def test_reminders_are_found_when_due_and_for_two_hours_more(store: DynamoStore) -> None:
    reminder = Reminder("acme", "b1", NOON)
    assert store.commit(Transaction(reminders=(reminder,)))
    assert store.reminders(NOON - timedelta(minutes=1)) == []
    assert store.reminders(NOON) == [reminder]
    assert store.reminders(NOON + 2 * HOUR) == [reminder]
    assert store.reminders(NOON + 3 * HOUR) == []
    assert store.commit(Transaction(reminders=(replace(reminder, done=True),)))
    assert store.reminders(NOON) == []


def test_a_document_that_a_schedule_ends_is_found_from_the_hour_of_its_end(
    store: DynamoStore,
) -> None:
    key = DocumentKey("acme", "request", "r1")
    change = DocumentChange(key, 1, {"amount": "1"}, {"by": "maria"}, ends_at=NOON)
    assert store.commit(Transaction(document_change=change))
    assert store.ending(NOON - HOUR) == []
    assert store.ending(NOON) == [key]
    assert store.recent_documents([key]).documents[key].body == {"amount": "1"}
