"""Lists from indexes: pages in order, bounds of a span, and rows that are damaged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Span
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY, HELD, NOW, RUN

DAY = "2026-11-22"


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


def book(store: DynamoStore, count: int) -> None:
    for number in range(count):
        at = NOW + timedelta(minutes=number)
        entry = replace(ENTRY, entry_id=f"c{number}", occurred_at=at, moved=(RUN,))
        assert store.commit(Transaction(entries=(entry,)))


def test_three_entries_of_a_day_are_two_pages_oldest_first(store: DynamoStore) -> None:
    book(store, 3)
    first = store.entries_of_day("acme", DAY, Span(), 2)
    rest = store.entries_of_day("acme", DAY, Span(after=first.resume_at), 2)
    assert (first.entry_ids, rest.entry_ids) == (["c0", "c1"], ["c2"])
    assert rest.resume_at is None


def test_a_span_includes_its_start_and_excludes_its_end(store: DynamoStore) -> None:
    book(store, 3)
    span = Span(sortable(NOW + timedelta(minutes=1)), sortable(NOW + timedelta(minutes=2)))
    assert store.entries_of_day("acme", DAY, span, 10).entry_ids == ["c1"]
    assert store.entries_of_run(RUN, 10, None).entry_ids == ["c0", "c1", "c2"]


def test_a_damaged_reservation_is_skipped_in_a_list(
    store: DynamoStore, memory_cloud: MemoryCloud
) -> None:
    damaged = replace(HELD, hold=replace(HELD.hold, reservation_id="r2"))
    for one in (HELD, damaged):
        assert store.commit(Transaction(opens=one))
    memory_cloud.database.execute(
        "UpdateItem",
        {
            "TableName": memory_cloud.tables["ReservationsTable"],
            "Key": {"pk": {"S": "acme#reservation#r2"}},
            "UpdateExpression": "SET facts = :f",
            "ExpressionAttributeValues": {":f": {"S": "{}"}},
        },
    )
    names = [("acme", "r1"), ("acme", "r2"), ("acme", "r3")]
    assert [one.hold.reservation_id for one in store.reservations(names)] == ["r1"]


def test_overdue_reservations_of_one_tenant_are_found_past_those_of_others(
    store: DynamoStore,
) -> None:
    for tenant in ("acme", "globex"):
        held = replace(HELD, hold=replace(HELD.hold, tenant_id=tenant, amount=Decimal(1)))
        assert store.commit(Transaction(opens=held))
    before, after = HELD.expires_at - timedelta(seconds=1), datetime(2027, 1, 1, tzinfo=UTC)
    assert store.overdue(before, 10) == []
    assert store.overdue(after, 10, "acme") == [("acme", "r1")]
    assert sorted(store.overdue(after, 10)) == [("acme", "r1"), ("globex", "r1")]
    assert len(store.overdue(after, 1)) == 1
