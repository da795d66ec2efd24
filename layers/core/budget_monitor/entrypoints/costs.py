"""Reading what a call cost and consumed, the same for every operation that books it."""

from typing import Any

from budget_monitor.entrypoints.fields import Fields
from budget_monitor.usecases.recording import Cost

MOST_OF_A_RESPONSE = 8 * 1024
"""A provider's usage object has some hundred bytes; an entry is no place for its answer."""

USAGE = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")


def read_cost(fields: Fields, operation: str) -> Cost:
    """The cost of one call, or at least its usage: the last of the operation's fields.

    Raises ValidationError where neither is given, and for a field that nobody read.
    """
    amount = fields.optional_amount("cost_usd")
    usage = _read_usage(fields)
    tokens = fields.count("tokens")
    occurred_at = fields.instant("occurred_at")
    if amount is None and usage is None:
        raise fields.missing("cost_usd")
    if tokens is None:
        known = usage or {}
        tokens = known.get("input_tokens", 0) + known.get("output_tokens", 0)
    request = {"operation": operation} | fields.finish()
    return Cost(amount, request, tokens, usage, occurred_at)


def _read_usage(fields: Fields) -> dict[str, Any] | None:
    inner = fields.inner("usage")
    if inner is None:
        return None
    counted = {name: inner.count(name) for name in USAGE}
    usage: dict[str, Any] = {name: one for name, one in counted.items() if one is not None}
    response = inner.document("provider_response", MOST_OF_A_RESPONSE)
    if response is not None:
        usage["provider_response"] = response
    fields.canonical["usage"] = inner.finish()
    return usage
