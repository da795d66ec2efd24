"""A batch is written in as few transactions as its costs fit into."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud

WRITE, MAX_ITEMS = "TransactWriteItems", 100

pytestmark = pytest.mark.doors("direct")


def writes_of(tenant: Tenant, count: int, runs: int) -> list[int]:
    """Record a batch of 0.5 USD each; return how many items each of its transactions had."""
    costs = [
        {"agent_execution_id": f"run-{n % runs}", "agent": "writer", "cost_usd": "0.5"}
        for n in range(count)
    ]
    with recorded_calls() as calls:
        results = tenant.call("record_costs", costs=costs).body["results"]
    assert all("entry" in one for one in results)
    return [len(call.request["TransactItems"]) for call in calls if call.operation == WRITE]


def test_80_costs_of_one_run_are_one_transaction_and_each_account_moves_once(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    (items,) = writes_of(tenant, 80, 1)
    assert 80 < items <= MAX_ITEMS
    assert tenant.usage()["spent_usd"] == "40"


def test_90_costs_of_90_runs_are_two_transactions_of_at_most_100_items(tenant: Tenant) -> None:
    sizes = writes_of(tenant, 90, 90)
    assert len(sizes) == 2
    assert max(sizes) <= MAX_ITEMS
    assert tenant.usage()["spent_usd"] == "45"
