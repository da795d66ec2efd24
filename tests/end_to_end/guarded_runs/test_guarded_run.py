"""The guarded run, deployed: reserve, call the agent, settle; or refuse, or give the money back."""

from __future__ import annotations

import json
import time
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.end_to_end.guard import ANSWER, Guard


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


def test_a_run_may_say_tokens_and_is_held_and_settled_at_their_price(guard: Guard) -> None:
    run = guard.run(
        {"answer": {"usage": {"input_tokens": 5120, "output_tokens": 900}}},
        estimated_cost_usd=None,
        estimated_usage={"input_tokens": 5120, "max_output_tokens": 4000},
        model="gpt-4o",
        provider="openai",
    )

    assert run.status == "SUCCEEDED", run
    entry = run.output["entry"]
    assert (entry["cost_usd"], entry["price"]["source"]) == ("0.0218", "genai-prices")
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

    assert (run.status, run.error) == ("FAILED", "Agent.Timeout")
    assert run.states[-2:] == ["Release", "Agent failed"]
    guard.assert_the_books_balance("0", entries=0)


def test_an_agent_that_says_try_again_is_called_again_and_settled_once(guard: Guard) -> None:
    run = guard.run({"unavailable": 1, "answer": ANSWER})

    assert run.status == "SUCCEEDED"
    assert guard.times_called == 2
    guard.assert_the_books_balance("0.0218", entries=1)


def test_an_agent_that_does_not_exist_costs_nothing(guard: Guard) -> None:
    run = guard.run(function="agent-of-nobody")

    assert (run.status, run.error) == ("FAILED", "Lambda.ResourceNotFoundException")
    guard.assert_the_books_balance("0", entries=0)


def test_a_hold_lasts_longer_than_the_agent_and_its_retries_may(guard: Guard) -> None:
    run = guard.run({"answer": ANSWER}, agent_timeout_seconds=100)

    reservation_id = run.output["entry"]["reservation_id"]
    held = guard.deployed.api.get(f"/tenants/{guard.tenant}/reservations/{reservation_id}")
    created, expires = (datetime.fromisoformat(held[one]) for one in ("created_at", "expires_at"))
    assert (expires - created).total_seconds() == 6 * 100 + 3600


def test_a_run_that_is_stopped_gives_its_hold_back(guard: Guard) -> None:
    arn = guard.start(guard.order({"sleep": 5}))
    while not guard.times_called:
        time.sleep(0.05)
    assert guard.usage()["held_usd"] == "0.5"
    guard.deployed.aws["stepfunctions"].stop_execution(executionArn=arn)

    guard.wait_until_nothing_is_held()
    guard.assert_the_books_balance("0", entries=0)


def test_the_same_execution_started_again_runs_nothing_twice(guard: Guard) -> None:
    order = guard.order({"answer": ANSWER})
    guard.wait(guard.start(order, name=guard.tenant))
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        guard.start(order, name=guard.tenant)

    # The emulator runs a synchronous start of the same name again, which AWS refuses. Even then
    # the ids are the same, and a hold that was settled promises no money to a second run.
    again = guard.run_again(order, guard.tenant)
    assert (again["status"], again["error"]) == ("FAILED", "ConflictError")
    assert guard.times_called == 1
    guard.assert_the_books_balance("0.0218", entries=1)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"function": None}, "function must be"),
        ({"function": ""}, "function must be"),
        ({"function": 7}, "function must be"),
        ({"agent_timeout_seconds": 0}, "agent_timeout_seconds must be a whole number"),
        ({"agent_timeout_seconds": 901}, "agent_timeout_seconds must be a whole number"),
        ({"agent_timeout_seconds": 1.5}, "agent_timeout_seconds must be a whole number"),
        ({"agent_timeout_seconds": "60"}, "agent_timeout_seconds must be a whole number"),
        ({"resume_timeout_seconds": 31536001}, "resume_timeout_seconds must be a whole number"),
        ({"reservation_id": "mine"}, "the guard itself decides: reservation_id"),
        ({"operation": "check", "include_gates": True}, "decides: operation, include_gates"),
        ({"agent_timeout": 60}, "agent_timeout"),
        ({"tenant_id": None}, "tenant_id"),
        ({"agent_execution_id": None}, "agent_execution_id"),
        ({"estimated_cost_usd": None}, "estimated_cost_usd"),
    ],
)
def test_a_bad_input_is_refused_by_name_before_anything_happens(
    guard: Guard, fields: dict[str, Any], words: str
) -> None:
    run = guard.run({"answer": ANSWER}, **fields)

    assert (run.status, run.error) == ("FAILED", "ValidationError")
    assert words in (run.cause or "")
    assert guard.times_called == 0
    guard.assert_the_books_balance("0", entries=0)


def test_what_is_left_out_or_null_has_its_default(guard: Guard) -> None:
    started_by = {"AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn:of:the:parent"}
    run = guard.run(
        {"answer": {"cost_usd": "0.1"}},
        agent_timeout_seconds=None,
        resume_timeout_seconds=None,
        user=None,
        **started_by,
    )
    assert run.status == "SUCCEEDED", run
    guard.assert_the_books_balance("0.1", entries=1)


def test_its_role_may_call_our_functions_and_agents_only(guard: Guard) -> None:
    ids = guard.deployed.stack.physical_ids
    allowed = [f"{ids[f'{one}Function']}:agents" for one in ("Checking", "Tracking")]
    allowed += [f"{ids['BudgetingFunction']}:operators", guard.agent, f"{guard.agent}:live"]
    bare = ("Checking", "Tracking", "Budgeting", "Reporting", "Expiring")
    refused = [*(ids[f"{one}Function"] for one in bare), "my-agent-one", "other"]

    assert [guard.may_call(ids["GuardedRunRole"], name) for name in allowed] == [True] * 5
    assert [guard.may_call(ids["GuardedRunRole"], name) for name in refused] == [False] * 7


def test_runs_at_once_are_allowed_exactly_as_far_as_the_money_goes(guard: Guard) -> None:
    order = guard.order({"answer": {"cost_usd": "4"}}, estimated_cost_usd="4")
    arns = [guard.start(order) for _ in range(4)]
    outputs = [guard.wait(arn).output for arn in arns]

    assert [one["allowed"] for one in outputs].count(True) == 2
    assert guard.times_called == 2
    guard.assert_the_books_balance("8", entries=2)
