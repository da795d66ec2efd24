"""Amazon Bedrock by boto3: the client's own events hold, settle and release."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.response import StreamingBody

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.guard.calls import Call
from budget_monitor_client.guard.estimates import most_tokens
from budget_monitor_client.guard.runs import Run
from budget_monitor_client.integrations.terms import DEFAULT_MAX_TOKENS, Count, Terms, first, of_run

OPERATIONS = ("Converse", "ConverseStream", "InvokeModel", "InvokeModelWithResponseStream")
_STREAMS = {"ConverseStream": "stream", "InvokeModelWithResponseStream": "body"}
_CALL = "budget_monitor_call"
_LIMITS = ("max_tokens", "max_completion_tokens", "max_gen_len", "maxTokens", "maxTokenCount")


def guard(
    client: Any,  # noqa: ANN401 - boto3 makes its classes at run time
    run: Run | AsyncRun,
    *,
    max_tokens: int = DEFAULT_MAX_TOKENS,
    count: Count = most_tokens,
) -> None:
    """Guard all calls of models of this `bedrock-runtime` client, in place.

    A refusal raises RefusedError, and nothing is sent. `max_tokens` is what `Converse` sends where
    the caller names no limit; a body of `InvokeModel` must name one. Give the client
    `Config(retries={"total_max_attempts": 1})`: an attempt that timed out may be billed.
    """
    events, guards = client.meta.events, _Guard(Terms(of_run(run), max_tokens, count, "bedrock"))
    for operation in OPERATIONS:
        name = f"bedrock-runtime.{operation}"
        events.register_last(f"before-parameter-build.{name}", guards.hold)
        events.register_first(f"after-call.{name}", guards.settle)
        events.register_first(f"after-call-error.{name}", guards.end)


class _Guard:
    """The handlers of one client's events."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def hold(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Hold the money of a call before it is sent."""
        if "modelId" not in params:
            return  # boto3 raises its own error
        sent, most = self._asked(params)
        call = self._terms.call(params["modelId"], sent, max_tokens=most)
        call.__enter__()
        context[_CALL] = call

    def _asked(self, params: dict[str, Any]) -> tuple[Any, int | None]:
        if "body" in params:
            body = json.loads(params["body"])
            inner = (body, body.get("textGenerationConfig", {}), body.get("inferenceConfig", {}))
            found = [most for one in inner if (most := first(one, *_LIMITS)) is not None]
            if not found and "inputText" not in body and "texts" not in body:
                raise ValueError("the body names no limit of output tokens")
            return body, found[0] if found else 0
        terms = params.setdefault("inferenceConfig", {})
        most = terms.setdefault("maxTokens", self._terms.max_tokens)
        return {name: one for name, one in params.items() if name != "modelId"}, most

    def settle(
        self,
        http_response: Any,  # noqa: ANN401
        parsed: dict[str, Any],
        model: Any,  # noqa: ANN401
        context: dict[str, Any],
        **_: Any,
    ) -> None:
        """Book the cost by the answer, or watch its stream."""
        call: Call | None = context.get(_CALL)
        if call is None:
            return
        if http_response.status_code >= 300:  # noqa: PLR2004 - a refusal or a fault
            call.end(_Refused(http_response.status_code))
        elif model.name in _STREAMS:
            name = _STREAMS[model.name]
            parsed[name] = GuardedStream(call, parsed[name])
        elif "body" in parsed:
            raw = parsed["body"].read()
            parsed["body"] = StreamingBody(io.BytesIO(raw), len(raw))
            call.done(_invoked(raw, parsed))
        else:
            call.done({name: one for name, one in parsed.items() if name != "ResponseMetadata"})

    def end(self, exception: BaseException, context: dict[str, Any], **_: Any) -> None:
        """End a call that failed before there was an answer."""
        call: Call | None = context.get(_CALL)
        if call is not None:
            call.end(exception)


class _Refused(Exception):  # noqa: N818 - never raised: what `end` reads
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status_code = status


class GuardedStream:
    """An event stream of boto3 whose last event settles the call, and whose closing ends it."""

    def __init__(self, call: Call, stream: Any) -> None:  # noqa: ANN401 - botocore's EventStream
        self._call, self._stream = call, stream
        self._events = call.stream(stream)

    def __iter__(self) -> Iterator[Any]:
        """Return the events."""
        return self._events

    def close(self) -> None:
        """Close the stream. A call without a usage is settled at its estimate."""
        try:
            self._stream.close()
        finally:
            self._call.end(None)


def _invoked(raw: bytes, parsed: Mapping[str, Any]) -> dict[str, Any]:
    """The body's usage, or else what Bedrock counts in the headers."""
    body: dict[str, Any] = json.loads(raw)
    if "usage" in body:
        return body
    headers = parsed["ResponseMetadata"]["HTTPHeaders"]
    return {"ResponseMetadata": {"HTTPHeaders": dict(headers)}}
