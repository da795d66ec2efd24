"""pydantic-ai: a model around another one that holds before each request and settles after."""

# mypy: disallow-subclassing-any=False
from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter, ModelResponse
from pydantic_ai.models import ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from budget_monitor_client.aio import AsyncCall, AsyncRun
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, of_run


class BudgetModel(WrapperModel):
    """`Agent(BudgetModel("openai:gpt-4o", run))`: each request is held before and booked after.

    A refusal raises RefusedError out of the agent's run, and nothing is sent. `max_tokens` is sent
    with requests that name no limit. Give the provider a client with `max_retries=0`.
    """

    def __init__(
        self,
        wrapped: Any,  # noqa: ANN401 - a model or its name
        run: Run | AsyncRun,
        *,
        max_tokens: int = DEFAULT_MAX_TOKENS,
        count: Count = most_tokens,
        provider: str | None = None,
    ) -> None:
        super().__init__(wrapped)
        self._terms = Terms(of_run(run), max_tokens, count, provider)

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        """Send one request, guarded."""
        settings = self._limited(model_settings)
        async with self._call(messages, settings, model_request_parameters) as call:
            response = await super().request(messages, settings, model_request_parameters)
            await _settle(call, response)
            return response

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: Any = None,  # noqa: ANN401
    ) -> AsyncGenerator[StreamedResponse]:
        """Stream one request, guarded. A stream that is cut is settled at its estimate."""
        settings = self._limited(model_settings)
        async with (
            self._call(messages, settings, model_request_parameters) as call,
            super().request_stream(
                messages, settings, model_request_parameters, run_context
            ) as stream,
        ):
            try:
                yield stream
            finally:
                response = stream.get()
                if response.finish_reason is not None:
                    await _settle(call, response)

    def _limited(self, settings: ModelSettings | None) -> ModelSettings:
        own: ModelSettings = {**(self.settings or {}), **(settings or {})}
        own.setdefault("max_tokens", self._terms.max_tokens)
        return own

    def _call(
        self, messages: list[ModelMessage], settings: ModelSettings, asked: ModelRequestParameters
    ) -> AsyncCall:
        sent = [
            ModelMessagesTypeAdapter.dump_python(messages, mode="json"),
            [[one.name, one.description, one.parameters_json_schema] for one in _tools(asked)],
        ]
        return self._terms.async_call(self.model_name, sent, max_tokens=settings["max_tokens"])


def _tools(asked: ModelRequestParameters) -> list[Any]:
    return [*asked.function_tools, *asked.output_tools]


async def _settle(call: AsyncCall, response: ModelResponse) -> None:
    """Book the usage. Without one the call is settled at its estimate when it ends."""
    usage = response.usage
    if usage.input_tokens or usage.output_tokens:
        await call.done({"model": response.model_name, "usage": _plain(usage)})


def _plain(usage: Any) -> dict[str, Any]:  # noqa: ANN401 - RequestUsage
    names = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
    counts = {name: getattr(usage, name) for name in names}
    audio = ("input_audio_tokens", "cache_audio_read_tokens", "output_audio_tokens")
    return {**counts, **{name: getattr(usage, name, 0) for name in audio}, "details": {}}
