"""The guarded run when something breaks: no cost is lost, none is doubled, no hold stays."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.end_to_end.guard import ANSWER, Guard
from tests.support.end_to_end.stand_ins import StandIns

BUSY = "UnavailableError"


@pytest.mark.parametrize("fault", [BUSY, f"after:{BUSY}", "after:Sandbox.Timedout"])
@pytest.mark.parametrize("role", ["Checking", "Tracking"])
def test_a_failing_call_of_ours_is_repeated_and_doubles_nothing(
    faulty: Guard, stand_ins: StandIns, role: str, fault: str
) -> None:
    stand_ins.fail(role, [fault, fault])
    run = faulty.run({"answer": ANSWER})

    assert run.status == "SUCCEEDED", run
    assert faulty.times_called == 1
    faulty.assert_the_books_balance("0.0218", entries=1)


def test_a_release_that_fails_once_is_repeated(faulty: Guard, stand_ins: StandIns) -> None:
    stand_ins.fail("Checking", ["", f"after:{BUSY}", BUSY])
    run = faulty.run({"fail": "broke"})

    assert (run.status, run.error) == ("FAILED", "ToolBrokeError")
    faulty.assert_the_books_balance("0", entries=0)


def test_a_release_that_never_works_leaves_the_agents_error_and_the_rule_gives_the_hold_back(
    faulty: Guard, stand_ins: StandIns
) -> None:
    stand_ins.fail("Checking", ["", *[BUSY] * 7])
    run = faulty.run({"fail": "broke"})

    assert (run.status, run.error) == ("FAILED", "ToolBrokeError")
    faulty.wait_until_nothing_is_held()
    faulty.assert_the_books_balance("0", entries=0)


def test_a_settlement_that_never_works_ends_visibly_with_all_that_settles_it_by_hand(
    faulty: Guard, stand_ins: StandIns
) -> None:
    stand_ins.fail("Tracking", [BUSY] * 101)
    run = faulty.run({"answer": ANSWER})

    assert (run.status, run.error) == ("FAILED", "CostNotRecordedError")
    cause = json.loads(run.cause or "")
    assert json.loads(cause["returned"]) == {
        name: ANSWER[name] for name in ("cost_usd", "tokens", "usage")
    }
    assert (cause["tenant_id"], cause["error"]) == (faulty.tenant, BUSY)
    settle_by_hand(faulty, cause)
    faulty.assert_the_books_balance("0.0218", entries=1)


@pytest.mark.parametrize(
    "answer", [None, "done", [], {}, {"cost_usd": "much"}, {"cost_usd": -1}, {"cost_usd": [1, 2]}]
)
def test_an_unknown_cost_is_never_zero(faulty: Guard, answer: Any) -> None:
    run = faulty.run({"answer": answer})

    assert (run.status, run.error) == ("FAILED", "CostNotRecordedError")
    cause = json.loads(run.cause or "")
    assert "cost_usd" in cause["cause"]
    faulty.wait_until_nothing_is_held()
    faulty.assert_the_books_balance("0", entries=0)


@pytest.mark.parametrize(
    "more", [{"usage": {"prompt_tokens": 5}}, {"tokens": "many"}, {"usage": [1], "tokens": -1}]
)
def test_a_malformed_usage_is_no_reason_to_lose_a_cost(faulty: Guard, more: dict[str, Any]) -> None:
    run = faulty.run({"answer": {"cost_usd": "0.02", **more}})

    assert run.status == "SUCCEEDED", run
    assert run.output["entry"]["cost_usd"] == "0.02"
    assert run.output["warnings"][0].startswith("usage and tokens were left out: ")
    faulty.assert_the_books_balance("0.02", entries=1)


@pytest.mark.parametrize(
    ("cost", "booked"),
    [(0.1 + 0.2, "0.3"), (1 / 300, "0.003333333333"), (0, "0"), (7.5e-8, "0.000000075")],
)
def test_a_cost_that_is_a_number_is_rounded_at_twelve_places(
    faulty: Guard, cost: float, booked: str
) -> None:
    run = faulty.run({"answer": {"cost_usd": cost}})

    assert run.status == "SUCCEEDED", run
    faulty.assert_the_books_balance(booked, entries=1)


def settle_by_hand(faulty: Guard, cause: dict[str, Any]) -> None:
    """What a person does with the cause."""
    labels = {name: cause[name] for name in ("tenant_id", "reservation_id")}
    cost = json.loads(cause["returned"])["cost_usd"]
    settled = faulty.invoke("TrackingFunction", operation="settle", cost_usd=cost, **labels)
    assert settled["entry"]["cost_usd"] == cost
    faulty.wait_until_nothing_is_held()
