"""Amazon Bedrock's forms of usage that genai-prices does not read, in the words of Converse.

InvokeModel answers in each model's own words, and counts in headers and in the last event of a
stream. Source: the Amazon Bedrock user guide, "Inference request parameters and response fields".
"""

from collections.abc import Mapping
from typing import Any

_METRICS = "amazon-bedrock-invocationMetrics"
_CONVERSE = {
    "inputTokenCount": "inputTokens",
    "outputTokenCount": "outputTokens",
    "prompt_token_count": "inputTokens",
    "generation_token_count": "outputTokens",
    "x-amzn-bedrock-input-token-count": "inputTokens",
    "x-amzn-bedrock-output-token-count": "outputTokens",
    "x-amzn-bedrock-cache-read-input-token-count": "cacheReadInputTokens",
    "x-amzn-bedrock-cache-write-input-token-count": "cacheWriteInputTokens",
    "cacheReadInputTokenCount": "cacheReadInputTokens",
    "cacheWriteInputTokenCount": "cacheWriteInputTokens",
    "inputTextTokenCount": "inputTokens",
}


def as_converse(response: object) -> object:
    """The response with Converse's names beside those that mean the same."""
    if not isinstance(response, Mapping):
        return response
    for inner in (_METRICS, "usage"):
        if isinstance(response.get(inner), Mapping):
            return {"usage": _renamed(response[inner])}
    return _renamed(response)


def _renamed(counts: Mapping[str, Any]) -> dict[str, Any]:
    renamed = dict(counts)
    for name, meant in _CONVERSE.items():
        if name in counts and meant not in renamed:
            renamed[meant] = _count(counts[name])
    if "inputTextTokenCount" in counts and "outputTokens" not in renamed:
        results = counts.get("results") or ()
        renamed["outputTokens"] = sum(one.get("tokenCount", 0) for one in results)
    return renamed


def _count(value: object) -> object:
    """A count; headers have theirs in digits."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
