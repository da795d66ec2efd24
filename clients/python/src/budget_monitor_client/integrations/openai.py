"""OpenAI's client, and whatever is built on it: Azure, compatible providers, frameworks."""

from __future__ import annotations

from typing import TypeVar

import openai

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.sdk import Limits, guard_client
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, of_run

C = TypeVar("C", openai.OpenAI, openai.AsyncOpenAI)
PATHS = {
    "/chat/completions": Limits(("max_completion_tokens", "max_tokens"), counts_streams=True),
    "/responses": Limits(("max_output_tokens",)),
    "/embeddings": Limits(()),
    "/completions": Limits(("max_tokens",), counts_streams=True),
}
"""Paths that are guarded. Images, sound, files and batches pass: guard them with `run.call`."""


def guarded(
    client: C,
    run: Run | AsyncRun,
    *,
    max_tokens: int = DEFAULT_MAX_TOKENS,
    count: Count = most_tokens,
    provider: str | None = None,
) -> C:
    """Return a client of which each call is held before and booked after.

    A refusal raises RefusedError, and nothing is sent. `max_tokens` is sent with calls that name
    no limit. The client does not retry; see Terms for the rest.
    """
    terms = Terms(of_run(run), max_tokens, count, provider)
    return guard_client(client, terms, PATHS)
