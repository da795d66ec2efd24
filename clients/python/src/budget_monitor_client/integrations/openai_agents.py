"""OpenAI Agents SDK: a provider of models whose calls are guarded."""

from __future__ import annotations

from typing import Any

from agents import OpenAIProvider
from openai import AsyncOpenAI

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.openai import guarded


def guarded_provider(
    run: Run | AsyncRun,
    client: AsyncOpenAI | None = None,
    *,
    use_responses: bool | None = None,
    **terms: Any,
) -> OpenAIProvider:
    """Return the provider for `RunConfig(model_provider=...)`.

    A refusal ends the agent's run with RefusedError. `terms` are those of `openai.guarded`. Tracing
    is the SDK's own and costs nothing.
    """
    own = guarded(client or AsyncOpenAI(), run, **terms)
    return OpenAIProvider(openai_client=own, use_responses=use_responses)
