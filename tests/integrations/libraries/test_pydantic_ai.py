"""pydantic-ai with a guarded model: `pydantic-ai-slim` on pypi.org, against the stub."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel

from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.pydantic_ai import BudgetModel
from tests.integrations.libraries.conftest import Ledger, booked_once, may_break
from tests.integrations.libraries.stub_models import Models

COST = "0.006"


def agent(run: Run, **own: Any) -> Agent:
    return Agent(BudgetModel(OpenAIChatModel("gpt-4o"), run, **own))


def test_an_agents_call_books_0_006_usd(ledger: Ledger, models: Models) -> None:
    with ledger.run() as run:
        assert agent(run).run_sync("What is a budget?").output == "It is a limit."
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


def test_a_refusal_ends_the_agents_run(ledger: Ledger, refused: Any) -> None:
    with ledger.run() as run:
        refused(lambda: agent(run).run_sync("What is a budget?"))


def test_a_request_without_a_limit_gets_that_of_the_guard(ledger: Ledger, models: Models) -> None:
    agent(ledger.run(), max_tokens=123).run_sync("What is a budget?")
    own = {"max_tokens": 45}
    agent(ledger.run()).run_sync("What is a budget?", model_settings=own)
    assert [body["max_completion_tokens"] for _, body in models.seen] == [123, 45]


@pytest.mark.parametrize("cut", range(5))
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, cut: int
) -> None:
    models.cut_at = cut

    async def read(run: Run) -> None:
        async with agent(run).run_stream("What is a budget?") as result:
            async for _ in result.stream_text():
                pass

    with ledger.run() as run, may_break(only_if=cut <= 4):
        asyncio.run(read(run))
    booked_once(ledger, COST, whole=cut >= 4)
