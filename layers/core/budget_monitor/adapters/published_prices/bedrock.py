"""Convert Amazon Bedrock usage that genai-prices cannot read to the Converse format.

InvokeModel uses each model's own field names. It also counts tokens in headers and in the last
event of a stream. Source: the Amazon Bedrock user guide, "Inference request parameters and response
fields".
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
    """Return the response with Converse's field names added to equivalent ones."""
    for inner in (_METRICS, "usage"):
        if isinstance(response.get(inner), Mapping):
            return {"usage": _renamed(response[inner])}
    return _renamed(response)


def _renamed(counts: Mapping[str, Any]) -> dict[str, Any]:
    meant = {_CONVERSE[name]: count for name, count in counts.items() if name in _CONVERSE}
    results = counts.get("results")
    if "inputTextTokenCount" in counts:  # an embedding has no results
        meant["outputTokens"] = _sum_of(results) if isinstance(results, list) else 0
    return meant | dict(counts)


def _sum_of(results: list[Any]) -> object:
    """Return the sum of the token counts; the results themselves if one has no count."""
    counts = [one.get("tokenCount") for one in results if isinstance(one, Mapping)]
    plain = [count for count in counts if isinstance(count, int)]
    return sum(plain) if len(plain) == len(results) else results
