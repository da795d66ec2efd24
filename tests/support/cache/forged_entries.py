"""Forged cache entries: each would change an answer if it were used as a copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Entry = dict[str, Any]
Poison = Callable[[Entry], Entry]

COUNTERS = ("spent", "held", "workflow_spent", "committed")


def _empty(entry: Entry) -> Entry:
    """Return the entry with no spend and no rules."""
    if "account" in entry:
        return {**entry, **dict.fromkeys(COUNTERS, "0"), "holds": 0, "terms": "0/"}
    return {**entry, "version": None, "body": None}


def _aged(seconds: int) -> Poison:
    def poison(entry: Entry) -> Entry:
        as_of = datetime.fromisoformat(entry["as_of"]) + timedelta(seconds=seconds)
        return {**_empty(entry), "as_of": as_of.isoformat().replace("+00:00", "Z")}

    return poison


def _other_tenant(entry: Entry) -> Entry:
    mine, other = entry["tenant"], "another"
    kind = "account" if "account" in entry else "document"
    return {**_empty(entry), "tenant": other, kind: entry[kind].replace(mine, other)}


def _last_month(entry: Entry) -> Entry:
    """Return last month's entry for a month, another run's entry for a run."""
    if "account" not in entry:
        return _other_tenant(entry)
    *head, period = entry["account"].split("#")
    return {**_empty(entry), "account": "#".join((*head, f"{period[:-1]}x"))}


def _inconsistent(entry: Entry) -> Entry:
    return {**_empty(entry), "spent": "0.01"} if "account" in entry else {**entry, "version": -1}


def _not_canonical(entry: Entry) -> Entry:
    return {**_empty(entry), "extra": 1}


def _other_store(entry: Entry) -> Entry:
    return {**_empty(entry), "store": "eu-central-1/another"}


DETECTABLE: dict[str, Poison] = {
    "another tenant's value": _other_tenant,
    "last month's value": _last_month,
    "an old value": _aged(-60),
    "a value of the future": _aged(400 * 86_400),  # longer than any history lasts
    "another store's value": _other_store,
    "a value that does not add up": _inconsistent,
    "a value with a field too many": _not_canonical,
}
FORGED = "a forged value"
"""Only its numbers are wrong. It cannot be detected, so no write may depend on it."""
POISONS: dict[str, Poison] = {**DETECTABLE, FORGED: _empty}


def poisoned(mode: str, value: bytes) -> bytes:
    """Return a forged cache entry in place of a real one. Leases are unchanged."""
    if not value.startswith(b"{"):
        return value
    entry = POISONS[mode](json.loads(value))
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()
