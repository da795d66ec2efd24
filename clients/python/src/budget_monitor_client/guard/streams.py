"""Finds the usage in the chunks of a stream: OpenAI, Anthropic, Bedrock and Google.

A usage is only final when the provider says so: counts before that go on, and would make a cut
stream too cheap. That the iterator ends says nothing, since a cut may look like an end.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from budget_monitor_client.values import plain

_log = logging.getLogger("budget_monitor_client")
_ENDED = {"response.completed", "response.incomplete", "response.failed"}
"""The last events of OpenAI's Responses API."""


class StreamUsage:
    """Reads chunks as they pass. `response` is what the call can be settled with, once final."""

    def __init__(self) -> None:
        self.response: dict[str, Any] | None = None
        self._message: dict[str, Any] | None = None

    def read(self, chunk: object) -> None:
        """Note what the chunk says. Chunks of other kinds are skipped: none breaks the stream."""
        try:
            event = _event(chunk)
            if event is not None:
                self._note(event)
        except (TypeError, ValueError, AttributeError) as error:
            _log.info("a chunk is not understood: %s", error)

    def _note(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
        if kind in _ENDED and isinstance(event.get("response"), dict):
            self.response = event["response"]
        elif kind in {"message_start", "message_delta"}:
            self._anthropic(kind, event)
        elif _has_usage(event.get("metadata")):
            self.response = {**event["metadata"]}
        elif "amazon-bedrock-invocationMetrics" in event and self._message is None:
            self.response = event
        elif _has_usage(event):
            self._running(event)

    def _anthropic(self, kind: str, event: Mapping[str, Any]) -> None:
        """The first event has the input, the last one the output: both are one usage."""
        if kind == "message_start":
            self._message = {**event.get("message", {})}
        elif self._message is not None:
            usage = {**(self._message.get("usage") or {})}
            said = event.get("usage") or {}
            usage |= {name: one for name, one in said.items() if one is not None}
            self._message |= {"usage": usage, **(event.get("delta") or {})}
            if self._message.get("stop_reason"):
                self.response = self._message

    def _running(self, event: dict[str, Any]) -> None:
        """OpenAI's last chunk has no choices; Google counts in each chunk until it finishes."""
        parts = event.get("choices") if "choices" in event else event.get("candidates")
        reasons = [_reason(one) for one in parts or [] if isinstance(one, Mapping)]
        if all(reasons) and ("choices" in event or reasons):
            self.response = event


def _reason(part: Mapping[str, Any]) -> object:
    names = ("finish_reason", "finishReason")
    return next((part[name] for name in names if part.get(name)), None)


def _has_usage(event: object) -> bool:
    """Groq has it in `x_groq`, which in other chunks has an id alone."""
    names = ("usage", "usage_metadata", "usageMetadata")
    if not isinstance(event, Mapping):
        return False
    return any(event.get(name) for name in names) or _has_usage(event.get("x_groq"))


def _event(chunk: object) -> dict[str, Any] | None:
    """The chunk as a dict, or None for one that is no object."""
    if isinstance(chunk, (str, bytes)):
        return None
    found = plain(chunk)
    if not isinstance(found, dict):
        return None
    packed = found.get("chunk")
    if isinstance(packed, dict) and "bytes" in packed:
        inner = json.loads(packed["bytes"])
        return inner if isinstance(inner, dict) else None
    return found
