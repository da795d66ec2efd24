"""However many transactions a request makes, its caller waits 250 ms for the cache in all."""

from __future__ import annotations

import pytest

from functions.tracking import app as tracking
from tests.support.builders import Tenant
from tests.support.cache import faulty_valkey as liars
from tests.support.cache.caching import MARIA, RUN
from tests.support.cache.faulty_valkey import LATE, FaultyValkey
from tests.support.cache.stopwatch import Stopwatch
from tests.support.memory.fixture import MemoryCloud

MOST, COSTS = 0.25, 40


def test_all_costs_of_a_reprice_share_the_time_that_its_caller_waits_for_the_cache(
    cached: Tenant, liar: FaultyValkey, stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    price = {"model": "m1", "from": "2020-01-01T00:00:00Z", **MARIA}
    cost = {**RUN, "model": "m1", "usage": {"input_tokens": 1000}}
    span = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", **MARIA}
    cached.call("set_price", input_usd_per_million="1", **price).body  # noqa: B018 - must not fail
    cached.call("record_costs", costs=[cost] * COSTS).body  # noqa: B018 - the same
    cached.call("set_price", input_usd_per_million="2", **price).body  # noqa: B018 - the same
    monkeypatch.setattr(liars, "LATE_SECONDS", 0.01)
    liar.mode = LATE
    stopwatch.lap()

    made = cached.call("reprice", dry_run=False, limit=COSTS, **span).body

    assert stopwatch.lap() <= MOST
    assert len(made["items"]) == COSTS


@pytest.mark.usefixtures("waits")
def test_all_accounts_of_a_rebuild_share_it_too(
    cached: Tenant, memory_cloud: MemoryCloud, liar: FaultyValkey, stopwatch: Stopwatch
) -> None:
    for number in range(COSTS):
        cached.spend("0.01", agent_execution_id=f"run-{number}")
    memory_cloud.database.forbidden -= {"PutItem"}
    table = memory_cloud.tables["AccountsTable"]
    for row in memory_cloud.database.rows(table):
        if "#execution#" in row["pk"]["S"]:
            lost = {**row, "spent": {"N": "0"}, "committed": {"N": "0"}}
            memory_cloud.database.execute("PutItem", {"TableName": table, "Item": lost})
    liar.mode = LATE
    stopwatch.lap()

    found = tracking.lambda_handler(
        {"operation": "reconcile", "tenant_id": cached.id, "rebuild": True, **MARIA}, None
    )

    assert stopwatch.lap() <= MOST
    assert len(found["differences"]) == COSTS
