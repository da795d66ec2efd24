"""Lists from indexes: pages in order, bounds of a span, and rows that are damaged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.transactions import Transaction
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import HELD


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


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
