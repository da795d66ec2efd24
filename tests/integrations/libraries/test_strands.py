"""Strands Agents with the hooks: `strands-agents` on pypi.org, against the stub."""

from __future__ import annotations

from typing import Any

import pytest
from strands import Agent
from strands.models.openai import OpenAIModel

from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.strands import BudgetHooks
from tests.integrations.libraries.conftest import Ledger, booked_or_estimated, may_break
from tests.integrations.libraries.stub_models import Models

COST = "0.006"


def agent(run: Run) -> Agent:
    model = OpenAIModel(
        client_args={"max_retries": 0}, model_id="gpt-4o", params={"max_tokens": 800}
    )
    return Agent(model=model, hooks=[BudgetHooks(run)], callback_handler=None, retry_strategy=None)


def test_an_agents_call_books_0_006_usd(ledger: Ledger, models: Models) -> None:
    with ledger.run() as run:
        assert "It is a limit." in str(agent(run)("What is a budget?"))
    assert (ledger.costs, ledger.held, models.attempts) == ([COST], "0", 1)


def test_a_refusal_ends_the_agents_invocation(ledger: Ledger, refused: Any) -> None:
    with ledger.run() as run:
        refused(lambda: agent(run)("What is a budget?"))


@pytest.mark.parametrize("cut", range(6))
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    ledger: Ledger, models: Models, cut: int
) -> None:
    models.cut_at = cut
    with ledger.run() as run, may_break(only_if=cut <= 4):
        agent(run)("What is a budget?")
    booked_or_estimated(ledger, COST, whole=cut >= 5)
