"""The guarded run while it waits for a person, with a budgeting function that only notes."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.support.end_to_end.guard import ANSWER, PATIENCE, Guard
from tests.support.end_to_end.stand_ins import StandIns

LABELS = {"workflow_execution_id": "flow-1", "workflow": "nightly"}


@pytest.fixture
def paused(faulty: Guard) -> Guard:
    """A tenant whose workflow has spent 49.9 of its 50 USD."""
    spent = {"entry_id": "before", "cost_usd": "49.9", **LABELS}
    assert faulty.deployed.api.post(f"/tenants/{faulty.tenant}/costs", spent).status == 201
    return faulty


def waiting(stand_ins: StandIns, times: int = 1) -> dict[str, Any]:
    """The event that says that an execution waits, once there were so many."""
    deadline = time.monotonic() + PATIENCE
    while len(stand_ins.noted()) < times:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return stand_ins.noted()[-1]


def resume(guard: Guard, event: dict[str, Any]) -> None:
    """A person resumes the workflow: waiting state machines continue."""
    path = f"/tenants/{guard.tenant}/workflows/{event['workflow_execution_id']}/resume"
    answer = guard.deployed.api.post(path, {"by": "maria", "reason": "there is room"})
    assert answer.status == 200, answer
    states = guard.deployed.aws["stepfunctions"]
    states.send_task_success(taskToken=event["task_token"], output='{"state": "active"}')


def make_room(guard: Guard) -> None:
    credit = {"adjustment_id": "room", "amount_usd": "-1", "reason": "credit", "by": "maria"}
    path = f"/tenants/{guard.tenant}/costs/before/adjustments"
    assert guard.deployed.api.post(path, credit).status == 201


def test_a_paused_run_waits_and_goes_on_when_it_is_resumed(
    paused: Guard, stand_ins: StandIns
) -> None:
    arn = paused.start(paused.order({"answer": ANSWER}, **LABELS))
    event = waiting(stand_ins)
    assert (event["operation"], event["tenant_id"]) == ("await_resume", paused.tenant)
    assert (event["workflow_execution_id"], event["pause_id"]) == ("flow-1", 1)
    assert (paused.usage()["held_usd"], paused.times_called) == ("0", 0)

    make_room(paused)
    resume(paused, event)
    run = paused.wait(arn)

    assert (run.status, run.output["allowed"]) == ("SUCCEEDED", True)
    assert run.states[1:5] == ["Reserve", "Allowed?", "Wait for a person", "Reserve"]
    paused.assert_the_books_balance("48.9218", entries=2)


def test_a_run_that_is_resumed_without_room_waits_again(paused: Guard, stand_ins: StandIns) -> None:
    arn = paused.start(paused.order({"answer": ANSWER}, **LABELS))
    first = waiting(stand_ins)
    resume(paused, first)
    second = waiting(stand_ins, times=2)
    assert second["task_token"] != first["task_token"]
    assert paused.times_called == 0

    make_room(paused)
    resume(paused, second)
    assert paused.wait(arn).status == "SUCCEEDED"
    paused.assert_the_books_balance("48.9218", entries=2)


def test_a_run_that_is_not_resumed_ends_refused(paused: Guard, stand_ins: StandIns) -> None:
    run = paused.run({"answer": ANSWER}, resume_timeout_seconds=1, **LABELS)

    assert (run.status, run.output["allowed"]) == ("SUCCEEDED", False)
    assert run.output["timed_out"] is True
    assert run.output["decision"]["reason_code"] == "WORKFLOW_EXCEEDED"
    assert paused.times_called == 0
    paused.assert_the_books_balance("49.9", entries=1)


def test_a_run_whose_request_is_denied_ends_refused_and_says_who_denied_it(
    paused: Guard, stand_ins: StandIns
) -> None:
    arn = paused.start(paused.order({"answer": ANSWER}, **LABELS))
    event, told = waiting(stand_ins), {"request_id": "ask-1", "by": "maria", "reason": "no more"}
    states = paused.deployed.aws["stepfunctions"]
    states.send_task_failure(
        taskToken=event["task_token"], error="RequestDenied", cause=json.dumps(told)
    )
    run = paused.wait(arn)

    assert (run.status, run.output["allowed"]) == ("SUCCEEDED", False)
    assert (run.output["timed_out"], run.output["denied"]) == (False, told)
    assert (run.output["decision"]["reason_code"], paused.times_called) == ("WORKFLOW_EXCEEDED", 0)


def test_a_run_that_is_refused_after_its_pause_ends_with_that_refusal(
    paused: Guard, stand_ins: StandIns
) -> None:
    order = paused.order({"answer": ANSWER}, estimated_cost_usd="1", **LABELS)
    arn = paused.start(order)
    event = waiting(stand_ins)
    spent = {"entry_id": "more", "cost_usd": "9.5", "agent_execution_id": "run-1", **LABELS}
    paused.deployed.api.post(f"/tenants/{paused.tenant}/costs", spent)
    resume(paused, event)
    run = paused.wait(arn)

    assert (run.status, run.output["allowed"]) == ("SUCCEEDED", False)
    assert run.output["decision"]["reason_code"] == "EXECUTION_EXCEEDED"
    paused.assert_the_books_balance("59.4", entries=2)


def test_the_workflow_of_a_run_is_known_although_only_its_agent_is_named(
    paused: Guard, stand_ins: StandIns
) -> None:
    known = {"entry_id": "known", "cost_usd": "0", "agent_execution_id": "run-1", **LABELS}
    paused.deployed.api.post(f"/tenants/{paused.tenant}/costs", known)
    paused.run({"answer": ANSWER}, resume_timeout_seconds=1)
    assert stand_ins.noted()[0]["workflow_execution_id"] == "flow-1"


def test_a_wait_that_cannot_begin_is_tried_again(paused: Guard, stand_ins: StandIns) -> None:
    stand_ins.fail("Budgeting", ["UnavailableError", "UnavailableError"])
    arn = paused.start(paused.order({"answer": ANSWER}, **LABELS))
    event = waiting(stand_ins, times=3)

    make_room(paused)
    resume(paused, event)
    assert paused.wait(arn).status == "SUCCEEDED"


def test_a_wait_that_is_refused_fails_by_the_name_of_its_error(
    paused: Guard, stand_ins: StandIns
) -> None:
    stand_ins.fail("Budgeting", ["ValidationError"])
    run = paused.run({"answer": ANSWER}, **LABELS)

    assert (run.status, run.error) == ("FAILED", "ValidationError")
    paused.assert_the_books_balance("49.9", entries=1)
