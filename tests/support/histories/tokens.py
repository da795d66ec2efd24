"""Costs said in tokens: the same histories, with the product to find out what they are in USD."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

INPUT, OUTPUT = Decimal("2.50") / 10**6, Decimal(10) / 10**6
"""What OpenAI asks for a token of gpt-4o, in USD. Source: openai.com/api/pricing."""
SOME_OUTPUT = 100
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
    """What a cost is in each unit; for an estimate without usage, one token and one call."""
    uncounted = int("estimated_cost_usd" in fields)
    counted = fields.get("usage") or fields.get("estimated_usage")
    used = sum(counted.values()) if counted else uncounted
    tokens = Decimal(fields.get("tokens", used))
    return {"usd": cost_of(fields), "tokens": tokens, "calls": Decimal(1)}


def tokens_of(fields: Fields) -> int:
    """Return the number of tokens of a cost: the given number, or the sum of its usage."""
    used = sum(fields.get("usage", {}).values())
    return int(fields.get("tokens", used))
