"""What all integrations need: how much a call may cost, and for whom it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from budget_monitor_client.aio import AsyncCall, AsyncRun
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run

Count = Callable[[Any], int]
"""Counts the most input tokens of what is sent."""
DEFAULT_MAX_TOKENS = 4096


@dataclass(frozen=True)
class Terms:
    """How the calls of one client or agent are guarded.

    Args:
        run: The run that they belong to.
        max_tokens: The most tokens that a call may write if the call itself names no limit.
        count: Counts the input. The default takes a token for each byte, and refuses images,
            sound and files with a ValueError.
        provider: The provider, where the model's name does not say it.

    """

    run: Run
    max_tokens: int = DEFAULT_MAX_TOKENS
    count: Count = most_tokens
    provider: str | None = None

    def call(
        self, model: str, sent: object, *, max_tokens: int | None = None, answers: int = 1
    ) -> Call:
        """Return the call of a model; `sent` is what is transmitted to it."""
        most = self.max_tokens if max_tokens is None else max_tokens
        return self.run.call(
            model=model,
            provider=self.provider,
            max_tokens=most * answers,
            input=sent,
            input_tokens=self.count(sent),
        )

    def async_call(
        self, model: str, sent: object, *, max_tokens: int | None = None, answers: int = 1
    ) -> AsyncCall:
        """As `call`, for `async with`."""
        return AsyncCall(self.call(model, sent, max_tokens=max_tokens, answers=answers))


def of_run(run: Run | AsyncRun) -> Run:
    """Return the run itself. Integrations take both kinds and follow the library's own."""
    return run.synchronous if isinstance(run, AsyncRun) else run


def first(mapping: Mapping[str, Any], *names: str) -> Any:  # noqa: ANN401 - JSON
    """Return the first of these names that is set."""
    return next((mapping[name] for name in names if mapping.get(name) is not None), None)
