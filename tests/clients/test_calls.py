"""A guarded call holds before, books the true cost after, and is never free."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from budget_monitor_client import (
    BudgetMonitor,
    RefusedError,
    ValidationError,
)
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.sending import Transport
from tests.support.clients.handlers import client
from tests.support.times import later

TERMS: dict[str, Any] = {"model": "gpt-4o", "max_tokens": 800, "input_tokens": 1200}
USAGE = {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500}
RESPONSE = {"id": "chatcmpl-1", "model": "gpt-4o-2024-08-06", "usage": USAGE, "choices": []}
TRUE_COST, HELD = "0.006", "0.011"


class Sdk:
    """A response of an SDK that is a pydantic model."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content

    def model_dump(self) -> dict[str, Any]:
        return self.content


class Undumpable:
    """A response of an SDK that fails when it is dumped, as pydantic's models may."""

    def model_dump(self) -> dict[str, Any]:
        raise ValueError("it is circular")


class Dictable:
    """A response of an SDK that has `to_dict`."""

    def to_dict(self) -> dict[str, Any]:
        return RESPONSE


def costs(budget: BudgetMonitor, tenant_id: str) -> list[str]:
    return [one["cost_usd"] for one in budget.ledger(tenant_id)["items"]]


def held(budget: BudgetMonitor, tenant_id: str) -> str:
    return str(budget.tenant_usage(tenant_id)["held_usd"])


@pytest.fixture
def budget(transport: Transport) -> BudgetMonitor:
    return client(transport)


@pytest.fixture
def run(budget: BudgetMonitor, tenant_id: str) -> Run:
    return budget.run(tenant_id, run_id="run-1", agent="researcher", user="ada", tags=["a"])


@pytest.mark.parametrize("response", [RESPONSE, Sdk(RESPONSE), Dictable()])
def test_a_call_books_the_cost_of_its_response(
    budget: BudgetMonitor, run: Run, tenant_id: str, response: Any
) -> None:
    with run.call(**TERMS) as call:
        assert held(budget, tenant_id) == HELD
        assert call.done(response) is response
        assert call.entry is not None
        assert call.entry["cost_usd"] == TRUE_COST
    (entry,) = budget.ledger(tenant_id)["items"]
    said = {name: entry[name] for name in ("agent", "user", "tags", "agent_execution_id", "model")}
    assert said == {
        "agent": "researcher",
        "user": "ada",
        "tags": ["a"],
        "agent_execution_id": "run-1",
        "model": "gpt-4o",
    }
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([TRUE_COST], "0")


def test_a_call_may_be_settled_by_counts_or_by_a_cost(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    with run.call(**TERMS) as call:
        call.done(usage={"input_tokens": 1200, "output_tokens": 300})
    with run.call(estimated_cost_usd="1") as call:
        call.done(cost_usd="0.25")
    assert sorted(costs(budget, tenant_id)) == [TRUE_COST, "0.25"]


def test_a_refusal_carries_the_decision_and_calls_nothing(run: Run) -> None:
    called = False
    with pytest.raises(RefusedError) as refused, run.call(**TERMS | {"max_tokens": 2_000_000}):
        called = True
    assert not called
    assert refused.value.reason_code == "EXECUTION_EXCEEDED"
    assert refused.value.decision["allowed"] is False
    assert refused.value.suggestion is None
    assert "Execution budget exceeded" in str(refused.value)


class StatusError(Exception):
    """As SDKs raise for an HTTP status."""

    def __init__(self, status_code: int) -> None:
        super().__init__(f"status {status_code}")
        self.status_code = status_code


class ConnectError(Exception):
    """As httpx names it."""


def wrapped(cause: Exception) -> Exception:
    error = RuntimeError("APIConnectionError")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [StatusError(400), StatusError(429), ConnectionRefusedError(), wrapped(ConnectError())],
    ids=repr,
)
def test_a_call_that_never_reached_the_model_is_released(
    budget: BudgetMonitor, run: Run, tenant_id: str, error: Exception
) -> None:
    with pytest.raises(type(error)), run.call(**TERMS):
        raise error
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([], "0")


