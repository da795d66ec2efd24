"""Read the cost and usage of a call, for every operation that books or holds it."""

from typing import Any

from budget_monitor.domain.costs.usage import (
    CACHE_READ,
    CACHE_WRITE,
    CALLS,
    COUNTED,
    INCLUSIVE,
    INPUT,
    OUTPUT,
    PROVIDER,
    RESPONSE,
    SECONDS,
)
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.usecases.prices.spent import Cost, Spent

MAX_RESPONSE_BYTES = 8 * 1024
"""A usage object has some hundred bytes. The limit keeps whole answers out of the ledger."""

CONVENTIONS = (PROVIDER, INCLUSIVE)

MAX_OUTPUT = "max_output_tokens"

_OF_PRICING = ("service_tier", "batch", "usage_convention", "trust")
SAYS_A_COST = ("cost_usd", "usage", "tokens", *_OF_PRICING)
"""Fields with the cost of a call, or with how its usage is priced."""


def read_settlement(fields: Fields) -> tuple[Cost, bool]:
    """The cost of a settlement, and whether it is the estimate. Call it last.

    Raises ValidationError if the estimate is asked for together with a cost, or neither.
    """
    at_estimate = fields.truth("at_estimate") is True
    if not at_estimate:
        fields.canonical.pop("at_estimate", None)
    cost = read_cost(fields, "settle", required=not at_estimate)
    both = [name for name in SAYS_A_COST if name in cost.request] if at_estimate else []
    if both:
        raise ValidationError(f"at_estimate and {both[0]}: send one of the two", both[0])
    return cost, at_estimate


def read_draw(fields: Fields) -> tuple[Cost, bool]:
    """The cost of a draw, and whether it is an estimate. Call it last."""
    at_estimate = fields.truth("at_estimate") is True
    if not at_estimate:
        fields.canonical.pop("at_estimate", None)
    return read_cost(fields, "draw"), at_estimate


def read_cost(fields: Fields, operation: str, *, required: bool = True) -> Cost:
    """The cost of one call, or its usage. Call it last: it refuses unknown fields.

    Raises ValidationError if neither is given and it is required.
    """
    amount = fields.optional_amount("cost_usd")
    usage, where = _read_usage(fields)
    spent = Spent(
        amount,
        usage,
        tokens=fields.count("tokens"),
        field=where,
        **read_terms(fields),
        convention=fields.choice("usage_convention", CONVENTIONS),
        request_id=fields.name("provider_request_id"),
        trusts_provider=fields.choice("trust", (PROVIDER,)) is not None,
    )
    occurred_at = fields.instant("occurred_at")
    if required and amount is None and usage is None:
        raise fields.missing("cost_usd")
    request = {"operation": operation} | fields.finish()
    return Cost(spent, request, occurred_at, fields.principal)


def read_terms(fields: Fields) -> dict[str, Any]:
    """Return how the call was served, or will be."""
    tier, batch = fields.name("service_tier"), fields.truth("batch")
    return {"service_tier": tier, "batch": batch is True}


def read_estimate(fields: Fields) -> Spent:
    """Return the maximum cost of a call: an amount, or the usage by which it is priced.

    With both, the amount stands and the usage says how many tokens and calls are held beside it.
    """
    amount, terms = fields.optional_amount("estimated_cost_usd"), read_terms(fields)
    inner = fields.inner("estimated_usage")
    if inner is None:
        if amount is None:
            raise fields.missing("estimated_cost_usd")
        return Spent(amount, **terms)
    usage = _counts(inner, (INPUT, MAX_OUTPUT, OUTPUT, CACHE_READ, CACHE_WRITE, CALLS))
    if MAX_OUTPUT in usage and OUTPUT in usage:
        field = inner.path(OUTPUT)
        raise ValidationError(f"{field} and {MAX_OUTPUT}: send one of the two", field)
    fields.canonical["estimated_usage"] = inner.finish()
    if MAX_OUTPUT in usage:
        usage[OUTPUT] = usage.pop(MAX_OUTPUT)
    if amount is None:
        _refuse_unpriceable(usage, inner)
    return Spent(amount, usage, field="estimated_usage", **terms)


def _refuse_unpriceable(usage: dict[str, Any], inner: Fields) -> None:
    """Raise ValidationError where the usage does not say all tokens that it is priced by."""
    known = usage.keys() & {CALLS, SECONDS}
    for name, said in ((INPUT, INPUT), (OUTPUT, MAX_OUTPUT)):
        if name not in usage and (not known or usage.keys() - known):
            raise inner.missing(said)


def _read_usage(fields: Fields) -> tuple[dict[str, Any] | None, str]:
    """The usage, as counts or as the provider's own object, and the field that has it."""
    inner, usage = fields.inner("usage"), None
    responses = {RESPONSE: fields.document(RESPONSE, MAX_RESPONSE_BYTES)}
    if inner is not None and inner.is_object("details"):  # pydantic-ai's own object
        responses["usage"] = fields.document("usage", MAX_RESPONSE_BYTES)
    elif inner is not None:
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
