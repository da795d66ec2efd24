"""Find the usage in what callers send: answers, events, batch lines, logs, headers.

Only the names below are opened. Content (messages, tool calls, documents) never is: a text that
a model wrote about tokens is no usage.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_HOLDERS = (
    *("usage", "usageMetadata", "usage_metadata", "usage_info", "usage_details", "usageDetails"),
    *("totalUsage", "total_usage", "token_usage", "tokenUsage", "accumulated_usage"),
    *("amazon-bedrock-invocationMetrics", "billed_units", "nativeUsage", "native_usage"),
    *("accumulatedUsage", "usageEvent", "total_token_usage", "last_token_usage", "raw"),
)
"""Names of usage objects."""
_OPENED = (
    *("response", "body", "result", "message", "modelOutput", "metadata", "meta", "x_groq"),
    *("event", "trace", "orchestrationTrace", "preProcessingTrace", "postProcessingTrace"),
    *("routingClassifierTrace", "modelInvocationOutput", "outputBodyJson", "llm_output"),
    *("ResponseMetadata", "HTTPHeaders", "headers", "attributes", "response_metadata"),
    *("info", "providerMetadata", "provider_metadata", "anthropic", "openai", "google", "bedrock"),
    *("payload", "data", "metrics", "additional_kwargs", "generation_info", "kwargs", "chunk"),
)
"""Names of the objects around a usage object."""
_PARTS = ("iterations", "request_usage_entries")
"""Names of the requests that an object is the sum of."""
_MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Found:
    """An object that may have counts, and its path."""

    path: tuple[str, ...]
    usage: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The path in one text."""
        return ".".join(self.path)


def opened(response: Mapping[str, Any]) -> list[Found]:
    """The response and everything around the usage in it, from the outside to the inside."""
    return list(_open((), _logged(response), 0))


def _open(path: tuple[str, ...], value: Mapping[str, Any], depth: int) -> Iterator[Found]:
    value = _cohere(value)
    held = {one: value[one] for one in (*_HOLDERS, *_OPENED) if isinstance(value.get(one), Mapping)}
    for name, inner in (("usageEvent", "details"), ("modelUsage", None), ("model_usage", None)):
        if isinstance(value.get(name), Mapping):
            held |= _held(name, value[name], inner)
    rest = {name: one for name, one in value.items() if name not in held and name not in _PARTS}
    yield Found(path, rest)
    if depth < _MAX_DEPTH:
        for name, inner_value in held.items():
            yield from _open((*path, name), inner_value, depth + 1)


def _cohere(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return Cohere's object: the billed units if it has them, else its counts."""
    tokens = value.get("tokens")
    if not isinstance(tokens, Mapping):
        return value
    rest = {name: one for name, one in value.items() if name != "tokens"}
    if isinstance(value.get("billed_units"), Mapping):
        return {name: one for name, one in rest.items() if name != "cached_tokens"}
    return {**tokens, **rest}


def _held(name: str, value: Mapping[str, Any], inner: str | None) -> dict[str, Mapping[str, Any]]:
    """Nova Sonic's running totals, and the Claude Agent SDK's figures for each model."""
    if inner is None:
        each = {f"{name}.{model}": one for model, one in value.items() if isinstance(one, Mapping)}
        return {name: {}, **(each if len(each) == 1 else {})}
    total = value.get(inner, {}).get("total") if isinstance(value.get(inner), Mapping) else None
    plain = {key: one for key, one in value.items() if key != inner}
    sums = {"totalInputTokens": "input_tokens", "totalOutputTokens": "output_tokens"}
    renamed = {sums.get(key, key): one for key, one in plain.items()}
    if not isinstance(total, Mapping):
        return {name: renamed}
    parts = {f"{side}_details": one for side, one in total.items() if isinstance(one, Mapping)}
    return {name: renamed | parts}


def _logged(response: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record of Bedrock's model invocation log, with its two halves put together."""
    if "modelId" not in response or not isinstance(response.get("output"), Mapping):
        return response
    halves = [response.get("input"), response["output"]]
    counts: dict[str, Any] = {}
    for half in halves:
        if isinstance(half, Mapping):
            counts |= {k: v for k, v in half.items() if k.endswith("TokenCount")}
    body = response["output"].get("outputBodyJson")
    rest = {k: v for k, v in response.items() if k not in {"input", "output"}}
    return {**rest, "usage": counts, "outputBodyJson": body}


def models_used(response: Mapping[str, Any]) -> list[str]:
    """The models among which the Claude Agent SDK divides its usage."""
    for name in ("modelUsage", "model_usage"):
        if isinstance(response.get(name), Mapping):
            return list(response[name])
    return []


def requests_of(usage: Mapping[str, Any]) -> tuple[str, list[Any]] | None:
    """The requests that a usage object is the sum of, where it lists them."""
    for name in _PARTS:
        if isinstance(usage.get(name), list) and usage[name]:
            return name, usage[name]
    return None


def holders(response: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The response and everything that is opened in it, whole."""
    todo = [response]
    while todo:
        value = todo.pop(0)
        yield value
        names = (*_HOLDERS, *_OPENED)
        todo += [value[one] for one in names if isinstance(value.get(one), Mapping)]