@pytest.mark.parametrize(
    "error",
    [StatusError(500), StatusError(408), TimeoutError(), KeyboardInterrupt(), KeyError("choices")],
    ids=repr,
)
def test_a_call_that_may_have_reached_the_model_is_settled_at_its_estimate(
    budget: BudgetMonitor, run: Run, tenant_id: str, error: BaseException
) -> None:
    with pytest.raises(type(error)), run.call(**TERMS):
        raise error
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([HELD], "0")


def test_with_marks_only_what_fails_after_the_mark_is_booked(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    with pytest.raises(KeyError), run.call(**TERMS, marks_sending=True):
        raise KeyError("prompt")
    with run.call(**TERMS, marks_sending=True):
        pass
    assert costs(budget, tenant_id) == []
    with pytest.raises(KeyError), run.call(**TERMS, marks_sending=True) as call:  # noqa: PT012
        call.sending()
        raise KeyError("choices")
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([HELD], "0")


@pytest.mark.parametrize(
    "response",
    [
        {"choices": []},
        "a text",
        object(),
        Undumpable(),
        {"usage": {"prompt_tokens": 5, "riddles": 7}},
    ],
    ids=["no usage", "a text", "an object", "undumpable", "counts that nobody knows"],
)
def test_a_response_whose_usage_is_not_understood_is_booked_at_the_estimate(
    budget: BudgetMonitor, run: Run, tenant_id: str, response: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), run.call(**TERMS) as call:
        assert call.done(response) is response
    assert costs(budget, tenant_id) == [HELD]


def test_a_body_that_forgets_done_is_booked_at_the_estimate(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    with run.call(**TERMS):
        pass
    assert costs(budget, tenant_id) == [HELD]


def test_release_gives_the_money_back_and_done_comes_once(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    with run.call(**TERMS) as call:
        call.extend(3600)
        call.release()
        with pytest.raises(RuntimeError, match="has ended"):
            call.done(RESPONSE)
    assert (costs(budget, tenant_id), held(budget, tenant_id)) == ([], "0")


def test_a_run_ends_the_calls_that_were_left_open(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    with run:
        run.call(**TERMS).__enter__()
    assert costs(budget, tenant_id) == [HELD]


def test_a_decorated_function_is_a_guarded_call(
    budget: BudgetMonitor, run: Run, tenant_id: str
) -> None:
    @run.guard(model="gpt-4o", max_tokens=800)
    def ask(messages: list[dict[str, str]]) -> dict[str, Any]:
        """Ask the model."""
        del messages
        return RESPONSE

    assert ask([{"role": "user", "content": "hi"}]) == RESPONSE
    assert (ask.__doc__, costs(budget, tenant_id)) == ("Ask the model.", [TRUE_COST])


def test_what_a_call_needs_is_named() -> None:
    run = client().run("acme")
    with pytest.raises(ValueError, match="max_tokens and the input"):
        run.call(model="gpt-4o", max_tokens=5)
    with pytest.raises(ValueError, match="deny or allow"):
        client(on_unavailable="perhaps")
    with pytest.raises(RuntimeError, match="with statement"):
        run.call(**TERMS).done(RESPONSE)


def test_an_error_of_the_reservation_is_raised(run: Run) -> None:
    with pytest.raises(ValidationError), run.call(**TERMS, step="not an id"):
        pytest.fail("the call was made")


@pytest.mark.parametrize(("on_expiry", "booked"), [("return", []), ("settle_at_estimate", [HELD])])
def test_a_call_without_an_end_is_returned_or_booked_as_requested(
    run: Run, budget: BudgetMonitor, tenant_id: str, on_expiry: Any, booked: list[str]
) -> None:
    run.call(**TERMS, on_expiry=on_expiry, expires_in_seconds=60).__enter__()
    with later(minutes=2):
        client().expire()
        assert (costs(budget, tenant_id), held(budget, tenant_id)) == (booked, "0")
