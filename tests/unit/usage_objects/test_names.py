"""Names of counts: the unit that a name counts, wherever it stands."""

from __future__ import annotations

import pytest

from budget_monitor.adapters.usage_objects.names import (
    APART,
    HARMLESS,
    INSIDE,
    OPEN,
    meaning,
    snake,
)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("promptTokenCount", "prompt_tokens"),
        ("prompt_token_count", "prompt_tokens"),
        ("gen_ai.usage.input_tokens", "input_tokens"),
        ("x-amzn-bedrock-output-token-count", "output_tokens"),
        ("tokenCount", "tokens"),
        ("cacheReadInputTokens", "cache_read_input_tokens"),
    ],
)
def test_a_name_has_one_spelling(name: str, plain: str) -> None:
    assert snake(name) == plain


@pytest.mark.parametrize(
    ("path", "unit", "style"),
    [
        ("prompt_tokens", "input_tokens", OPEN),
        ("candidatesTokenCount", "output_tokens", OPEN),
        ("cache_read_input_tokens", "cache_read_tokens", APART),
        ("cached_tokens", "cache_read_tokens", INSIDE),
        ("cached_input_tokens", "cache_read_tokens", INSIDE),
        ("gen_ai.usage.cache_read_tokens", "cache_read_tokens", INSIDE),
        ("cache_read_tokens", "cache_read_tokens", OPEN),
        ("prompt_tokens_details/cached_tokens", "cache_read_tokens", INSIDE),
        ("prompt_tokens_details/audio_tokens", "input_audio_tokens", OPEN),
        ("completion_tokens_details/audio_tokens", "output_audio_tokens", OPEN),
        ("completion_tokens_details/reasoning_tokens", "output_reasoning_tokens", INSIDE),
        ("completion_tokens_details/rejected_prediction_tokens", HARMLESS, OPEN),
        ("cache_creation/ephemeral_1h_input_tokens", "cache_write_1h_tokens", OPEN),
        ("server_tool_use/web_search_requests", "web_searches", OPEN),
        ("server_tool_use/web_fetch_requests", HARMLESS, OPEN),
        ("tool_usage/web_search/num_requests", "web_searches", OPEN),
        ("total_duration", HARMLESS, OPEN),
        ("cost_details/upstream_inference_cost", HARMLESS, OPEN),
    ],
)
def test_a_path_counts_its_unit(path: str, unit: str, style: str) -> None:
    found = meaning(tuple(path.split("/")))
    assert found is not None
    assert (found.unit, found.style) == (unit, style)


@pytest.mark.parametrize(
    "path",
    [
        "hologram_tokens",
        "prompt_tokens_details/hologram_tokens",
        "completion_tokens_details/cached_tokens",
        "server_tool_use/total_tokens",
        "unknown/tokens",
    ],
)
def test_a_name_that_is_in_no_table_is_unknown(path: str) -> None:
    assert meaning(tuple(path.split("/"))) is None


def test_thoughts_of_google_are_added_to_the_output_and_tools_to_the_input() -> None:
    thoughts, tools = meaning(("thoughtsTokenCount",)), meaning(("toolUsePromptTokenCount",))
    assert thoughts is not None
    assert tools is not None
    assert (thoughts.adds_to, tools.adds_to) == (("output_tokens",), ("input_tokens",))
