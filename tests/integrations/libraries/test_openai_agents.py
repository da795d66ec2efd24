"""OpenAI Agents SDK with a guarded provider: `openai-agents` on pypi.org, against the stub."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from agents import Agent, ModelSettings, RunConfig, Runner

from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.openai_agents import guarded_provider
from tests.integrations.libraries.conftest import Ledger, booked_once, may_break
from tests.integrations.libraries.stub_models import Models

AGENT = Agent("researcher", model="gpt-4o", model_settings=ModelSettings(max_tokens=800))
KINDS = [True, False]
"""OpenAI's Responses API, and chat completions."""
COST = "0.006"


def config(run: Run, *, use_responses: bool) -> RunConfig:
    provider = guarded_provider(run, use_responses=use_responses)
    return RunConfig(model_provider=provider, tracing_disabled=True)


@pytest.mark.parametrize("use_responses", KINDS)
def test_an_agents_call_books_0_006_usd(
    ledger: Ledger, models: Models, *, use_responses: bool
) -> None:
    with ledger.run() as run:
        own = config(run, use_responses=use_responses)
        result = Runner.run_sync(AGENT, "What is a budget?", run_config=own)
    assert result.final_output == "It is a limit."
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


@pytest.mark.parametrize("use_responses", KINDS)
def test_a_refusal_ends_the_agents_run(
    ledger: Ledger, refused: Any, *, use_responses: bool
) -> None:
    with ledger.run() as run:
        own = config(run, use_responses=use_responses)
        refused(lambda: Runner.run_sync(AGENT, "What is a budget?", run_config=own))


CUTS = [
    *((True, cut, 3) for cut in range(4)),
    *((False, cut, 4) for cut in range(5)),
]


@pytest.mark.parametrize(("use_responses", "cut", "whole"), CUTS)
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, *, use_responses: bool, cut: int, whole: int
) -> None:
    models.cut_at = cut

    async def read(own: RunConfig) -> None:
        result = Runner.run_streamed(AGENT, "What is a budget?", run_config=own)
        async for _ in result.stream_events():
            pass

    with ledger.run() as run, may_break(only_if=cut <= whole):
        asyncio.run(read(config(run, use_responses=use_responses)))
    booked_once(ledger, COST, whole=cut >= whole)
