"""Amazon Bedrock's forms of usage, under the names of Converse."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor.adapters.published_prices.bedrock import as_converse

SEVEN_AND_THREE = {"inputTokens": 7, "outputTokens": 3}


@pytest.mark.parametrize(
    "response",
    [
        {"inputTokenCount": 7, "outputTokenCount": 3},
        {"prompt_token_count": 7, "generation_token_count": 3},
        {"x-amzn-bedrock-input-token-count": 7, "x-amzn-bedrock-output-token-count": 3},
        {"inputTextTokenCount": 7, "results": [{"tokenCount": 1}, {"tokenCount": 2}]},
    ],
    ids=["metrics", "llama", "headers", "titan"],
)
def test_each_form_counts_7_tokens_in_and_3_out(response: dict[str, Any]) -> None:
    assert SEVEN_AND_THREE.items() <= as_converse(response).items()


def test_counts_of_a_stream_are_read_from_its_last_event() -> None:
    metrics = {"inputTokenCount": 7, "outputTokenCount": 3}
    found = as_converse({"amazon-bedrock-invocationMetrics": metrics, "type": "message_stop"})
    assert SEVEN_AND_THREE.items() <= found["usage"].items()


def test_an_embedding_has_no_output_tokens() -> None:
    assert as_converse({"inputTextTokenCount": 7})["outputTokens"] == 0


def test_a_result_without_a_count_is_no_number() -> None:
    results = [{"tokenCount": 1}, {}]
    found = as_converse({"inputTextTokenCount": 7, "results": results})
    assert found["outputTokens"] == results
