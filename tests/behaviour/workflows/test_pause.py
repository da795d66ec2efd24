"""A refused reservation on a budget that pauses stops the workflow until a person resumes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.stored_pauses import changes, disagreements, runs
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import later

FLOW = {"workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "too dear"}
BUDGET = {"period": "month", "limit_usd": "1", "action": "pause", **WHO}


def state(tenant: Tenant, flow: str = "flow") -> tuple[Any, Any, Any]:
    body = tenant.call("workflow", workflow_execution_id=flow).body
    return body["state"], body["pause_id"], body["own_limit_usd"]


def refused(tenant: Tenant, amount: str = "50.01", **labels: Any) -> Any:
    body = tenant.reserve(amount, **FLOW | labels).body
    assert body["allowed"] is False
    return body


def test_a_refused_reservation_pauses_the_workflow_and_says_what_helps(tenant: Tenant) -> None:
    body = refused(tenant)

    assert (body["action"], body["reason_code"]) == ("pause", "WORKFLOW_EXCEEDED")
    assert (body["budget_id"], body["pause_id"], body["reservation"]) == ("workflow", 1, None)
    assert body["reason"].startswith("Workflow budget exceeded")
    assert "resume the workflow with a limit of 50.01 USD or more" in body["unblock"]
    assert state(tenant) == ("paused", 1, None)


def test_it_is_paused_once_however_often_it_is_refused(tenant: Tenant, cloud: MemoryCloud) -> None:
    refused(tenant)
    for _ in range(3):
        again = refused(tenant)
        assert (again["reason_code"], again["pause_id"]) == ("WORKFLOW_PAUSED", 1)

    told = changes(cloud.rows(), tenant.id, "flow")
    assert [one["operation"] for one in told] == ["pause"]
    assert told[0]["by"] == "budget workflow"
    assert told[0]["reason"].startswith("Workflow budget exceeded")
    assert not disagreements(cloud.rows())


def test_a_check_says_pause_and_changes_nothing(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("1", **FLOW)
    before = cloud.rows()

    body = tenant.check("50", **FLOW).body

    assert (body["allowed"], body["action"], body["pause_id"]) == (False, "pause", None)
    assert "resume the workflow with a limit of 51 USD or more" in body["unblock"]
    assert cloud.rows() == before
    assert state(tenant)[0] == "active"


def test_everything_under_a_paused_workflow_is_refused(
    tenant: Tenant, forgetful_processes: None
) -> None:
    tenant.hold("1", agent_execution_id="known", **FLOW)
    refused(tenant)

    for labels in (
        FLOW,
        {"agent_execution_id": "known"},
        {"agent_execution_id": "new", **FLOW},
        {"agent_execution_id": "child", "parent_execution_id": "known"},
    ):
        for ask in (tenant.reserve, tenant.check):
            body = ask("0.01", **labels).body
            assert (body["allowed"], body["reason_code"]) == (False, "WORKFLOW_PAUSED"), labels
            assert (body["action"], body["pause_id"]) == ("pause", 1)
            assert body["unblock"].startswith("resume workflow flow")
    assert tenant.reserve("1", workflow_execution_id="other").body["allowed"] is True
    assert tenant.reserve("1", agent_execution_id="alone").body["allowed"] is True


def test_costs_and_holds_go_on_under_a_paused_workflow(tenant: Tenant) -> None:
    settled, released, extended = (tenant.hold("1", **FLOW) for _ in range(3))
    refused(tenant)

    assert tenant.settle(settled, "2").body["entry"]["cost_usd"] == "2"
    assert tenant.release(released).body["state"] == "released"
    longer = tenant.call("extend", reservation_id=extended, expires_in_seconds=3600)
    assert longer.body["state"] == "open"
    entry = tenant.spend("3", **FLOW)
    assert tenant.adjust(entry, "-1").body["entry"]["cost_usd"] == "-1"
    batch = [{"cost_usd": "4", **FLOW}]
    assert tenant.call("record_costs", costs=batch).body["results"][0]["entry"]["cost_usd"] == "4"

    run = tenant.call("workflow", **FLOW).body
    assert (run["spent_usd"], run["held_usd"], run["state"]) == ("8", "1", "paused")


def test_a_hold_that_was_granted_is_replayed_under_a_paused_workflow(tenant: Tenant) -> None:
    tenant.hold("1", reservation_id="mine", **FLOW)
    refused(tenant)

    again = tenant.reserve("1", reservation_id="mine", **FLOW).body
    assert (again["allowed"], again["replayed"]) == (True, True)


def test_expired_holds_are_given_back_before_a_workflow_is_paused(tenant: Tenant) -> None:
    tenant.hold("50", expires_in_seconds=60, **FLOW)
    assert tenant.check("1", **FLOW).body["action"] == "pause"

    with later(minutes=2):
        assert tenant.reserve("50", **FLOW).body["allowed"] is True
    assert state(tenant)[0] == "active"


def test_a_budget_that_pauses_blocks_where_there_is_no_workflow(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    labels = {"user": "jose", "agent_execution_id": "alone"}
    tenant.call("set_budget", budget_id="joses", scope="user", scope_id="jose", **BUDGET).body  # noqa: B018

    body = tenant.reserve("2", **labels).body

    assert (body["action"], body["reason_code"]) == ("block", "BUDGET_EXCEEDED")
    assert body["pause_id"] is None
    assert not runs(cloud.rows())


@pytest.mark.parametrize(
    ("scope", "labels"),
    [
        ("user", {"user": "jose"}),
        ("tag", {"tags": ["jose"]}),
        ("agent", {"agent": "jose", "agent_execution_id": "run"}),
    ],
)
def test_a_custom_budget_that_pauses_stops_the_workflow(
    tenant: Tenant, cloud: MemoryCloud, scope: str, labels: dict[str, Any]
) -> None:
    tenant.call("set_budget", budget_id="joses", scope=scope, scope_id="jose", **BUDGET).body  # noqa: B018

    body = refused(tenant, "2", **labels)

    assert (body["action"], body["reason_code"]) == ("pause", "BUDGET_EXCEEDED")
    assert (body["budget_id"], body["pause_id"]) == ("joses", 1)
    assert body["unblock"].startswith("raise joses by 1 USD or more")
    assert body["unblock"].endswith("then resume the workflow")
    assert runs(cloud.rows())[tenant.id, "flow"]["by"] == "budget joses"
    assert refused(tenant, "0.1")["reason_code"] == "WORKFLOW_PAUSED"
    assert tenant.reserve("1", workflow_execution_id="other").body["allowed"] is True


def test_a_narrower_gate_that_blocks_does_not_pause(tenant: Tenant, cloud: MemoryCloud) -> None:
    body = refused(tenant, "60", agent_execution_id="run")

    assert (body["action"], body["reason_code"]) == ("block", "EXECUTION_EXCEEDED")
    assert gate(body, "workflow")["allowed"] is False
    assert not runs(cloud.rows())


def test_a_suspended_tenant_gets_that_reason_and_pauses_nothing(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.call("suspend", **WHO).body  # noqa: B018

    assert refused(tenant)["reason_code"] == "TENANT_SUSPENDED"
    assert not runs(cloud.rows())


def test_damaged_decisions_about_one_workflow_stop_that_workflow_alone(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.call("pause", **FLOW, **WHO).body  # noqa: B018
    cloud.database.forbidden -= {"PutItem"}
    for table, field, text in (("AccountsTable", "terms", "x"), ("BudgetsTable", "body", "{}")):
        name = cloud.tables[table]
        row = next(one for one in cloud.database.rows(name) if "#workflow#flow" in one["pk"]["S"])
        put = {"TableName": name, "Item": {**row, field: {"S": text}}}
        cloud.database.execute("PutItem", put)

    assert tenant.reserve("1", **FLOW).error == "UNAVAILABLE"
    assert tenant.check("1", **FLOW).error == "UNAVAILABLE"
    with monkeypatch.context() as patch:
        patch.setattr("budget_monitor.deadline.BUDGET_SECONDS", 0.5)  # it tries until then
        assert tenant.call("resume", **FLOW, **WHO).error == "UNAVAILABLE"
    assert tenant.record("1", **FLOW).body["entry"]["cost_usd"] == "1"
    assert tenant.reserve("1", workflow_execution_id="other").body["allowed"] is True
