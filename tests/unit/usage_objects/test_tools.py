"""Tools that an answer shows beside its usage object: each call that costs money, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.usage_objects.tools import shown


def test_of_openais_calls_those_that_cost_money_are_counted() -> None:
    output = [
        {"type": "web_search_call", "action": {"type": "search"}},
        {"type": "web_search_call", "action": {"type": "open_page"}},
        {"type": "web_search_call"},
        {"type": "file_search_call"},
        {"type": "code_interpreter_call"},
        {"type": "image_generation_call"},
        {"type": "image_generation_call"},
        {"type": "message"},
        "no item",
    ]
    assert shown({"output": output}, "gpt-4o") == {
        "web_searches": 2,
        "storage_searches": 1,
        "code_executions": 1,
        "generated_images": 2,
    }


@pytest.mark.parametrize(
    ("model", "searches"),
    [
        ("gemini-2.5-flash", 1),
        ("google/gemini-1.5-pro", 1),
        ("gemini-3-pro", 2),
        (None, 2),
    ],
)
def test_gemini_3_bills_each_different_query_and_older_models_the_prompt(
    model: str | None, searches: int
) -> None:
    grounding = {"webSearchQueries": ["rain", "snow", "rain", " ", 7]}
    assert shown({"candidates": [{"groundingMetadata": grounding}]}, model) == {
        "web_searches": searches
    }


def test_places_of_a_map_are_one_search() -> None:
    grounding = {
        "grounding_chunks": [],
        "groundingChunks": [{"maps": {}}, {"maps": {}}, {"web": 1}],
    }
    assert shown({"candidates": [{"grounding_metadata": grounding}]}, "gemini-3") == {
        "map_searches": 1
    }


def test_a_transcription_without_a_usage_object_counts_its_seconds() -> None:
    heard = {"task": "transcribe", "duration": Decimal("8.5"), "text": "hello"}
    assert shown(heard, "whisper-1") == {"audio_seconds": Decimal("8.5")}
    assert shown({**heard, "usage": {"seconds": 9}}, "whisper-1") == {}
    assert shown({"duration": 8}, "whisper-1") == {}


@pytest.mark.parametrize("answer", [{}, {"output": "text"}, {"candidates": [{}]}, {"output": [1]}])
def test_an_answer_without_tools_shows_none(answer: dict[str, Any]) -> None:
    assert shown(answer, "gpt-4o") == {}
