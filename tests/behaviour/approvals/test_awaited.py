"""State machines and durable functions wait for the answer to a request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import FLOW, approve, ask, deny
from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, DirectDoor
from tests.support.rules.governing import set_budget
from tests.support.workflows.machines import Machines, out_of_reach

pytestmark = pytest.mark.usefixtures("hurried")
DURABLE = "durable+1/2=="


def wait(tenant: Tenant, **fields: Any) -> Answer:
    given = fields if "callback_id" in fields else {"task_token": "token", **fields}
    return tenant.call("await_resume", workflow_execution_id="flow-1", **given)


@pytest.mark.parametrize("budget_id", ["cap", "execution", "workflow"])
def test_an_approval_completes_the_callback_of_a_durable_function(
    acme: Tenant, machines: Machines, budget_id: str
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id=budget_id, **FLOW)
    waits = wait(acme, callback_id=DURABLE, request_id="ask-1").body
    assert (waits["state"], waits["waiting"]) == ("paused", 1)
    approve(acme, "ask-1")
    assert machines.names == [DURABLE]
    assert machines.woken[DURABLE]["by"] == "maria"


def test_an_approval_that_came_before_the_wait_ends_it_at_once(
    acme: Tenant, machines: Machines
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    approve(acme, "ask-1")
    assert wait(acme, request_id="ask-1").body["state"] == "active"
    assert (machines.names, machines.failed) == (["token"], {})


WAITS = pytest.mark.parametrize(
    ("party", "token"), [({"callback_id": DURABLE}, DURABLE), ({"task_token": "token"}, "token")]
)


def denial(tenant: Tenant) -> tuple[str, dict[str, Any]]:
    """What a party is told whose request was denied."""
    run = {"tenant_id": tenant.id, "workflow_execution_id": "flow-1", "request_id": "ask-1"}
    return "RequestDenied", {**run, "state": "denied", "by": "maria", "reason": "no more"}


@WAITS
def test_a_denial_fails_the_wait_for_its_request_at_once_and_ends_the_pause_of_that_wait(
    acme: Tenant, machines: Machines, party: dict[str, str], token: str
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    assert wait(acme, request_id="ask-1", **party).body["state"] == "paused"

    deny(acme, "ask-1", reason="no more")

    assert (machines.names, machines.failed) == ([], {token: denial(acme)})
    flow = acme.call("workflow", workflow_execution_id="flow-1").body
    assert flow["state"] == "active"
    deny(acme, "ask-1", reason="no more")
    assert machines.told[token] == 1


@WAITS
def test_a_denial_that_came_before_the_wait_fails_it_at_once(
    acme: Tenant, machines: Machines, party: dict[str, str], token: str
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    deny(acme, "ask-1", reason="no more")

    assert wait(acme, request_id="ask-1", **party).body["state"] == "active"

    assert (machines.names, machines.failed) == ([], {token: denial(acme)})


def test_a_denial_leaves_a_pause_by_a_person_and_waits_that_name_no_request(
    acme: Tenant, machines: Machines
) -> None:
    acme.call("pause", workflow_execution_id="flow-1", by="jo", reason="stop").body  # noqa: B018
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    wait(acme, request_id="ask-1").body  # noqa: B018 - must not fail
    wait(acme, callback_id=DURABLE).body  # noqa: B018 - must not fail

    deny(acme, "ask-1", reason="no more")

    assert (machines.names, list(machines.failed)) == ([], ["token"])
    flow = acme.call("workflow", workflow_execution_id="flow-1").body
    assert flow["state"] == "paused"
    acme.call("resume", workflow_execution_id="flow-1", by="jo", reason="on").body  # noqa: B018
    assert machines.names == [DURABLE]


@WAITS
def test_a_denial_that_could_not_be_called_back_is_retried_by_the_schedule(
    acme: Tenant, machines: Machines, party: dict[str, str], token: str
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    wait(acme, request_id="ask-1", **party).body  # noqa: B018 - must not fail
    machines.fate = out_of_reach
    deny(acme, "ask-1", reason="no more")
    assert machines.failed == {}
    machines.fate = None

    DirectDoor().call("wake").body  # noqa: B018 - must not fail

    assert machines.failed == {token: denial(acme)}


def test_a_wait_for_the_open_request_of_another_workflow_is_refused(acme: Tenant) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    ask(acme, "1", request_id="ask-2", budget_id="execution", agent_execution_id="alone")
    for flow, request_id in (("flow-2", "ask-1"), ("flow-1", "ask-2")):
        named = {"workflow_execution_id": flow, "request_id": request_id}
        answer = acme.call("await_resume", task_token="token", **named)  # noqa: S106
        assert answer.refusal == ("VALIDATION_ERROR", "request_id")


def test_both_kinds_of_waiting_go_on_together(acme: Tenant, machines: Machines) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    wait(acme, callback_id=DURABLE)
    wait(acme)
    approve(acme, "ask-1")
    assert machines.names == [DURABLE, "token"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"task_token": "t", "callback_id": DURABLE}, "task_token"),
        ({"callback_id": "a b"}, "callback_id"),
        ({"callback_id": "a" * 1025}, "callback_id"),
        ({"task_token": "callback:abc"}, "task_token"),
        ({"task_token": None}, "task_token"),
    ],
)
def test_a_wait_names_one_party_that_can_be_called_back(
    acme: Tenant, fields: dict[str, Any], field: str
) -> None:
    answer = acme.call("await_resume", workflow_execution_id="flow-1", **fields)
    assert (answer.error, answer.field) == ("VALIDATION_ERROR", field)


def test_a_wait_for_an_unknown_request_is_refused(acme: Tenant) -> None:
    assert wait(acme, request_id="nobody").error == "NOT_FOUND"


@pytest.mark.parametrize("asks", ["the run", "the refusal"])
def test_the_request_of_a_run_whose_workflow_is_known_is_one_of_that_workflow(
    acme: Tenant, machines: Machines, asks: str
) -> None:
    acme.spend("1", **FLOW)
    alone = {"agent_execution_id": FLOW["agent_execution_id"]}
    if asks == "the run":
        ask(acme, "1", request_id="ask-1", budget_id="execution", **alone)
        name = "ask-1"
    else:
        set_budget(acme, "asks", "2", scope="tenant", period="month", action="ask")
        name = acme.reserve("5", **alone).body["request_id"]
    wait(acme, request_id=name).body  # noqa: B018 - must not fail

    deny(acme, name)

    assert list(machines.failed) == ["token"]
