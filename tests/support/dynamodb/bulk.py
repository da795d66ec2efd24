"""Many rows at once: the ledger and the accounts of a tenant, as costs would have left them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from budget_monitor.adapters.dynamodb.rows.ledger import EntryRow
from budget_monitor.domain.accounting.accounts import AccountKey, Move, touched
from budget_monitor.domain.accounting.breakdowns import with_names
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.periods import Booking, sortable
from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.values.values import Item

CENT = Decimal("0.01")
_BEGAN = sortable(datetime(2026, 10, 1, tzinfo=UTC))


def put_costs(
    cloud: MemoryCloud,
    tenant_id: str,
    count: int,
    *,
    days: int = 20,
    names: int = 10,
    month: str = "2026-10",
) -> None:
    """Put so many costs of 0.01 USD, evenly on the first days of a month, and their accounts.

    100,000 of them take some seconds: a row is made for each name and day, and copied.
    """
    first = datetime.fromisoformat(f"{month}-01T00:00:00+00:00").astimezone(UTC)
    models, times = dict[tuple[int, int], Item](), Counter[tuple[int, int]]()
    accounts_of = dict[tuple[int, int], tuple[AccountKey, ...]]()
    rows = list[Item]()
    for number in range(count):
        at = first + timedelta(days=days) * number / count
        kind = (number % names, number * days // count)
        entry_id = f"entry-{number:07}"
        if kind not in models:
            entry = _entry(tenant_id, entry_id, kind[0], at)
            models[kind], accounts_of[kind] = EntryRow.of(entry).serialize(), entry.moved
            del models[kind]["execution_list"]  # the lists of runs are not made: they take time
        times[kind] += 1
        rows.append(models[kind] | _own(tenant_id, entry_id, at))
    cloud.database.put_rows(cloud.tables["LedgerTable"], rows)
    moved = Counter[AccountKey]()
    for kind, costs in times.items():
        moved.update(dict.fromkeys(accounts_of[kind], costs))
    put_accounts(cloud, {account: _sum(costs) for account, costs in moved.items()})


def _sum(count: int) -> Move:
    return Move(spent=CENT * count, entries=count, tokens=3 * count)


def _entry(tenant_id: str, entry_id: str, name: int, at: datetime) -> Entry:
    month, day = at.strftime("%Y-%m"), at.strftime("%Y-%m-%d")
    labels = Labels(
        agent_execution_id=f"run-{name % 50}", agent=f"agent-{name % 5}", model="m",
        user=f"user-{name}", provider="openai",
    )  # fmt: skip
    booking = Booking(month, day, moment=at)
    moved = with_names(touched(tenant_id, labels, booking), tenant_id, labels, month)
    return Entry(
        entry_id=entry_id, tenant_id=tenant_id, kind=COST, labels=labels, amount=CENT,
        booking=booking, occurred_at=at, recorded_at=at, tokens=3, moved=moved,
        request={"operation": "record_cost", "cost_usd": "0.01"},
    )  # fmt: skip


def _own(tenant_id: str, entry_id: str, at: datetime) -> Item:
    """What a row has of its own: its id and its time."""
    time = sortable(at)
    moment = {"S": time}
    return {
        "pk": {"S": f"{tenant_id}#entry#{entry_id}"},
        "entry_id": {"S": entry_id},
        "occurred_at": moment,
        "recorded_at": moment,
        "position": {"S": f"{time}#{time}#{entry_id}"},
        "booking_position": {"S": f"{time}#{entry_id}"},
    }


def put_accounts(cloud: MemoryCloud, totals: dict[AccountKey, Move]) -> None:
    """Put the rows of accounts that have these totals."""
    rows = list[Item]()
    for account, move in totals.items():
        numbers = {"spent": move.spent, "committed": move.spent, "entries": move.entries}
        texts = {
            "pk": str(account), "listing": account.listing, "system_list": account.system_list,
            "ranking": account.ranking, "began_at": _BEGAN if account.is_run else None,
        }  # fmt: skip
        rows.append({
            **{name: {"S": text} for name, text in texts.items() if text},
            **{name: {"N": str(number)} for name, number in numbers.items()},
            "tokens": {"N": str(move.tokens)},
        })  # fmt: skip
    cloud.database.put_rows(cloud.tables["AccountsTable"], rows)


def put_names(cloud: MemoryCloud, accounts: Iterable[AccountKey]) -> None:
    """Put accounts that spent different amounts, the first one the most."""
    keys = list(accounts)
    put_accounts(cloud, {one: _sum(len(keys) - place) for place, one in enumerate(keys)})


def put_holds(
    cloud: MemoryCloud,
    tenant: Tenant,
    count: int,
    amount: str,
    fields: Mapping[str, Any],
    *,
    released: bool = False,
) -> None:
    """Put so many equal holds: one is reserved, the others are copies of its row.

    The accounts that it moved have the sum of all.
    """
    table, reservations = cloud.tables["AccountsTable"], cloud.tables["ReservationsTable"]
    before = {row["pk"]["S"]: row for row in cloud.database.rows(table)}
    hold = tenant.hold(amount, **fields)
    if released:
        tenant.release(hold).body  # noqa: B018 - must not fail
    after = cloud.database.rows(table)
    summed = [_counted(row, before.get(row["pk"]["S"], {}), count) for row in after]
    cloud.database.put_rows(table, summed)
    (first,) = (row for row in cloud.database.rows(reservations) if hold in row["pk"]["S"])
    named = {key: text for key, one in first.items() if hold in (text := one.get("S", ""))}
    copies = [
        first | {key: {"S": text.replace(hold, f"{hold}-{n}")} for key, text in named.items()}
        for n in range(1, count)
    ]
    cloud.database.put_rows(reservations, copies)


def _counted(row: Item, before: Item, count: int) -> Item:
    """What an account is after so many holds, the row being after one of them."""
    nothing = {"N": "0"}
    sums = {
        name: Decimal(row[name]["N"]) * count
        - Decimal(before.get(name, nothing)["N"]) * (count - 1)
        for name in ("held", "holds", "committed")
        if name in row
    }
    return row | {name: {"N": f"{value:f}"} for name, value in sums.items()}
