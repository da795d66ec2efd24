"""Limits in tokens and calls, as budgets keep and show them."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.periods import parse_instant
from budget_monitor.domain.units import CALLS, COUNTED, INPUT_TOKENS, OUTPUT_TOKENS, TOKENS

MAX_COUNT = 10**12
"""Maximum of a limit in tokens or calls."""
KINDS = {"total": TOKENS, "input": INPUT_TOKENS, "output": OUTPUT_TOKENS}
"""The parts of `limit_tokens`, by their names in requests and answers."""


def limit_field(unit: str) -> str:
    """The field that sets the limit in this unit: `limit_calls`, `limit_tokens.input`."""
    kinds = {unit: f"limit_tokens.{kind}" for kind, unit in KINDS.items()}
    return kinds.get(unit, f"limit_{unit}").removesuffix(".total")


def dump_counted(counted: Mapping[str, Decimal]) -> dict[str, Any]:
    """The limits as plain JSON: `limit_tokens`, a number or an object by kind; `limit_calls`.

    Nothing for a budget that has none of them.
    """
    if not counted:
        return {}
    kinds = {kind: int(counted[unit]) for kind, unit in KINDS.items() if unit in counted}
    tokens = kinds.get("total") if kinds.keys() <= {"total"} else kinds
    calls = counted.get(CALLS)
    return {"limit_tokens": tokens, "limit_calls": None if calls is None else int(calls)}


def load_counted(dumped: Mapping[str, Any]) -> dict[str, Decimal]:
    """What `dump_counted` gave; none in a budget that is older than these limits.

    Raises TypeError or ValueError for anything else.
    """
    tokens, calls = dumped.get("limit_tokens"), dumped.get("limit_calls")
    kinds = tokens if isinstance(tokens, dict) else {"total": tokens}
    if not kinds.keys() <= KINDS.keys():
        raise ValueError("not limits")
    limits = {unit: kinds.get(kind) for kind, unit in KINDS.items()} | {CALLS: calls}
    return {unit: _count(limit) for unit, limit in limits.items() if limit is not None}


def load_since(dumped: Mapping[str, Any]) -> dict[str, datetime]:
    """When each of these limits was set. Raises ValueError or ValidationError for anything else."""
    since = dumped.get("counted_since", {})
    if not since.keys() <= set(COUNTED):
        raise ValueError("not limits")
    return {unit: parse_instant(at, "at") for unit, at in since.items()}


def _count(value: object) -> Decimal:
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        raise ValueError("not a limit")
    return Decimal(value)
