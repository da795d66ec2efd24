"""State machines and durable functions wait for the answer to a request."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import FLOW, approve, ask, deny
from tests.support.builders import Tenant
from tests.support.doors.doors import Answer
from tests.support.workflows.machines import Machines

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


@pytest.mark.parametrize("answered", [approve, deny])
def test_an_answer_that_came_before_the_wait_ends_it_at_once(
    acme: Tenant, machines: Machines, answered: Any
) -> None:
    ask(acme, "1", request_id="ask-1", budget_id="cap", **FLOW)
    answered(acme, "ask-1")
    assert wait(acme, request_id="ask-1").body["state"] == "active"
    assert machines.names == ["token"]


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
