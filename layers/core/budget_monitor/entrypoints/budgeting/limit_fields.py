"""Read a budget's limits in each unit, its reserve and its downgrade ladder."""

from decimal import Decimal
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.limits import KINDS, MAX_COUNT
from budget_monitor.domain.rules.wind_down import MAX_RESERVE, MAX_RUNGS, WHOLE, Rung
from budget_monitor.domain.units import CALLS, TOKENS
from budget_monitor.entrypoints.door.fields import Fields

_NAMES = ("limit_usd", "limit_tokens", "limit_calls")


def read_limits(fields: Fields) -> tuple[Decimal | None, dict[str, Decimal]]:
    """The limit in USD, and those in tokens and calls by unit.

    Raises ValidationError where none of the three fields is given: null says that there is none.
    """
    if not any(fields.is_given(name) for name in _NAMES):
        raise ValidationError(
            "limit_usd is required: an amount in USD, or null for no limit; or limit_tokens, or "
            "limit_calls",
            "limit_usd",
        )
    fields.says_none("limit_usd")
    limit, counted = fields.optional_amount("limit_usd"), read_tokens(fields)
    fields.says_none("limit_calls")
    calls = fields.count("limit_calls", 0, MAX_COUNT)
    return limit, counted if calls is None else {**counted, CALLS: Decimal(calls)}


def read_counted(fields: Fields) -> dict[str, Any]:
    """Return the given limits in tokens and calls; null removes all limits of a kind."""
    found: dict[str, Any] = {}
    if fields.is_given("limit_tokens"):
        found["tokens"] = read_tokens(fields)
    if fields.is_given("limit_calls"):
        none = fields.says_none("limit_calls")
        calls = None if none else fields.count("limit_calls", 0, MAX_COUNT)
        found["calls"] = {} if calls is None else {CALLS: Decimal(calls)}
    return found


def read_tokens(fields: Fields) -> dict[str, Decimal]:
    """The limits in tokens: one number for all of them, or an object by kind."""
    if fields.says_none("limit_tokens"):
        return {}
    if not fields.is_object("limit_tokens"):
        total = fields.count("limit_tokens", 0, MAX_COUNT)
        return {} if total is None else {TOKENS: Decimal(total)}
    inner = fields.inner("limit_tokens")
    kinds = {kind: inner.count(kind, 0, MAX_COUNT) for kind in KINDS} if inner else {}
    found = {KINDS[kind]: Decimal(limit) for kind, limit in kinds.items() if limit is not None}
    if inner is not None:
        fields.canonical["limit_tokens"] = inner.finish()
        if not found:
            raise inner.missing("total")
    return found


def read_reserve(fields: Fields) -> int | None:
    """Return the last share of the limits for requests with `wrap_up`, in percent."""
    return fields.count("reserve_percent", 0, MAX_RESERVE)


def read_downgrade(fields: Fields) -> tuple[Rung, ...] | None:
    """Return the downgrade ladder: models, each with the percentage from which it applies."""
    if fields.says_none("downgrade") or not fields.is_given("downgrade"):
        return None
    rungs, said = list[Rung](), list[Any]()
    for inner in fields.each("downgrade", MAX_RUNGS):
        model = inner.name("model")
        if model is None:
            raise inner.missing("model")
        rungs.append(Rung(model, inner.name("provider"), inner.count("at_percent", 1, WHOLE)))
        said.append(inner.finish())
    fields.canonical["downgrade"] = said
    _refuse_disorder(rungs)
    return tuple(rungs)


def _refuse_disorder(rungs: list[Rung]) -> None:
    """Raise ValidationError for a model twice, and for thresholds that do not rise."""
    names = [rung.model.casefold() for rung in rungs]
    if len(set(names)) < len(names):
        raise ValidationError("downgrade must name each model once", "downgrade")
    steps = [rung.at_percent for rung in rungs if rung.at_percent is not None]
    if steps != sorted(set(steps)):
        raise ValidationError("downgrade: at_percent must rise from model to model", "downgrade")
