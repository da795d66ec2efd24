"""Reduce a provider's response to what counts, without content."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from budget_monitor_client.values import plain

_CONTENT = {"choices", "content", "output", "outputs", "candidates", "data", "messages", "parts"}
"""Lists with what a model wrote. Of their items only the fields below are kept."""
_KEPT = {
    *("type", "action", "status", "finish_reason", "finishReason", "webSearchQueries"),
    *("groundingMetadata", "grounding_metadata", "web_search_queries"),
}
"""Fields that show that an answer is complete, and which provider tools it used."""
_MAX_TEXT = 128
"""Maximum length of kept texts: ids, models and tiers are shorter."""


def counted(response: object) -> dict[str, Any]:
    """Return the response as JSON, without long texts and without what the model wrote.

    Raises TypeError if it is neither a mapping nor an object of an SDK.
    """
    found = plain(response)
    if not isinstance(found, dict):
        raise TypeError(f"{type(response).__name__} is not understood: give a dict")
    return {name: _slim(name, one) for name, one in found.items()}


def _slim(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, list):
        slim = [_slim(name, one) for one in value if not isinstance(one, (int, float))]
        return [one for item in slim if (one := _kept(item))] if name in _CONTENT else slim
    if isinstance(value, dict):
        return {inner: _slim(inner, one) for inner, one in value.items()}
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, (bool, int, float)) else ""


def _kept(item: Any) -> dict[str, Any] | None:  # noqa: ANN401 - JSON
    """What counts of an item that a model made; None for a text or another that counts nothing."""
    if not isinstance(item, Mapping):
        return None
    kept = {name: one for name, one in item.items() if name in _KEPT}
    if isinstance(kept.get("action"), Mapping):
        kept["action"] = {"type": kept["action"].get("type")}
    is_call = str(item.get("type")).endswith("_call")
    return kept if is_call or kept.keys() - {"type", "status"} else None
