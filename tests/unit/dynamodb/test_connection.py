"""Reads of several rows: one transaction for up to 100 of them, batch reads beyond that."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from budget_monitor.adapters.dynamodb.connection import MAX_ITEMS
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import execution_key
from tests.support.dynamodb.faults import cancelled, faults
from tests.support.memory.fixture import MemoryCloud

TOGETHER, BATCH = "TransactGetItems", "BatchGetItem"


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


@pytest.mark.parametrize(
    ("count", "requests"),
    [(0, []), (1, [TOGETHER]), (MAX_ITEMS, [TOGETHER]), (MAX_ITEMS + 1, [BATCH, BATCH])],
)
def test_100_rows_are_one_transaction_and_101_are_two_batches(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch, count: int, requests: list[str]
) -> None:
    log = faults(monkeypatch, TOGETHER, [])
    keys = [execution_key("acme", f"e{n}") for n in range(count)]
    found = store.snapshot(keys).accounts
    assert list(found) == keys
    assert not any(account.seen for account in found.values())
    assert log == requests


def test_a_conflict_with_a_writer_falls_back_to_a_batch_read(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = faults(monkeypatch, TOGETHER, [cancelled("TransactionConflict")])
    store.snapshot([execution_key("acme", "e1")])
    assert log == [TOGETHER, BATCH]


def test_a_table_has_its_indexes_also_if_a_key_is_looked_up_first(store: DynamoStore) -> None:
    assert store.operation("acme", "key-1") is None
    assert not store.overdue(datetime(2030, 1, 1, tzinfo=UTC), 10)
