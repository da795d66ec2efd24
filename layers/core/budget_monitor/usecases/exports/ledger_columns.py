"""Ledger entries as flat rows, for CSV."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.costs.usage import CACHE_READ, CACHE_WRITE, INPUT, OUTPUT
from budget_monitor.domain.periods import render_instant
from budget_monitor.usecases.exports.cells import CURRENCY, Row

_LABELS = (
    "agent_execution_id",
    "workflow_execution_id",
    "parent_execution_id",
    "workflow",
    "agent",
    "model",
    "provider",
    "user",
    "tags",
)
_KINDS = (INPUT, OUTPUT, CACHE_READ, CACHE_WRITE)
"""The token kinds that have columns of their own."""
_OF_THE_CALL = ("service_tier", "region", "provider_request_id", "provider_cost_usd")
_MILLION = 1_000_000

COLUMNS = (
    "entry_id",
    "kind",
    "occurred_at",
    "recorded_at",
    "month",
    "cost_usd",
    "tokens",
    *_LABELS,
    "reservation_id",
    "adjusts",
    "reason",
    "by",
    "flags",
    "decision",
    "tenant_id",
    "day",
    "currency",
    "model_resolved",
    *_KINDS,
    "unit_prices",
    *(f"{one.removesuffix('_tokens')}_usd_per_million" for one in _KINDS),
    "price_source",
    "price_version",
    *_OF_THE_CALL,
    "signer",
)


def ledger_row(entry: Entry) -> Row:
    """Return the row of an entry, with a value for each of `COLUMNS`."""
    labels, price, call = entry.labels.public(), entry.price or {}, entry.call or {}
    said = call.get("provider_cost_usd")
    return {
        "entry_id": entry.entry_id,
        "kind": entry.kind,
        "occurred_at": render_instant(entry.occurred_at),
        "recorded_at": render_instant(entry.recorded_at),
        "month": entry.booking.month,
        "cost_usd": entry.amount,
        "tokens": entry.tokens,
        **{name: labels[name] for name in _LABELS},
        "reservation_id": entry.reservation_id,
        "adjusts": entry.adjusts,
        "reason": entry.reason,
        "by": entry.by,
        "flags": list(entry.flags),
        "decision": entry.review.state if entry.review else None,
        "tenant_id": entry.tenant_id,
        "day": entry.booking.day,
        "currency": CURRENCY,
        "model_resolved": entry.labels.model_resolved,
        **_tokens(entry),
        **_unit_prices(price),
        "price_source": price.get("source"),
        "price_version": price.get("version"),
        **{name: call.get(name) for name in _OF_THE_CALL},
        "provider_cost_usd": None if said is None else Decimal(said),
        "signer": entry.principal,
    }


def _tokens(entry: Entry) -> dict[str, int | Decimal]:
    """Return the tokens of each kind: as priced, else as the caller gave them."""
    usage = entry.usage or {}
    priced = dict[str, Decimal]()
    for line in _lines(entry.price):
        priced[line["unit"]] = priced.get(line["unit"], Decimal()) + Decimal(line["quantity"])
    given = {name: usage.get(name, 0) for name in (CACHE_READ, CACHE_WRITE)}
    cached = {name: priced.get(name, count) for name, count in given.items()}
    return {INPUT: entry.input_tokens, OUTPUT: entry.output_tokens, **cached}


def _unit_prices(price: Mapping[str, Any]) -> Row:
    """Return every price of the call as text, and that of each token kind if it has just one."""
    lines = _lines(price)
    found = dict[str, Decimal | None]()
    for kind in _KINDS:
        prices = {Decimal(one["usd"]) * _MILLION / one["per"] for one in lines if _is(one, kind)}
        name = f"{kind.removesuffix('_tokens')}_usd_per_million"
        found[name] = prices.pop() if len(prices) == 1 else None
    texts = [f"{one['unit']} {one['quantity']} x {one['usd']} USD / {one['per']}" for one in lines]
    return {"unit_prices": texts or None, **found}


def _is(line: Mapping[str, Any], kind: str) -> bool:
    return bool(line["unit"] == kind)


def _lines(price: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    """Return the priced lines: of a provider's own cost, those that we would have computed."""
    found = (price or {}).get("lines") or ((price or {}).get("computed") or {}).get("lines")
    return list(found or ())
