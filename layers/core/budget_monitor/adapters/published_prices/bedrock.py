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


def as_converse(response: Mapping[str, Any]) -> dict[str, Any]:
    """The response with Converse's names beside those that mean the same."""
    for inner in (_METRICS, "usage"):
        if isinstance(response.get(inner), Mapping):
            return {"usage": _renamed(response[inner])}
    return _renamed(response)


def _renamed(counts: Mapping[str, Any]) -> dict[str, Any]:
    meant = {_CONVERSE[name]: count for name, count in counts.items() if name in _CONVERSE}
    results = counts.get("results")
    if "inputTextTokenCount" in counts:  # of an embedding there are no results
        meant["outputTokens"] = _sum_of(results) if isinstance(results, list) else 0
    return meant | dict(counts)


def _sum_of(results: list[Any]) -> object:
    """All their tokens; where one says none, all of the results, which are no number."""
    counts = [one.get("tokenCount") for one in results if isinstance(one, Mapping)]
    plain = [count for count in counts if isinstance(count, int)]
    return sum(plain) if len(plain) == len(results) else results
