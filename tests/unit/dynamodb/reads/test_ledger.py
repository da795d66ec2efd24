"""Lists of ledger entries: by day, by run and by booked month, in pages and within spans."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.costs.ledger import booking_position
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Span
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY, NOW, RUN

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


def test_the_entries_of_a_month_are_in_the_order_in_which_they_were_recorded(
    store: DynamoStore,
) -> None:
    for number in range(3):
        entry = replace(
            ENTRY,
            entry_id=f"c{number}",
            occurred_at=NOW - timedelta(minutes=number),
            recorded_at=NOW + timedelta(minutes=number),
            moved=(RUN,),
        )
        assert store.commit(Transaction(entries=(entry,)))
    month = ENTRY.booking.month

    first = store.entries_of_month("acme", month, Span(), 2)
    assert ([name for _, name in first.items], first.more) == (["c0", "c1"], True)
    rest = store.entries_of_month("acme", month, Span(after=first.items[-1][0]), 2)
    assert ([name for _, name in rest.items], rest.more) == (["c2"], False)
    minute = booking_position(NOW + timedelta(minutes=1))
    since = store.entries_of_month("acme", month, Span(start=minute), 9)
    assert [name for _, name in since.items] == ["c1", "c2"]
    until = store.entries_of_month("acme", month, Span(end=minute), 9)
    assert [name for _, name in until.items] == ["c0"]
    assert store.entries_of_month("acme", "2026-01", Span(), 9).items == []
