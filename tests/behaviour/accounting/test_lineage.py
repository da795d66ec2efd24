"""What a run is: its workflow and its ancestors, kept from its first use."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.builders import Tenant, gate
from tests.support.cloud import Cloud
from tests.support.histories.ledger_audit import differences
from tests.support.times import later

FLOW_AND_RUN = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}


def test_a_run_keeps_the_workflow_of_its_first_use(tenant: Tenant, cloud: Cloud) -> None:
    tenant.spend("1", **FLOW_AND_RUN)
    tenant.spend("2", agent_execution_id="run-1")
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "3"
    before = cloud.rows()

    answer = tenant.reserve("1", agent_execution_id="run-1", workflow_execution_id="flow-2")
    assert answer.error == "CONFLICT"
    assert answer.has_status(409)

    assert cloud.rows() == before


def test_a_standalone_run_cannot_join_a_workflow_later(tenant: Tenant, cloud: Cloud) -> None:
    tenant.spend("1", agent_execution_id="run-1")
    before = cloud.rows()

    assert tenant.reserve("1", **FLOW_AND_RUN).error == "CONFLICT"
    assert cloud.rows() == before


def test_the_cost_of_a_child_counts_in_each_of_its_ancestors(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="root")
    tenant.spend("2", agent_execution_id="child", parent_execution_id="root")
    body = tenant.record("4", agent_execution_id="leaf", parent_execution_id="child").body
    tenant.spend("8", agent_execution_id="leaf")

    assert gate(body, "execution", "root")["spent_usd"] == "7"
    spent = {
        name: tenant.call("execution", agent_execution_id=name).body["spent_usd"]
        for name in ("root", "child", "leaf")
    }
    assert spent == {"root": "15", "child": "14", "leaf": "12"}
    assert tenant.usage()["spent_usd"] == "15"
    assert tenant.call("execution", agent_execution_id="root").body["items"][0]["cost_usd"] == "1"
    assert len(tenant.call("execution", agent_execution_id="root").body["items"]) == 1


def test_the_hold_of_a_child_counts_in_each_of_its_ancestors(tenant: Tenant) -> None:
    tenant.spend("6", agent_execution_id="root")

    child = {"agent_execution_id": "child", "parent_execution_id": "root"}
    assert tenant.check("4.01", **child).body["reason_code"] == "EXECUTION_EXCEEDED"
    assert tenant.reserve("4.01", **child).body["reason_code"] == "EXECUTION_EXCEEDED"
    reservation_id = tenant.hold("4", **child)
    assert tenant.check("0.01", agent_execution_id="root").body["allowed"] is False
    tenant.settle(reservation_id, "3")
    assert tenant.call("execution", agent_execution_id="root").body["spent_usd"] == "9"


@pytest.mark.parametrize("operation", ["record_cost", "reserve"])
def test_a_parent_that_was_never_seen_is_opened_by_its_child(
    tenant: Tenant, cloud: Cloud, operation: str
) -> None:
    flow = {"workflow_execution_id": "flow-1"}
    child = {"agent_execution_id": "child", "parent_execution_id": "root", **flow}
    before = cloud.rows()
    assert gate(tenant.check("1", **child).body, "execution", "root")["projected_usd"] == "1"
    assert cloud.rows() == before

    amount = "cost_usd" if operation == "record_cost" else "estimated_cost_usd"
    assert tenant.call(operation, **child, **{amount: "1"}).error is None

    tenant.spend("2", agent_execution_id="root")
    root = tenant.call("execution", agent_execution_id="root").body
    assert root["workflow_execution_id"] == "flow-1"
    assert Decimal(root["spent_usd"]) + Decimal(root["held_usd"]) == 3
    for elsewhere in ({"workflow_execution_id": "flow-2"}, {"parent_execution_id": "another"}):
        assert tenant.reserve("4", agent_execution_id="root", **elsewhere).error == "CONFLICT"
    other = {"agent_execution_id": "other", "parent_execution_id": "root"}
    refused = tenant.reserve("4", **other, workflow_execution_id="flow-2")
    assert refused.refusal == ("VALIDATION_ERROR", "parent_execution_id")
    assert not differences(cloud.rows())


def test_a_run_keeps_the_parent_of_its_first_use(tenant: Tenant) -> None:
    for root in ("root-1", "root-2"):
        tenant.spend("1", agent_execution_id=root)
    tenant.spend("1", agent_execution_id="child", parent_execution_id="root-1")

    answer = tenant.reserve("1", agent_execution_id="child", parent_execution_id="root-2")

    assert answer.error == "CONFLICT"
    assert tenant.usage()["held_usd"] == "0"


def test_a_run_cannot_be_its_own_ancestor(tenant: Tenant) -> None:
    assert tenant.record("1", agent_execution_id="run-1", parent_execution_id="run-1").error == (
        "VALIDATION_ERROR"
    )
    tenant.spend("1", agent_execution_id="root")
    tenant.spend("1", agent_execution_id="child", parent_execution_id="root")

    answer = tenant.reserve("1", agent_execution_id="root", parent_execution_id="child")

    assert answer.error in ("VALIDATION_ERROR", "CONFLICT")
    assert tenant.usage()["held_usd"] == "0"


def test_correcting_a_child_corrects_its_ancestors(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="root", workflow_execution_id="flow-1")
    entry_id = tenant.spend("4", agent_execution_id="leaf", parent_execution_id="root")

    tenant.adjust(entry_id, "-3")

    assert tenant.call("execution", agent_execution_id="root").body["spent_usd"] == "2"
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "2"


def test_a_child_belongs_to_the_workflow_of_its_parent(tenant: Tenant) -> None:
    tenant.spend("1", **FLOW_AND_RUN)

    child = {"agent_execution_id": "child", "parent_execution_id": "run-1"}
    entry = tenant.record("2", **child).body["entry"]

    assert entry["workflow_execution_id"] == "flow-1"
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "3"


def test_a_hold_that_expired_is_given_back_to_every_ancestor(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="root")
    child = {"agent_execution_id": "child", "parent_execution_id": "root"}
    reservation_id = tenant.hold("4", expires_in_seconds=60, **child)

    with later(seconds=61):
        tenant.settle(reservation_id, "2").body  # noqa: B018 - must not fail
        root = tenant.call("execution", agent_execution_id="root").body

    assert (root["spent_usd"], root["held_usd"]) == ("3", "0")
