"""Costs said in tokens: the same histories, with the product to find out what they are in USD."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

INPUT, OUTPUT = Decimal("2.50") / 10**6, Decimal(10) / 10**6
"""What OpenAI asks for a token of gpt-4o, in USD. Source: openai.com/api/pricing."""
SOME_OUTPUT = 100
OUTPUT_NAMES = ("output_tokens", "max_output_tokens")
NAMES = {"model": "gpt-4o", "provider": "openai"}

Fields = dict[str, Any]


def in_tokens(fields: Fields) -> Fields:
    """The same request with tokens that cost as much, where there are such."""
    if "costs" in fields:
        return fields | {"costs": [in_tokens(one) for one in fields["costs"]]}
    for name, instead, output in (
        ("cost_usd", "usage", "output_tokens"),
        ("estimated_cost_usd", "estimated_usage", "max_output_tokens"),
    ):
        left = (Decimal(fields[name]) - SOME_OUTPUT * OUTPUT) / INPUT if name in fields else None
        if left is not None and left >= 0 and left == int(left):
            usage = {"input_tokens": int(left), output: SOME_OUTPUT}
            said = {key: value for key, value in fields.items() if key != name}
            return {**said, **NAMES, instead: usage}
    return fields


def cost_of(fields: Fields) -> Decimal:
    """Return the request's cost in USD, computed if it is given in tokens."""
    for name in ("cost_usd", "estimated_cost_usd"):
        if name in fields:
            return Decimal(fields[name])
    usage: dict[str, int] = fields.get("usage") or fields["estimated_usage"]
    output = usage.get("output_tokens", usage.get("max_output_tokens", 0))
    return usage["input_tokens"] * INPUT + output * OUTPUT


def amounts_of(fields: Fields) -> dict[str, Decimal]:
    """What a cost is in each unit; an estimate without usage is one call and one token of each."""
    uncounted = int("estimated_cost_usd" in fields)
    usage = fields.get("usage") or fields.get("estimated_usage") or {}
    names = {"input_tokens": ("input_tokens",), "output_tokens": OUTPUT_NAMES}
    counts = {unit: sum(usage.get(one, 0) for one in many) for unit, many in names.items()}
    counts = counts if usage else dict.fromkeys(names, uncounted)
    tokens = fields.get("tokens", sum(counts.values()) if usage else uncounted)
    counted = {**counts, "tokens": tokens, "calls": usage.get("calls", 1)}
    return {"usd": cost_of(fields), **{unit: Decimal(one) for unit, one in counted.items()}}
