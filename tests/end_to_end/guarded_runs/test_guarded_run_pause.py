"""The guarded run waits for a person, through the deployed budgeting function and its routes."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.end_to_end.guard import ANSWER, PATIENCE, Guard

FLOW = "flow-1"
MARIA = {"by": "maria", "reason": "the customer wants it finished"}


@pytest.fixture
def spent(guard: Guard) -> Guard:
    """A tenant whose workflow has spent 49.9 of its 50 USD."""
    before = {"entry_id": "before", "cost_usd": "49.9", "workflow_execution_id": FLOW}
    assert guard.deployed.api.post(f"/tenants/{guard.tenant}/costs", before).status == 201
    return guard


def person(guard: Guard, does: str, **fields: Any) -> dict[str, Any]:
    """The answer to a person who pauses or resumes the workflow."""
    path = f"/tenants/{guard.tenant}/workflows/{FLOW}/{does}"
    answer = guard.deployed.api.post(path, {**MARIA, **fields})
    assert answer.status == 200, answer
    return answer.body


def start(guard: Guard, run: str = "run-1", **fields: Any) -> str:
    """A guarded run of the workflow that was just started."""
    labels = {"agent_execution_id": run, "workflow_execution_id": FLOW}
    return guard.start(guard.order({"answer": ANSWER}, **labels, **fields))


def started_waiting(guard: Guard, run: str = "run-1", **fields: Any) -> str:
    """A guarded run of the workflow that has come to its wait."""
    arn = start(guard, run, **fields)
    deadline = time.monotonic() + PATIENCE
    while "Wait for a person" not in guard.visited(arn):
        assert time.monotonic() < deadline, guard.visited(arn)
        time.sleep(0.05)
    return arn


def test_a_paused_run_goes_on_when_a_person_resumes_it_with_a_higher_limit(spent: Guard) -> None:
    arn = started_waiting(spent)
    assert (spent.usage()["held_usd"], spent.times_called) == ("0", 0)
    person(spent, "resume", limit_usd="60")
    run = spent.wait(arn)

    assert (run.status, run.output["allowed"]) == ("SUCCEEDED", True), run
    assert run.states.count("Reserve") == 2
    spent.assert_the_books_balance("49.9218", entries=2)


def test_a_run_under_a_workflow_that_was_paused_by_hand_waits_for_the_resume(guard: Guard) -> None:
    person(guard, "pause")
    arn = started_waiting(guard)
    assert guard.times_called == 0
    person(guard, "resume")

    assert guard.wait(arn).output["allowed"] is True
    guard.assert_the_books_balance("0.0218", entries=1)


def test_one_resume_wakes_every_branch_once(spent: Guard) -> None:
    arns = [started_waiting(spent, f"run-{number}") for number in range(2)]
    person(spent, "resume", limit_usd="60")
    person(spent, "resume", limit_usd="60")

    assert [spent.wait(arn).output["allowed"] for arn in arns] == [True, True]
    assert spent.times_called == 2
    spent.assert_the_books_balance("49.9436", entries=3)


def test_a_resume_before_the_run_waits_is_not_lost(spent: Guard) -> None:
    arn = start(spent)
    while "Allowed?" not in spent.visited(arn):
        time.sleep(0.01)
    person(spent, "resume", limit_usd="60")

    assert spent.wait(arn).output["allowed"] is True
    spent.assert_the_books_balance("49.9218", entries=2)


def test_a_resume_after_the_time_out_of_the_run_resumes_nothing(spent: Guard) -> None:
    run = spent.wait(started_waiting(spent, resume_timeout_seconds=1))
    assert (run.output["allowed"], run.output["timed_out"]) == (False, True)
    person(spent, "resume", limit_usd="60")

    assert spent.times_called == 0
    assert spent.wait(start(spent)).output["allowed"] is True
    spent.assert_the_books_balance("49.9218", entries=2)
