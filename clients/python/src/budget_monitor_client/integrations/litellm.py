"""LiteLLM's SDK: its `completion` and `acompletion`, guarded."""

from __future__ import annotations

from typing import Any

import litellm

from budget_monitor_client.aio import AsyncCall, AsyncRun
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.litellm_chunks import as_openai, as_openai_async
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, first, of_run

LIMITS = ("max_completion_tokens", "max_tokens")


class BudgetLiteLLM:
    """`completion` and `acompletion` of LiteLLM for one run.

    A refusal raises RefusedError, and nothing is sent. `max_tokens` is sent with calls that name no
    limit, and `num_retries=0` with all: an attempt that timed out may be billed.
    """

    def __init__(
        self,
        run: Run | AsyncRun,
        *,
        max_tokens: int = DEFAULT_MAX_TOKENS,
        count: Count = most_tokens,
    ) -> None:
        self._terms = Terms(of_run(run), max_tokens, count)

    def completion(self, model: str, messages: list[Any], **asked: Any) -> Any:  # noqa: ANN401
        """As `litellm.completion`; a stream is an iterator of its chunks."""
        asked, most = limited(asked, self._terms.max_tokens)
        call = self._call(model, messages, asked, most)
        call.__enter__()
        try:
            response = litellm.completion(model, messages, **asked)
            return call.stream(as_openai(response)) if asked.get("stream") else call.done(response)
        except BaseException as error:
            call.end(error)
            raise

    async def acompletion(self, model: str, messages: list[Any], **asked: Any) -> Any:  # noqa: ANN401
        """As `litellm.acompletion`; a stream is an asynchronous iterator of its chunks."""
        asked, most = limited(asked, self._terms.max_tokens)
        call = AsyncCall(self._call(model, messages, asked, most))
        await call.__aenter__()
        try:
            response = await litellm.acompletion(model, messages, **asked)
            if asked.get("stream"):
                return call.stream(as_openai_async(response))
            return await call.done(response)
        except BaseException as error:
            await call.__aexit__(type(error), error, None)
            raise

    def _call(self, model: str, messages: list[Any], asked: dict[str, Any], most: int) -> Call:
        sent = [messages, asked.get("tools"), asked.get("response_format")]
        return self._terms.call(model, sent, max_tokens=most, answers=asked.get("n") or 1)


def limited(asked: dict[str, Any], max_tokens: int) -> tuple[dict[str, Any], int]:
    """The call's terms with a limit of output, no retries, and the usage of a stream."""
    own: dict[str, Any] = {"num_retries": 0, "max_retries": 0, **asked}
    most = first(own, *LIMITS)
    if most is None:
        most = own["max_tokens"] = max_tokens
    if own.get("stream"):
        own["stream_options"] = {"include_usage": True, **(own.get("stream_options") or {})}
    return own, most
