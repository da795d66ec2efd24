"""The estimate of a prompt is never below its tokens, and content is not sent."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor_client.guard.estimates import MARKS, most_tokens
from budget_monitor_client.guard.responses import counted


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 16), ("hello", 21), ("héllo", 22), ("日本", 22), ("\ud800", 17)]
)
def test_a_text_has_at_most_a_token_for_each_byte(text: str, tokens: int) -> None:
    assert most_tokens(text) == tokens


def test_messages_have_at_most_a_token_for_each_byte_of_their_json() -> None:
    messages = [{"role": "user", "content": "hi"}]
    assert most_tokens(messages) == len(json.dumps(messages, separators=(",", ":"))) + MARKS
    assert most_tokens((messages, {"tools": []})) > most_tokens(messages)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        {"type": "input_file", "file_id": "f"},
        {"inlineData": {"mimeType": "audio/wav", "data": "AAAA"}},
        {"image": {"format": "png", "source": {"bytes": b"1"}}},
    ],
)
def test_parts_that_are_no_text_ask_for_input_tokens(part: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give input_tokens"):
        most_tokens([{"role": "user", "content": [part]}])


def test_what_the_model_wrote_is_not_sent_and_what_counts_is() -> None:
    response = {
        "id": "resp_1",
        "output": [
            {"type": "web_search_call", "action": {"type": "search", "query": "secret"}},
            {"type": "message", "content": [{"type": "output_text", "text": "secret"}]},
        ],
        "choices": [{"finish_reason": "stop", "message": {"content": "secret"}}],
        "candidates": [{"groundingMetadata": {"webSearchQueries": ["a"]}, "content": "secret"}],
        "text": "secret" * 100,
        "embedding": [0.1, 0.2],
        "usage": {"input_tokens": 5, "iterations": [{"input_tokens": 5}], "cost": 0.1},
    }
    sent = counted(response)
    assert "secret" not in json.dumps(sent["choices"] + sent["candidates"]) + sent["text"]
    assert sent["output"] == [{"type": "web_search_call", "action": {"type": "search"}}]
    assert sent["choices"] == [{"finish_reason": "stop"}]
    assert sent["candidates"] == [{"groundingMetadata": {"webSearchQueries": ["a"]}}]
    assert (sent["usage"], sent["embedding"]) == (response["usage"], [])


def test_a_response_of_a_megabyte_is_sent_as_less_than_8_kb() -> None:
    long = {"type": "text", "text": "x" * 1000}
    response = {"content": [long] * 1000, "stop_reason": "end_turn", "usage": {"input_tokens": 1}}
    sent = {"content": [], "stop_reason": "end_turn", "usage": {"input_tokens": 1}}
    assert counted(response) == sent


def test_what_json_cannot_hold_is_no_obstacle() -> None:
    when = datetime(2026, 11, 22)  # noqa: DTZ001 - as an SDK may give it
    response = {"at": when, "cost": Decimal("1.50"), "score": float("nan"), "raw": b"1", "n": 5}
    assert counted(response) == {"at": "", "cost": "1.50", "score": None, "raw": "", "n": 5}


@pytest.mark.parametrize("value", ["a text", [1], 5, object()])
def test_what_is_no_object_is_not_understood(value: object) -> None:
    with pytest.raises(TypeError):
        counted(value)
