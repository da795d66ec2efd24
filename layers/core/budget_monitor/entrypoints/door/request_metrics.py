"""The metrics of one request about money: what was decided, spent and held, and how it went."""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from budget_monitor.domain.money import ZERO
from budget_monitor.ports import Figure

OPERATIONS = frozenset(
    {"check", "reserve", "release", "settle", "draw", "record_cost", "record_costs"}
)
"""The operations that are measured. Each is a value of the dimension `Operation`."""
DECIDING = frozenset({"check", "reserve"})
FALLBACK, QUARANTINED = "fallback_price", "quarantined"
NO_REASON = "NONE"


def figures(
    operation: str, body: Mapping[str, Any], milliseconds: int, counts: Counter[str]
) -> list[Figure]:
    """Return what a successful request adds to the metrics; nothing for other operations.

    No dimension names a tenant, a user or a run, so that the number of metrics is bounded.
    """
    if operation not in OPERATIONS:
        return []
    found = [Figure("Latency", Decimal(milliseconds), "Milliseconds", {"Operation": operation})]
    found += (Figure(name, Decimal(count)) for name, count in sorted(counts.items()))
    if operation in DECIDING:
        found += _decision(body)
    entries = [*_entries(body)]
    if entries:
        spent = sum((Decimal(one["cost_usd"]) for one in entries), ZERO)
        found.append(Figure("SpentUsd", spent, "None"))
    fallbacks = sum(FALLBACK in one["flags"] for one in entries)
    if fallbacks:
        found.append(Figure("PriceFallbacks", Decimal(fallbacks)))
    return found


def _decision(body: Mapping[str, Any]) -> Iterable[Figure]:
    reason = body["reason_code"] or NO_REASON
    yield Figure("Decisions", Decimal(1), "Count", {"Outcome": body["action"], "Reason": reason})
    if not body["allowed"]:
        yield Figure("Refusals", Decimal(1))
    held = body["reservation"]
    if held and not body["replayed"]:
        yield Figure("HeldUsd", Decimal(held["amount_usd"]), "None")


def _entries(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The entries that this request booked: none of a replay, and none that waits for review."""
    for one in (body, *body.get("results", ())):
        entry = one.get("entry")
        if entry and not entry["replayed"] and QUARANTINED not in entry["flags"]:
            yield entry
