"""Facts of a call in an object, other than counts: model, tier, region, id, and its cost.

Ticks of xAI are ten billionths of a USD (xAI API reference, "Usage").
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any

from budget_monitor.adapters.usage_objects.leaves import is_count
from budget_monitor.adapters.usage_objects.wrappers import holders
from budget_monitor.domain.costs.facts import Facts
from budget_monitor.domain.money import CEILING, to_places

_MODEL = (
    *("model", "model_name", "modelId", "model_id", "modelVersion", "model_version"),
    *("gen_ai.response.model", "gen_ai.request.model", "foundationModel", "response.model"),
)
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "custom_llm_provider", "provider_name")
_TIER = (
    *("service_tier", "serviceTier", "x-amzn-bedrock-service-tier", "trafficType"),
    *("traffic_type", "gen_ai.openai.response.service_tier", "openai.response.service_tier"),
)
_SPEED, _GEO = ("speed",), ("inference_geo",)
_FASTER = ("x-amzn-bedrock-performanceconfig-latency", "latency")
_REQUEST = (
    *("_request_id", "request_id", "requestId", "RequestId", "x-request-id", "request-id"),
    *("x-amzn-requestid", "apim-request-id", "id", "responseId", "response_id"),
    "provider_response_id",
    *("gen_ai.response.id",),
)
_BATCH_LINES = (
    {"custom_id", "response"},
    {"custom_id", "result"},
    {"recordId", "modelOutput"},
    {"key", "response"},
)
_TICKS = Decimal(10**10)
_CENTS = Decimal(100)
_WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class _Cost:
    """A cost in a usage object. `billed_by`: the billing provider; None: a client's estimate."""

    usd: Decimal
    billed_by: str | None


def facts_of(response: Mapping[str, Any]) -> Facts:
    """Return all facts of the call in the object, other than counts."""
    parts = list(holders(response))
    inner = list(reversed(parts))
    cost = next((one for one in map(_cost_of, inner) if one), None)
    return Facts(
        model=_text(inner, _MODEL),
        provider=_text(inner, _PROVIDER),
        service_tier=_tier(inner),
        batch=any(_is_batch_line(one) for one in parts),
        speed=_text(inner, _SPEED),
        inference_geo=_text(inner, _GEO),
        region=_text(inner, ("region", "awsRegion")),
        request_id=_request_id(inner),
        cost=cost.usd if cost else None,
        cost_billed_by=cost.billed_by if cost else None,
    )


def is_half(response: Mapping[str, Any]) -> bool:
    """True if it is a part of a stream that has not ended: its counts go on."""
    for part in holders(response):
        for name in ("stop_reason", "stopReason"):
            if name in part and part[name] is None and "content" in part:
                return True
        if part.get("status") in ("in_progress", "queued") or part.get("done") is False:
            return True
        if _all_none(part.get("choices"), "finish_reason"):
            return True
        if any(_all_none(part.get("candidates"), one) for one in ("finishReason", "finish_reason")):
            return True
    return False


def _all_none(many: object, name: str) -> bool:
    """True if there are results, and none of them has finished."""
    if not isinstance(many, list) or not many:
        return False
    return all(isinstance(one, Mapping) and name in one and one[name] is None for one in many)


def _text(parts: Iterable[Mapping[str, Any]], names: Iterable[str]) -> str | None:
    wanted = tuple(names)
    found = (part[name] for part in parts for name in wanted if _is_text(part.get(name)))
    return next(found, None)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _request_id(parts: list[Mapping[str, Any]]) -> str | None:
    found = (part.get(name) for name in _REQUEST for part in parts)
    return next((one for one in found if isinstance(one, str) and 0 < len(one) <= 256), None)  # noqa: PLR2004


def _tier(parts: list[Mapping[str, Any]]) -> str | None:
    """The tier in which the call was served; Bedrock's faster latency is one of its own."""
    for part in parts:
        for name in _TIER:
            value = part.get(name)
            value = value.get("type") if isinstance(value, Mapping) else value
            if isinstance(value, str) and value.strip():
                return value
    for part in parts:
        config = part.get("performanceConfig")
        held = config if isinstance(config, Mapping) else part
        if any(held.get(name) == "optimized" for name in _FASTER):
            return "latency-optimized"
    return None


def _is_batch_line(part: Mapping[str, Any]) -> bool:
    return any(line <= part.keys() for line in _BATCH_LINES)


def _cost_of(part: Mapping[str, Any]) -> _Cost | None:
    """Return the cost in this part, by the first form that fits."""
    found = next((one for form in _FORMS if (one := form(part)) is not None), None)
    if found is None or not 0 <= found.usd < CEILING:
        return None
    return _Cost(to_places(found.usd, "cost"), found.billed_by)


def _xai(part: Mapping[str, Any]) -> _Cost | None:
    ticks = part.get("cost_in_usd_ticks")
    return _Cost(_WIDE.divide(Decimal(ticks), _TICKS), "x-ai") if is_count(ticks) else None


def _openrouter(part: Mapping[str, Any]) -> _Cost | None:
    """With the caller's own key at the provider, what that one bills; else OpenRouter's bill."""
    cost, details = part.get("cost"), part.get("cost_details")
    if part.get("is_byok") is True and isinstance(details, Mapping):
        upstream = details.get("upstream_inference_cost")
        return _Cost(Decimal(upstream), "openrouter") if is_count(upstream) else None
    return _Cost(Decimal(cost), "openrouter") if is_count(cost) else None


def _perplexity(part: Mapping[str, Any]) -> _Cost | None:
    cost = part.get("cost")
    total = cost.get("total_cost") if isinstance(cost, Mapping) else None
    return _Cost(Decimal(total), "perplexity") if is_count(total) else None


def _estimate(part: Mapping[str, Any]) -> _Cost | None:
    for name in ("total_cost_usd", "costUSD", "response_cost"):
        if is_count(part.get(name)):
            return _Cost(Decimal(part[name]), None)
    cents = part.get("totalCents")
    return _Cost(_WIDE.divide(Decimal(cents), _CENTS), None) if is_count(cents) else None


_FORMS: tuple[Callable[[Mapping[str, Any]], _Cost | None], ...] = (
    _xai,
    _perplexity,
    _openrouter,
    _estimate,
)
