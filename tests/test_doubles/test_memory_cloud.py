"""The product on the in-memory DynamoDB: through botocore and pynamodb, with every fault."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import boto3
import pytest
import time_machine
from botocore.exceptions import ClientError

from tests.support.builders import Tenant, gate
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.dynamodb.faults import answer_lost, faults
from tests.support.memory import MemoryDynamoDB, at_random, behind_at_random, scripted
from tests.support.memory.fixture import NOWHERE, MemoryCloud
from tests.support.memory.requests import plain
from tests.support.times import now

PATIENT = "time.sleep"


@pytest.fixture
def ours(memory_cloud: MemoryCloud) -> Tenant:
    """A tenant of the product in memory."""
    return Tenant(DirectDoor())


def a_life(tenant: Tenant) -> list[Any]:
    """Holds, costs, corrections and refusals; answers the numbers that were shown."""
    run = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
    kept, given_back = tenant.hold("2.50", **run), tenant.hold("1", **run)
    settled = tenant.settle(kept, "2.000001").body
    again = tenant.settle(kept, "2.000001").body
    tenant.release(given_back)
    late = tenant.settle(given_back, "0.5").body
    entry_id = tenant.spend("3", entry_id="cost-1", **run)
    tenant.adjust(entry_id, "-1")
    refused = tenant.reserve("7", **run).body
    entries = [(one["entry_id"], one.get("cost_usd")) for one in tenant.entries(limit=2)]
    return [
        gate(settled, "tenant-month")["spent_usd"],
        again["entry"]["replayed"],
        late["entry"]["flags"],
        (refused["allowed"], refused["reason"]),
        [name.startswith("settle:") for name, _ in entries],
        {name: tenant.usage()[name] for name in ("spent_usd", "held_usd", "entries")},
    ]


def books(rows: Any) -> Any:
    """What is stored, without ids made at random and without the stripes that they choose."""
    text = json.dumps(plain(rows), default=str, sort_keys=True)
    text = re.sub(r"[0-9a-f]{32}|tenant-[0-9a-f]{12}", "id", text)
    found = json.loads(re.sub(r"(#\d{4}-\d\d)#\d+", r"\1", text))
    totals: dict[str, Decimal] = defaultdict(Decimal)
    for row in found.pop("AccountsTable"):
        for name, value in row.items():
            totals[f"{row['pk']['S']} {name}"] += Decimal(value.get("N", 0))
    counted = {name: total for name, total in totals.items() if total}
    return counted, {name: sorted(map(repr, rows)) for name, rows in found.items()}


def test_one_life_leaves_the_same_books_in_memory_as_on_ministack(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(now(), tick=False):
        on_ministack = a_life(Tenant(DirectDoor())), books(cloud.rows())

        database = MemoryDynamoDB()
        monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
        database.install(monkeypatch, NOWHERE)
        memory = MemoryCloud(database, monkeypatch)
        in_memory = a_life(Tenant(DirectDoor())), books(memory.rows())

    assert in_memory == on_ministack
    assert in_memory[0][-1] == {"spent_usd": "4.500001", "held_usd": "0", "entries": 3}
    assert in_memory[0][3][0] is False
    assert database.calls["TransactWriteItems"] > 5


def test_a_cost_is_counted_once_though_its_answer_is_lost_twice(
    ours: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = faults(monkeypatch, "TransactWriteItems", [answer_lost, answer_lost])

    ours.spend("1.5")

    assert log.count("TransactWriteItems") == 3
    assert ours.usage()["spent_usd"] == "1.5"


def test_conflicts_are_tried_again_and_books_stay_exact(
    ours: Tenant, memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PATIENT, lambda _: None)
    memory_cloud.database.conflicts = at_random(seed=7, probability=0.4)

    for number in range(50):
        ours.spend("0.01", agent_execution_id=f"run-{number % 5}")

    memory_cloud.database.conflicts = scripted([])
    assert Decimal(ours.usage()["spent_usd"]) == Decimal("0.5")


def test_a_conflict_beside_a_failed_condition_is_no_answer_about_money(
    ours: Tenant, memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PATIENT, lambda _: None)
    memory_cloud.database.conflicts = scripted(["TransactionConflict"] * 3)

    assert ours.reserve("9.99", agent_execution_id="run-1").body["allowed"]
    assert not ours.reserve("0.02", agent_execution_id="run-1").body["allowed"]


def test_one_row_pages_and_stale_indexes_lose_no_money(
    ours: Tenant, memory_cloud: MemoryCloud
) -> None:
    memory_cloud.database.page_size = 1
    for number in range(7):
        ours.spend("0.1", agent_execution_id=f"run-{number}", agent="writer")

    assert len(ours.entries()) == 7
    memory_cloud.database.stale_indexes = behind_at_random(seed=3, most=4)
    assert ours.usage()["spent_usd"] == "0.7"
    assert len(ours.entries()) >= 3


def test_the_product_never_scans_and_writes_only_in_transactions(
    ours: Tenant, memory_cloud: MemoryCloud
) -> None:
    memory_cloud.database.forbidden |= {"PutItem", "UpdateItem", "DeleteItem"}

    with recorded_calls() as calls:
        a_life(ours)

    assert set(calls.operations) <= memory_cloud.database.calls.keys()
    assert {call.operation for call in calls if call.wrote} == {"TransactWriteItems"}


def test_sixty_four_threads_hold_exactly_what_fits(memory_cloud: MemoryCloud) -> None:
    def hold(number: int) -> object:
        tenant = Tenant(DirectDoor(), "shared")
        return tenant.reserve("0.5", agent_execution_id="run-1").body["allowed"]

    assert hold(0)  # imports and connections are made once
    with ThreadPoolExecutor(64) as pool:
        granted = sum(bool(one) for one in pool.map(hold, range(64)))

    assert granted == 19


def test_only_the_endpoint_that_was_named_is_answered(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = memory_cloud.database
    with database.installed("http://elsewhere.invalid"):
        client = boto3.client("dynamodb", endpoint_url="http://elsewhere.invalid")
        (table, *_) = memory_cloud.names()
        assert client.describe_table(TableName=table)["Table"]["TableStatus"] == "ACTIVE"
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            client.get_item(TableName="no-such-table", Key={"pk": {"S": "x"}})
