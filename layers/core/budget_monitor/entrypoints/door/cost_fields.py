"""Read the cost and usage of a call, for every operation that books or holds it."""

from typing import Any

from budget_monitor.domain.costs.usage import (
    CACHE_READ,
    CACHE_WRITE,
    CALLS,
    COUNTED,
    INPUT,
    OUTPUT,
    RESPONSE,
    SECONDS,
)
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.usecases.costs.record import Cost
from budget_monitor.usecases.prices.pricing import Spent

MAX_RESPONSE_BYTES = 8 * 1024
"""A usage object has some hundred bytes. The limit keeps whole answers out of the ledger."""

MAX_OUTPUT = "max_output_tokens"


def read_cost(fields: Fields, operation: str) -> Cost:
    """The cost of one call, or its usage. Call it last: it refuses unknown fields.

    Raises ValidationError if neither is given.
    """
    amount = fields.optional_amount("cost_usd")
    usage, where = _read_usage(fields)
    tokens = fields.count("tokens")
    occurred_at = fields.instant("occurred_at")
    if amount is None and usage is None:
        raise fields.missing("cost_usd")
    request = {"operation": operation} | fields.finish()
    return Cost(Spent(amount, usage, tokens, where), request, occurred_at)


def read_estimate(fields: Fields) -> Spent:
    """The most that a call may cost: an amount, or the usage to price."""
    amount = fields.optional_amount("estimated_cost_usd")
    inner = fields.inner("estimated_usage")
    if inner is None:
        if amount is None:
            raise fields.missing("estimated_cost_usd")
        return Spent(amount)
    if amount is not None:
        field = fields.path("estimated_usage")
        raise ValidationError(f"{field} and estimated_cost_usd: send one of the two", field)
    usage = _counts(inner, (INPUT, MAX_OUTPUT, CACHE_READ, CACHE_WRITE, CALLS))
    known = usage.keys() & {CALLS, SECONDS}
    for name in (INPUT, MAX_OUTPUT):
        if name not in usage and (not known or usage.keys() - known):
            raise inner.missing(name)
    fields.canonical["estimated_usage"] = inner.finish()
    if MAX_OUTPUT in usage:
        usage[OUTPUT] = usage.pop(MAX_OUTPUT)
    return Spent(None, usage, field="estimated_usage")


def _read_usage(fields: Fields) -> tuple[dict[str, Any] | None, str]:
    """The usage, as counts or as the provider's own object, and the field that has it."""
    inner, usage = fields.inner("usage"), None
    responses = {RESPONSE: fields.document(RESPONSE, MAX_RESPONSE_BYTES)}
    if inner is not None:
        usage = _counts(inner, COUNTED)
        responses[f"usage.{RESPONSE}"] = inner.document(RESPONSE, MAX_RESPONSE_BYTES)
        fields.canonical["usage"] = inner.finish()
    given = {where: one for where, one in responses.items() if one is not None}
    if len(given) > 1 or (given and usage):
        field = fields.path("usage")
        raise ValidationError(f"{field} and {RESPONSE}: send one of the two", field)
    for where, response in given.items():
        fields.canonical.pop(RESPONSE, None)
        fields.canonical["usage"] = {RESPONSE: response}
        return {RESPONSE: response}, where
    return usage, "usage"


def _counts(inner: Fields, names: tuple[str, ...]) -> dict[str, Any]:
    counted = {name: inner.count(name) for name in names}
    usage: dict[str, Any] = {name: one for name, one in counted.items() if one is not None}
    seconds = inner.optional_amount(SECONDS)
    if seconds is not None:
        usage[SECONDS] = render(seconds)
    return usage
