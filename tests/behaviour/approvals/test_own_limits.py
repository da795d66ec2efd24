"""An approval gives a run a limit of its own, and a workflow that waits for it goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import FLOW, RUN, approve, ask, deny
from tests.support.builders import Tenant, gate
from tests.support.doors.doors import DirectDoor
from tests.support.rules.governing import cap, set_budget
from tests.support.workflows.machines import Machines, out_of_reach

pytestmark = pytest.mark.usefixtures("hurried")
LATER = "2026-11-22T12:05:00Z"


def test_an_execution_gets_a_limit_of_its_own_and_other_runs_do_not(
    tenant: Tenant, forgetful_processes: None
) -> None:
    tenant.spend("9", **RUN)
    assert not tenant.reserve("2", **RUN).body["allowed"]
    ask(tenant, "5", request_id="ask-1")
    answer = approve(tenant, "ask-1", amount_usd="3").body
    assert (answer["decision"]["own_limit_usd"], answer["decision"]["raise_id"]) == ("13", None)

    checked = tenant.check("4", **RUN).body
    assert checked["allowed"]
    assert gate(checked, "execution")["limit_usd"] == "13"
    assert not tenant.check("4.01", **RUN).body["allowed"]
    hold = tenant.hold("4", **RUN)
    assert not tenant.reserve("0.01", **RUN).body["allowed"]
    tenant.settle(hold, "4")
    run = tenant.call("execution", agent_execution_id="run-1").body
    assert (run["own_limit_usd"], run["limit_usd"], run["spent_usd"]) == ("13", "13", "13")
    assert not tenant.check("10.01", agent_execution_id="run-2").body["allowed"]


def test_a_second_approval_adds_to_the_runs_own_limit(tenant: Tenant) -> None:
    approve(tenant, ask(tenant, "5", budget_id="execution").body["request_id"])
    approve(tenant, ask(tenant, "2", budget_id="execution").body["request_id"])
    assert gate(tenant.check("0", **RUN).body, "execution")["limit_usd"] == "17"


def test_a_child_may_use_its_parents_own_limit(tenant: Tenant) -> None:
    child = {"agent_execution_id": "child", "parent_execution_id": "run-1"}
    set_budget(tenant, "writers", "50", scope="agent", scope_id="writer", period="run")
    tenant.spend("9", agent="planner", **RUN)
    asked = ask(tenant, "8", agent="writer", **child).body
    assert (asked["budget_id"], asked["scope_id"]) == ("execution", "run-1")
    assert not tenant.reserve("8", agent="writer", **child).body["allowed"]
    approve(tenant, asked["request_id"])
    assert tenant.reserve("8", agent="writer", **child).body["allowed"]


def test_a_higher_limit_of_the_budget_holds_for_a_run_with_its_own(tenant: Tenant) -> None:
    approve(tenant, ask(tenant, "5", budget_id="execution").body["request_id"])
    set_budget(tenant, "execution", "40")
    assert tenant.check("40", **RUN).body["allowed"]
    assert tenant.reserve("40", **RUN).body["allowed"]
    set_budget(tenant, "execution", "1")
    assert gate(tenant.check("0", **RUN).body, "execution")["limit_usd"] == "15"


def test_an_approved_workflow_goes_on_and_its_state_machine_is_called_back(
    tenant: Tenant, machines: Machines
) -> None:
    tenant.spend("49", workflow_execution_id="flow-1")
    refused = tenant.reserve("5", workflow_execution_id="flow-1").body
    assert (refused["action"], refused["pause_id"]) == ("pause", 1)
    wait(tenant, "token-1", pause_id=1)
    asked = ask(tenant, "6", workflow_execution_id="flow-1").body
    assert asked["budget_id"] == "workflow"

    answer = approve(tenant, asked["request_id"]).body
    assert answer["decision"]["own_limit_usd"] == "56"
    assert machines.names == ["token-1"]
    assert machines.woken["token-1"]["by"] == "maria"
    flow = tenant.call("workflow", workflow_execution_id="flow-1").body
    assert (flow["state"], flow["own_limit_usd"]) == ("active", "56")
    assert tenant.reserve("7", workflow_execution_id="flow-1").body["allowed"]
    kinds = [one["kind"] for one in tenant.call("alerts").body["items"]]
    assert kinds.count("workflow_resumed") == 1
    approve(tenant, asked["request_id"])
    assert machines.told["token-1"] == 1


def test_a_raise_of_a_budget_resumes_the_workflow_that_it_paused(
    tenant: Tenant, machines: Machines
) -> None:
    cap(tenant, "2", period="month", action="pause")
    assert tenant.reserve("3", **FLOW).body["action"] == "pause"
    wait(tenant, "token-1")
    approve(tenant, ask(tenant, "1", **FLOW).body["request_id"])
    assert machines.names == ["token-1"]
    assert tenant.reserve("3", **FLOW).body["allowed"]


def test_a_state_machine_that_waits_for_a_person_goes_on(
    tenant: Tenant, machines: Machines
) -> None:
    wait(tenant, "token-1")
    approve(tenant, ask(tenant, "1", **FLOW).body["request_id"])
    assert machines.names == ["token-1"]


def test_a_callback_that_fails_is_retried_by_the_schedule(
    tenant: Tenant, machines: Machines
) -> None:
    wait(tenant, "token-1")
    machines.fate = out_of_reach
    answer = approve(tenant, ask(tenant, "1", **FLOW).body["request_id"])
    assert answer.body["state"] == "approved"
    machines.fate = None
    assert machines.names == []
    assert direct("wake")["woken"] == 1
    assert machines.names == ["token-1"]


@pytest.mark.parametrize("budget_id", ["execution", "tenant-month", "workflow"])
def test_an_approval_does_not_end_a_pause_by_a_person(
    tenant: Tenant, machines: Machines, budget_id: str
) -> None:
    tenant.call("pause", workflow_execution_id="flow-1", by="paul", reason="wrong question")
    wait(tenant, "token-1")
    approve(tenant, ask(tenant, "1", budget_id=budget_id, **FLOW).body["request_id"])
    flow = tenant.call("workflow", workflow_execution_id="flow-1").body
    assert (flow["state"], machines.names) == ("paused", [])


def test_an_approval_for_one_budget_leaves_a_pause_by_another(tenant: Tenant) -> None:
    cap(tenant, "2", period="month", action="pause")
    assert tenant.reserve("3", **FLOW).body["action"] == "pause"
    approve(tenant, ask(tenant, "1", budget_id="tenant-month", **FLOW).body["request_id"])
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["state"] == "paused"


def test_a_denied_workflow_stays_paused(tenant: Tenant, machines: Machines) -> None:
    wait(tenant, "token-1")
    deny(tenant, ask(tenant, "1", **FLOW).body["request_id"])
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["state"] == "paused"
    assert machines.names == []


def wait(tenant: Tenant, token: str, **fields: Any) -> None:
    named = {"tenant_id": tenant.id, "workflow_execution_id": "flow-1", "task_token": token}
    direct("await_resume", **named, **fields)


def direct(operation: str, **fields: Any) -> dict[str, Any]:
    """Call an operation that has no route."""
    return DirectDoor().call(operation, **fields).body
