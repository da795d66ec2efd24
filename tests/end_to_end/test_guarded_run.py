"""The guarded run, deployed: reserve, call the agent, settle; or refuse, or give the money back."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Deployed
from tests.end_to_end.guard import AGENT, Guard, deploy_function

ANSWER = {"cost_usd": "0.0218", "tokens": 6020, "usage": {"input_tokens": 5120}, "text": "hello"}


@pytest.fixture(scope="session")
def agent(deployed: Deployed) -> str:
    """The name of a deployed agent that does what its input says."""
    return deploy_function(deployed, f"agent-{uuid.uuid4().hex[:8]}", AGENT)


@pytest.fixture
def guard(deployed: Deployed, agent: str, tmp_path: Path) -> Guard:
    """A tenant of this test's own."""
    return Guard(deployed, agent, tmp_path / "calls", deployed.stack.outputs["GuardedRunArn"])


def test_an_allowed_run_is_held_called_and_settled_with_what_it_cost(guard: Guard) -> None:
    run = guard.run({"answer": ANSWER}, agent="researcher", tags=["nightly"])

    assert run.status == "SUCCEEDED", run
    assert (run.output["allowed"], run.output["result"]) == (True, ANSWER)
    entry = run.output["entry"]
    assert (entry["cost_usd"], entry["tokens"], entry["flags"]) == ("0.0218", 6020, [])
    assert (entry["agent"], entry["tags"]) == ("researcher", ["nightly"])
    assert entry["state_machine_execution_arn"] == run.arn
    assert run.output["gates"][0]["held_usd"] == "0"
    assert run.output["warnings"] == []
    guard.assert_the_books_balance("0.0218", entries=1)


def test_a_refused_run_ends_with_the_decision_and_the_agent_is_not_called(guard: Guard) -> None:
    run = guard.run({"answer": ANSWER}, estimated_cost_usd="10.01")

    assert run.status == "SUCCEEDED"
    assert (run.output["allowed"], run.output["timed_out"]) == (False, False)
    assert run.output["decision"]["reason_code"] == "EXECUTION_EXCEEDED"
    assert guard.times_called == 0
    guard.assert_the_books_balance("0", entries=0)


def test_an_agent_that_fails_gives_its_hold_back_and_its_own_error_is_the_runs(
    guard: Guard,
) -> None:
    run = guard.run({"fail": "the search tool broke"})

    assert (run.status, run.error) == ("FAILED", "ToolBrokeError")
    assert json.loads(run.cause or "")["errorMessage"] == "the search tool broke"
    assert run.states[-2:] == ["Release", "Agent failed"]
    assert guard.times_called == 1
    guard.assert_the_books_balance("0", entries=0)


def test_an_agent_that_takes_too_long_gives_its_hold_back(guard: Guard) -> None:
    run = guard.run({"sleep": 3}, agent_timeout_seconds=1)

    assert (run.status, run.error) == ("FAILED", "States.Timeout")
    assert run.states[-2:] == ["Release", "Agent failed"]
    guard.assert_the_books_balance("0", entries=0)


def test_an_agent_that_says_try_again_is_called_again_and_settled_once(guard: Guard) -> None:
    run = guard.run({"unavailable": 1, "answer": ANSWER})

    assert run.status == "SUCCEEDED"
    assert guard.times_called == 2
    guard.assert_the_books_balance("0.0218", entries=1)
