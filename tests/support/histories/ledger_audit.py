"""Compare every stored account with the sum of its entries and open holds.

It reads DynamoDB rows directly and uses no product code, so that the check is independent.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

Counters = dict[str, Decimal]
Books = dict[str, Counters]
Row = Mapping[str, Any]

MONEY = ("spent", "held", "committed", "workflow_spent")
COUNTS = ("holds", "entries", "tokens", "input_tokens", "output_tokens")
STRIPE = 4  # the part of an account's key that names a further row of it


def number(row: Row, name: str) -> Decimal:
    return Decimal(row[name]["N"]) if name in row else Decimal()


def text(row: Row, name: str) -> str | None:
    return str(row[name]["S"]) if name in row else None


def document(row: Row, name: str) -> Any:
    found = text(row, name)
    return None if found is None else json.loads(found)


UNITS = ("tokens", "input_tokens", "output_tokens", "calls")  # of accounts not in USD


def account_of(pk: str) -> str:
    parts = pk.split("#")
    return "#".join(parts[:STRIPE] + [one for one in parts[STRIPE:] if one in UNITS])


def unit_of(account: str) -> str:
    last = account.rsplit("#", maxsplit=1)[-1]
    return last if last in UNITS else "usd"


def stored(accounts: Iterable[Row]) -> Books:
    """Return every account as the sum of its rows."""
    books: Books = defaultdict(lambda: defaultdict(Decimal))
    for row in accounts:
        totals = books[account_of(row["pk"]["S"])]
        for name in MONEY + COUNTS:
            totals[name] += number(row, name)
    return books


def expected(ledger: Iterable[Row], reservations: Iterable[Row]) -> Books:
    """Return every account as the sum of its entries and open holds."""
    books: Books = defaultdict(lambda: defaultdict(Decimal))
    for row in ledger:
        for account in document(row, "moved"):
            _add(books[account], _of_entry(row, unit_of(account)))
    for row in reservations:
        if text(row, "state") == "open":
            facts = document(row, "facts")
            drawn = _drawn(text(row, "drawn"))
            for account in facts["accounts"]:
                unit = unit_of(account)
                amount = max(_held(facts, unit) - drawn[unit], Decimal())
                _add(books[account], {"held": amount, "committed": amount, "holds": Decimal(1)})
    return books


def _held(facts: Any, unit: str) -> Decimal:
    """What a hold keeps in a unit: without an estimate, one of anything that is not USD."""
    if unit == "usd":
        return Decimal(facts["amount"])
    return Decimal(facts["estimate"][unit] if "estimate" in facts else 1)


def _drawn(said: str | None) -> dict[str, Decimal]:
    """What draws have taken from a hold, by unit."""
    _, *amounts = (said or "0/0/0/0/0/0").split("/")
    return dict(zip(("usd", *UNITS), map(Decimal, amounts), strict=True))


def _of_entry(row: Row, unit: str) -> Counters:
    amount = number(row, {"usd": "amount"}.get(unit, unit))
    if unit == "calls":
        usage = document(row, "usage") or {}
        amount = Decimal(usage.get("calls", 1) if text(row, "kind") == "cost" else 0)
    agents = "agent_execution_id" in document(row, "labels")
    return {
        "spent": amount,
        "committed": amount,
        "workflow_spent": Decimal() if agents else amount,
        "entries": Decimal(text(row, "kind") == "cost"),
        "tokens": number(row, "tokens"),
        "input_tokens": number(row, "input_tokens"),
        "output_tokens": number(row, "output_tokens"),
    }


def _add(totals: Counters, more: Counters) -> None:
    for name, value in more.items():
        totals[name] += value


def differences(rows: Mapping[str, Sequence[Row]]) -> list[str]:
    """Return a description of each difference, exact to the last digit; empty if none."""
    have = stored(rows["AccountsTable"])
    want = expected(rows["LedgerTable"], rows["ReservationsTable"])
    found = [
        f"{account} {name}: stored {have[account][name]}, the facts say {want[account][name]}"
        for account in sorted({*have, *want})
        for name in MONEY + COUNTS
        if have[account][name] != want[account][name]
    ]
    return found + uneven(rows["AccountsTable"])


def uneven(accounts: Iterable[Row]) -> list[str]:
    """Striped accounts whose rows say different levels, or under a limit are above their share."""
    striped: dict[str, list[Row]] = defaultdict(list)
    for row in accounts:
        if "level" in row:
            striped[account_of(row["pk"]["S"])].append(row)
    found = []
    for account, stripes in striped.items():
        levels = {text(row, "level") for row in stripes}
        if len(levels) > 1:
            found.append(f"{account}: stripes at different levels {levels}")
            continue
        count, limit, side = str(levels.pop()).split("/")
        if side == "under" and any(_above_share(row, int(count), limit) for row in stripes):
            found.append(f"{account}: a stripe is above its share of {limit}")
    return found


def _above_share(row: Row, count: int, limit: str) -> bool:
    if limit == "none":
        return False
    units = int(Decimal(limit).scaleb(12))
    share = units // count
    if row["pk"]["S"] == account_of(row["pk"]["S"]):
        share = units - share * (count - 1)
    return int(number(row, "committed").scaleb(12)) > share
