"""Anthropic's client, also on Bedrock and Vertex AI."""

from __future__ import annotations

from typing import TypeVar

import anthropic

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.sdk import Limits, guard_client
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, of_run

C = TypeVar("C", anthropic.Anthropic, anthropic.AsyncAnthropic)
PATHS = {"/messages": Limits(("max_tokens",)), "/complete": Limits(("max_tokens_to_sample",))}
"""Paths that are guarded. Batches of messages pass: guard them with `run.call`."""


def guarded(
    client: C,
    run: Run | AsyncRun,
    *,
    max_tokens: int = DEFAULT_MAX_TOKENS,
    count: Count = most_tokens,
    provider: str | None = None,
) -> C:
    """Return a client of which each call is held before and booked after.

    A refusal raises RefusedError, and nothing is sent. The client does not retry; see Terms for
    the rest.
    """
    terms = Terms(of_run(run), max_tokens, count, provider)
    return guard_client(client, terms, PATHS)
