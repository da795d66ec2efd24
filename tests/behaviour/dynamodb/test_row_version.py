"""Rows of an earlier commit are read and replayed; rows of a later form are refused."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.stored_rows import REQUESTS, TENANT, WHEN, load
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.reconcile.reconciling import reconcile
from tests.support.rules.governing import budgets
from tests.support.times import at

MONEY = {"record_cost", "reserve", "settle", "adjust"}


@pytest.fixture
def upgraded(memory_cloud: MemoryCloud) -> Tenant:
    memory_cloud.database.forbidden -= {"PutItem"}
    load(memory_cloud)
    return Tenant(DirectDoor(), TENANT)


def test_every_request_that_the_earlier_commit_answered_is_replayed_and_moves_nothing(
    upgraded: Tenant, memory_cloud: MemoryCloud
) -> None:
    before = memory_cloud.rows()
    with at(WHEN):
        for operation, fields in REQUESTS:
            if operation not in MONEY or fields.get("reservation_id") == "hold-1":
                continue
            body = upgraded.call(operation, **fields).body
            assert (body.get("entry") or body)["replayed"] is True, operation
        settled = upgraded.call("settle", reservation_id="hold-1", cost_usd="1.5").body
        assert settled["entry"]["replayed"] is True
    assert memory_cloud.rows() == before


def test_work_goes_on_from_the_rows_of_the_earlier_commit(
    upgraded: Tenant, memory_cloud: MemoryCloud, waits: object
) -> None:
    with at(WHEN):
        assert upgraded.usage()["spent_usd"] == "2.500001"
        assert upgraded.usage()["held_usd"] == "3"
        assert upgraded.settle("hold-2", "2.5").body["reservation"]["state"] == "settled"
        assert budgets(upgraded)["writer-day"]["limit_usd"] == "55"
        assert upgraded.record("5", workflow_execution_id="flow-2").body["entry"]
        paused = upgraded.check("1", workflow_execution_id="flow-2", agent_execution_id="x").body
        assert paused["reason_code"] == "WORKFLOW_PAUSED"
        assert differences(memory_cloud.rows()) == []
        assert reconcile(tenant_id=TENANT)["differences"] == []


@pytest.mark.parametrize(
    ("table", "key", "operation", "fields"),
    [
        ("ReservationsTable", "hold-2", "get_reservation", {"reservation_id": "hold-2"}),
        ("LedgerTable", "cost-1", "ledger", {}),
        (
            "BudgetsTable",
            "#rules#",
            "reserve",
            {"agent_execution_id": "r", "estimated_cost_usd": "1"},
        ),
        ("AccountsTable", "#execution#run-1#run", "execution", {"agent_execution_id": "run-1"}),
    ],
)
def test_a_row_of_a_later_form_is_refused_as_damaged_and_not_misread(
    upgraded: Tenant,
    memory_cloud: MemoryCloud,
    table: str,
    key: str,
    operation: str,
    fields: dict[str, str],
) -> None:
    name = memory_cloud.tables[table]
    for row in memory_cloud.database.rows(name):
        if key in row["pk"]["S"]:
            later = {**row, "row_version": {"N": "2"}}
            memory_cloud.database.execute("PutItem", {"TableName": name, "Item": later})
    with at(WHEN):
        assert upgraded.call(operation, **fields).error == "UNAVAILABLE"
