"""A stream that is cut at any chunk is delivered or booked at its estimate, never free."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from budget_monitor_client import BudgetMonitor
from budget_monitor_client.guard.streams import StreamUsage
from tests.clients.test_calls import costs, held
from tests.support.clients.handlers import client
from tests.support.thorough import first

OPENAI = [
    {"choices": [{"delta": {"content": "It "}, "finish_reason": None}], "usage": None},
    {"choices": [{"delta": {"content": "is"}, "finish_reason": None}], "usage": None},
    {"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": None},
    {"choices": [], "usage": {"prompt_tokens": 1200, "completion_tokens": 300}},
]
RUNNING = [
    {"choices": [{"finish_reason": None}], "usage": {"prompt_tokens": 9, "completion_tokens": 1}},
    {"choices": [{"finish_reason": None}], "usage": {"prompt_tokens": 9, "completion_tokens": 2}},
    {
        "choices": [{"finish_reason": "stop"}],
        "usage": {"prompt_tokens": 1200, "completion_tokens": 300},
    },
]
RESPONSES = [
    {"type": "response.created", "response": {"status": "in_progress", "usage": None}},
    {"type": "response.output_text.delta", "delta": "It is"},
    {
        "type": "response.completed",
        "response": {"status": "completed", "usage": {"input_tokens": 1200, "output_tokens": 300}},
    },
]
ANTHROPIC = [
    {
        "type": "message_start",
        "message": {
            "id": "msg_1",
            "type": "message",
            "model": "claude-sonnet-4-5",
            "content": [],
            "stop_reason": None,
            "usage": {"input_tokens": 1200, "output_tokens": 1},
        },
    },
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "It is"}},
    {"type": "ping"},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": None},
        "usage": {"input_tokens": None, "output_tokens": 300},
    },
    {"type": "message_stop"},
]
BEDROCK = [
    {"messageStart": {"role": "assistant"}},
    {"contentBlockDelta": {"delta": {"text": "It is"}, "contentBlockIndex": 0}},
    {"messageStop": {"stopReason": "end_turn"}},
    {
        "metadata": {
            "usage": {"inputTokens": 1200, "outputTokens": 300, "totalTokens": 1500},
            "metrics": {"latencyMs": 500},
        }
    },
]
INVOKED = [{"chunk": {"bytes": json.dumps(one).encode()}} for one in ANTHROPIC]
NOVA = [
    {"chunk": {"bytes": b'{"contentBlockDelta": {"delta": {"text": "It is"}}}'}},
    {
        "chunk": {
            "bytes": json.dumps(
                {
                    "metadata": {"usage": {"inputTokens": 1200, "outputTokens": 300}},
                    "amazon-bedrock-invocationMetrics": {
                        "inputTokenCount": 1200,
                        "outputTokenCount": 300,
                    },
                }
            ).encode()
        }
    },
]
GOOGLE = [
    {
        "candidates": [{"content": {"parts": [{"text": "It "}]}}],
        "usageMetadata": {"promptTokenCount": 1200, "totalTokenCount": 1200},
    },
    {
        "candidates": [{"content": {"parts": [{"text": "is"}]}, "finishReason": "STOP"}],
        "usageMetadata": {
            "promptTokenCount": 1200,
            "candidatesTokenCount": 300,
            "totalTokenCount": 1500,
        },
    },
]
GROQ = [
    {"choices": [{"finish_reason": None}], "x_groq": {"id": "req_1"}},
    {
        "choices": [{"finish_reason": "stop"}],
        "x_groq": {"id": "req_1", "usage": {"prompt_tokens": 1200, "completion_tokens": 300}},
    },
]
# Stream, model, and the chunk with which the usage is whole.
STREAMS: dict[str, tuple[list[Any], str, int]] = {
    "openai": (OPENAI, "gpt-4o", 4),
    "openai, a usage in each chunk": (RUNNING, "gpt-4o", 3),
    "openai responses": (RESPONSES, "gpt-4o", 3),
    "anthropic": (ANTHROPIC, "claude-sonnet-4-5", 4),
    "bedrock converse": (BEDROCK, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 4),
    "bedrock invoke": (INVOKED, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", 4),
    "bedrock nova": (NOVA, "amazon.nova-pro-v1:0", 2),
    "google": (GOOGLE, "gemini-2.5-pro", 2),
    "groq": (GROQ, "gpt-4o", 2),
}
CUTS = [(name, cut) for name, (chunks, _, _) in STREAMS.items() for cut in range(len(chunks) + 1)]
ENDS = ["the provider breaks", "the reader leaves", "the reader fails", "the stream ends early"]


class BrokenError(Exception):
    """The connection broke."""


class Chunk:
    """A chunk of an SDK."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def model_dump(self) -> Any:
        return self.content


