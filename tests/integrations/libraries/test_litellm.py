"""LiteLLM's SDK, guarded: `litellm` on pypi.org, against the stub."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.litellm import BudgetLiteLLM
from tests.integrations.libraries.conftest import Ledger, booked_or_estimated, may_break
from tests.integrations.libraries.stub_models import Models

MESSAGES = [{"role": "user", "content": "What is a budget?"}]
COSTS = {"openai/gpt-4o": "0.006", "anthropic/claude-sonnet-4-5": "0.0081"}


def completed(run: Run, model: str) -> Any:
    return BudgetLiteLLM(run).completion(model, MESSAGES, max_tokens=800)


def acompleted(run: Run, model: str) -> Any:
    return asyncio.run(BudgetLiteLLM(run).acompletion(model, MESSAGES, max_tokens=800))


CALLS = [completed, acompleted]


@pytest.mark.parametrize("model", COSTS)
@pytest.mark.parametrize("call", CALLS)
def test_a_call_books_its_exact_cost(ledger: Ledger, models: Models, call: Any, model: str) -> None:
    with ledger.run() as run:
        assert call(run, model).choices[0].message.content == "It is a limit."
    assert (ledger.costs, ledger.held, models.attempts) == ([COSTS[model]], "0", 1)


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_is_raised_before_anything_is_sent(
    ledger: Ledger, refused: Any, call: Any
) -> None:
    with ledger.run() as run:
        refused(lambda: call(run, "openai/gpt-4o"))


@pytest.mark.parametrize(("status", "booked"), [(500, 1), (429, 0)])
def test_a_failed_call_is_sent_once(
    ledger: Ledger, models: Models, status: int, booked: int
) -> None:
    models.status = status
    with ledger.run() as run, pytest.raises(Exception, match="no"):
        completed(run, "openai/gpt-4o")
    assert (models.attempts, ledger.held, len(ledger.costs)) == (1, "0", booked)


def streamed(run: Run, model: str) -> None:
    for _ in BudgetLiteLLM(run).completion(model, MESSAGES, max_tokens=800, stream=True):
        pass


def astreamed(run: Run, model: str) -> None:
    async def read() -> None:
        guarded = BudgetLiteLLM(run)
        async for _ in await guarded.acompletion(model, MESSAGES, max_tokens=800, stream=True):
            pass

    asyncio.run(read())


@pytest.mark.parametrize("read", [streamed, astreamed])
@pytest.mark.parametrize("cut", range(6))
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, read: Any, cut: int
) -> None:
    models.cut_at = cut
    with ledger.run() as run, may_break(only_if=cut <= 4):
        read(run, "openai/gpt-4o")
    booked_or_estimated(ledger, "0.006", whole=cut >= 5)
