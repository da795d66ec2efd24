"""Rows of documents: versions follow each other, and stopped executions wait in a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.adapters.dynamodb.rows.documents import change_pks, document_key, document_pk
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.holds.reservations import Stopped
from budget_monitor.domain.transactions import Transaction
from tests.support.memory.fixture import MemoryCloud

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=5)
FLOW = DocumentKey("acme", "workflow", "w#1")
FIRST = DocumentChange(FLOW, 1, {"paused": True}, {"by": "maria"}, due=True)


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


def write(store: DynamoStore, change: DocumentChange) -> bool:
    return store.commit(Transaction(document_change=change))


def test_a_key_is_read_back_from_its_partition_key() -> None:
    assert document_pk(FLOW) == "acme#workflow#w%231"
    assert document_key(document_pk(FLOW)) == FLOW
    assert change_pks(FLOW, [2, 1]) == [
        "acme#change#workflow#w%231#2",
        "acme#change#workflow#w%231#1",
    ]


def test_version_2_is_written_once_and_only_after_version_1(store: DynamoStore) -> None:
    second = replace(FIRST, version=2, body={"paused": False}, due=False)
    assert not write(store, second)
    assert write(store, FIRST)
    assert not write(store, FIRST)
    assert store.due() == [FLOW]
    assert write(store, second)
    assert not write(store, second)
    assert store.documents([FLOW])[FLOW].body == {"paused": False}
    assert store.due() == []
    assert store.changes(FLOW, [2, 1, 3]) == [{"by": "maria"}, {"by": "maria"}]


def test_a_stopped_execution_leaves_its_list_unless_it_was_reported_again(
    store: DynamoStore,
) -> None:
    stopped = Stopped("arn:run", NOON)
    again = replace(stopped, stopped_at=LATER)
    assert store.commit(Transaction(stopped=stopped))
    assert store.stopped(NOON, 10) == [stopped]
    assert store.commit(Transaction(stopped=again))
    assert not store.commit(Transaction(stopped=replace(stopped, done=True)))
    assert store.stopped(NOON, 10) == []
    assert store.stopped(LATER, 10) == [again]
    assert store.commit(Transaction(stopped=replace(again, done=True)))
    assert store.stopped(LATER, 10) == []