def cut(chunks: list[Any], at: int, end: str) -> Iterator[Chunk]:
    for chunk in chunks[:at]:
        yield Chunk(chunk)
    if end == "the provider breaks" and at < len(chunks):
        raise BrokenError


def read(stream: Iterator[Chunk], at: int, end: str) -> None:
    for number, _ in enumerate(stream, start=1):
        if number == at and end == "the reader leaves":
            return
        if number == at and end == "the reader fails":
            raise BrokenError


def stream_once(budget: BudgetMonitor, tenant_id: str, name: str, at: int, end: str) -> str:
    """Read a stream that is cut, and return what is held for it."""
    chunks, model, _ = STREAMS[name]
    run = budget.run(tenant_id)
    try:
        with run.call(model=model, max_tokens=4000, input_tokens=1500) as call:
            assert call.decision is not None
            amount = call.decision["reservation"]["amount_usd"]
            read(call.stream(cut(chunks, at, end)), at, end)
    except BrokenError:
        pass
    return str(amount)


@pytest.mark.parametrize("end", first(2, ENDS))
@pytest.mark.parametrize(("name", "at"), CUTS)
def test_a_stream_cut_at_each_chunk_is_delivered_or_booked_at_the_estimate(
    tenant_id: str, name: str, at: int, end: str
) -> None:
    budget = client()
    estimate = stream_once(budget, tenant_id, name, at, end)
    (cost,) = costs(budget, tenant_id)
    assert held(budget, tenant_id) == "0"
    _, model, whole = STREAMS[name]
    usage = {"input_tokens": 1200, "output_tokens": 300}
    true = budget.quote(tenant_id, agent_execution_id="r", model=model, usage=usage)["cost_usd"]
    assert cost == (true if at >= whole else estimate)


def test_a_stream_that_is_never_read_is_booked_at_the_estimate(tenant_id: str) -> None:
    budget = client()
    with budget.run(tenant_id).call(model="gpt-4o", max_tokens=800, input_tokens=1200) as call:
        call.stream(iter(OPENAI))
    assert costs(budget, tenant_id) == ["0.011"]


def test_chunks_pass_unchanged_and_those_that_are_no_objects_are_skipped(tenant_id: str) -> None:
    chunks: list[Any] = ["text", b"bytes", 5, object(), {"chunk": {"bytes": b"no json"}}, OPENAI[3]]
    budget = client()
    with budget.run(tenant_id).call(model="gpt-4o", max_tokens=800, input_tokens=1200) as call:
        assert list(call.stream(chunks)) == chunks
    assert costs(budget, tenant_id) == ["0.006"]


def test_counts_that_go_on_are_no_usage() -> None:
    usage = StreamUsage()
    usage.read(GOOGLE[0])
    assert usage.response is None
    usage.read(GOOGLE[1])
    assert usage.response == GOOGLE[1]


ODD: list[Any] = [
    {"type": "message_start", "message": None},
    {"type": "message_start", "message": "x"},
    {"type": {"a": 1}},
    {"type": "message_delta", "usage": 5},
    {"type": "message_delta", "delta": "x", "usage": {"output_tokens": 1}},
    {"choices": 5, "usage": {"prompt_tokens": 1}},
    {"candidates": True, "usageMetadata": {"promptTokenCount": 1}},
    {"type": "response.completed", "response": []},
    {"chunk": {"bytes": None}},
    object(),
]


@pytest.mark.parametrize("events", [OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def test_chunks_of_an_unknown_shape_pass_and_the_usage_after_them_counts(events: list[Any]) -> None:
    whole, read = StreamUsage(), StreamUsage()
    for event in events:
        whole.read(event)
    for event in (*events[:1], *ODD, *events[1:]):
        read.read(event)
    assert read.response == whole.response
    assert whole.response is not None
