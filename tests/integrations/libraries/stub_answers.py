"""What the stubbed providers answer."""

from __future__ import annotations

import base64
import json
from typing import Any

CHAT_USAGE = {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500}
USAGE = {"input_tokens": 1200, "output_tokens": 300}
RESPONSES_USAGE = {
    **USAGE,
    "total_tokens": 1500,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens_details": {"reasoning_tokens": 0},
}


def whole(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return an answer in one piece."""
    if path.endswith("/messages"):
        return {**ANTHROPIC, "model": body["model"]}
    if path.endswith("/responses"):
        return _response(body, "completed", RESPONSES_USAGE)
    if path.endswith("/embeddings"):
        vector = {"object": "embedding", "index": 0, "embedding": [0.5]}
        usage = {"prompt_tokens": 1200, "total_tokens": 1200}
        return {"object": "list", "model": body["model"], "data": [vector], "usage": usage}
    message = {"role": "assistant", "content": "It is a limit."}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return {**_chat(body, "chat.completion"), "choices": [choice], "usage": CHAT_USAGE}


def streamed(path: str, body: dict[str, Any]) -> list[bytes]:
    """Return the events of a stream."""
    if path.endswith("/messages"):
        return [_named(event) for event in messages(body["model"])]
    if path.endswith("/responses"):
        return [_named(event) for event in _responses(body)]
    chunks = [
        _chunk(body, {"role": "assistant", "content": "It is "}),
        _chunk(body, {"content": "a limit."}),
        _chunk(body, {}, "stop"),
    ]
    if (body.get("stream_options") or {}).get("include_usage"):
        chunks.append({**_chat(body, "chat.completion.chunk"), "choices": [], "usage": CHAT_USAGE})
    return [*(_event(chunk) for chunk in chunks), b"data: [DONE]\n\n"]


def _event(content: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(content)}\n\n".encode()


def _named(content: dict[str, Any]) -> bytes:
    return f"event: {content['type']}\ndata: {json.dumps(content)}\n\n".encode()


def _chat(body: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": 1764000000, "model": body["model"]}


def _chunk(
    body: dict[str, Any], delta: dict[str, Any], reason: str | None = None
) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return {**_chat(body, "chat.completion.chunk"), "choices": [choice]}


def _response(
    body: dict[str, Any], status: str, usage: dict[str, Any] | None, *, written: bool = True
) -> dict[str, Any]:
    text = {"type": "output_text", "text": "It is a limit.", "annotations": []}
    message = {
        "type": "message",
        "id": "msg_1",
        "status": "completed",
        "role": "assistant",
        "content": [text],
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1764000000,
        "status": status,
        "model": body["model"],
        "output": [message] if written else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": usage,
    }


def _responses(body: dict[str, Any]) -> list[dict[str, Any]]:
    started = _response(body, "in_progress", None, written=False)
    delta = {
        "type": "response.output_text.delta",
        "item_id": "msg_1",
        "output_index": 0,
        "content_index": 0,
        "delta": "It is a limit.",
        "sequence_number": 1,
        "logprobs": [],
    }
    ended = _response(body, "completed", RESPONSES_USAGE)
    return [
        {"type": "response.created", "sequence_number": 0, "response": started},
        delta,
        {"type": "response.completed", "sequence_number": 2, "response": ended},
    ]


ANTHROPIC: dict[str, Any] = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5",
    "content": [{"type": "text", "text": "It is a limit."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": USAGE,
}


def messages(model: str) -> list[dict[str, Any]]:
    """Return the events of Anthropic's stream."""
    started = {**ANTHROPIC, "model": model, "content": [], "stop_reason": None}
    text = {"type": "text_delta", "text": "It is a limit."}
    ended = {"stop_reason": "end_turn", "stop_sequence": None}
    return [
        {"type": "message_start", "message": {**started, "usage": {**USAGE, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": text},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": ended, "usage": {"output_tokens": 300}},
        {"type": "message_stop"},
    ]


_CONVERSE_USAGE = {"inputTokens": 1200, "outputTokens": 300, "totalTokens": 1500}
CONVERSE: dict[str, Any] = {
    "output": {"message": {"role": "assistant", "content": [{"text": "It is a limit."}]}},
    "stopReason": "end_turn",
    "usage": _CONVERSE_USAGE,
    "metrics": {"latencyMs": 5},
}
CONVERSED: list[tuple[str, dict[str, Any]]] = [
    ("messageStart", {"role": "assistant"}),
    ("contentBlockDelta", {"delta": {"text": "It is a limit."}, "contentBlockIndex": 0}),
    ("contentBlockStop", {"contentBlockIndex": 0}),
    ("messageStop", {"stopReason": "end_turn"}),
    ("metadata", {"usage": _CONVERSE_USAGE, "metrics": {"latencyMs": 5}}),
]
INVOKED: list[tuple[str, dict[str, Any]]] = [
    ("chunk", {"bytes": base64.b64encode(json.dumps(one).encode()).decode()})
    for one in messages("claude-sonnet-4-5")
]
