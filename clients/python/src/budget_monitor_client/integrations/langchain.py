"""LangChain and LangGraph: a callback that holds before each call of a model and settles after."""

# mypy: disallow-subclassing-any=False
from __future__ import annotations

import threading
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.terms import Count, Terms, first, of_run

_LIMITS = ("max_completion_tokens", "max_tokens", "max_output_tokens", "max_tokens_to_sample")
_MODELS = ("model", "model_name", "model_id")


class BudgetCallback(BaseCallbackHandler):
    """Give it in `config={"callbacks": [...]}`, to a chain, an agent or a graph.

    A refusal raises RefusedError out of `invoke`, and nothing is sent. Set `max_tokens` on the
    models, or here as the estimate of models that set none. Set `max_retries=0` on the models.
    Streams need the usage (`stream_usage=True`), or else they are booked at the estimate.
    """

    raise_error = True  # or else LangChain logs a refusal, and calls the model

    def __init__(
        self,
        run: Run | AsyncRun,
        *,
        max_tokens: int | None = None,
        count: Count = most_tokens,
        provider: str | None = None,
    ) -> None:
        super().__init__()
        self._max_tokens = max_tokens
        self._terms = Terms(of_run(run), 0, count, provider)
        self._calls: dict[UUID, Call] = {}
        self._lock = threading.Lock()

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        **kwargs: Any,
    ) -> None:
        """Hold the money of a call with messages."""
        del serialized
        sent = [{"type": one.type, "content": one.content} for batch in messages for one in batch]
        self._hold(run_id, sent, kwargs)

    def on_llm_start(
        self, serialized: dict[str, Any], prompts: list[str], *, run_id: UUID, **kwargs: Any
    ) -> None:
        """Hold the money of a call with texts."""
        del serialized
        self._hold(run_id, prompts, kwargs)

    def _hold(self, run_id: UUID, sent: object, kwargs: dict[str, Any]) -> None:
        asked: dict[str, Any] = kwargs.get("invocation_params") or {}
        named: dict[str, Any] = kwargs.get("metadata") or {}
        most = first(asked, *_LIMITS) or named.get("ls_max_tokens") or self._max_tokens
        model = first(asked, *_MODELS) or named.get("ls_model_name")
        if most is None or model is None:
            raise ValueError(
                "set max_tokens on the model or on BudgetCallback, and the model's name"
            )
        content = [sent, asked.get("tools"), asked.get("functions"), asked.get("response_format")]
        prompts = len(sent) if isinstance(sent, list) and _are_texts(sent) else 1
        answers = int(asked.get("n") or 1) * prompts
        call = self._terms.call(model, content, max_tokens=most, answers=answers)
        call.__enter__()
        with self._lock:
            self._calls[run_id] = call

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Book the cost by the usage of the answer."""
        del kwargs
        call = self._taken(run_id)
        if call is None:
            return
        usage = _usage(response)
        if usage is None:
            call.end(None)
        else:
            call.done(usage)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End a call that failed or was cut."""
        del kwargs
        call = self._taken(run_id)
        if call is not None:
            call.end(error)

    def _taken(self, run_id: UUID) -> Call | None:
        with self._lock:
            return self._calls.pop(run_id, None)


def _are_texts(sent: list[Any]) -> bool:
    return all(isinstance(one, str) for one in sent)


def _usage(response: LLMResult) -> dict[str, Any] | None:
    """The usage of a chat message, or of a completion; None where there is none."""
    for generations in response.generations:
        for one in generations:
            found = getattr(getattr(one, "message", None), "usage_metadata", None)
            if found:
                return {"usage_metadata": dict(found)}
    said = (response.llm_output or {}).get("token_usage")
    return {"usage": dict(said)} if said else None
