"""A ledger too long for memory: pages are generated on read and not kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from budget_monitor.domain.accounting.accounts import (
    EXECUTION,
    MODEL,
    SYSTEM,
    TENANT,
    Account,
    AccountKey,
    Move,
    touched,
)
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.ports import Clock, Ids, Listed, Page, Policies, Snapshot, Span, Store
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.reconcile.reconcile import Reconciling

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAYS = 20
CENT = Decimal("0.01")


class LongLedger:
    """A store with one tenant and the given number of 0.01 USD costs in November, consistent."""

    def __init__(self, entries: int, runs: int, *, recorded_at: datetime) -> None:
        self.count, self.runs, self.recorded_at = entries, runs, recorded_at
        self.per_day = -(-entries // DAYS)
        self.read = 0

    def entry(self, number: int) -> Entry:
        day = f"2026-11-{number // self.per_day + 1:02}"
        # The costs of a run are consecutive.
        run = number * self.runs // self.count
        labels = Labels(agent_execution_id=f"execution-of-an-agent-{run:08}", agent="a", model="m")
        booking = Booking("2026-11", day)
        return Entry(
            entry_id=f"entry-{number:09}",
            tenant_id="acme",
            kind=COST,
            labels=labels,
            amount=CENT,
            booking=booking,
            occurred_at=datetime.fromisoformat(f"{day}T10:00:00+00:00"),
            recorded_at=self.recorded_at,
            request={"cost_usd": "0.01", "padding": "x" * 500},
            tokens=3,
            moved=self._moved(labels, booking),
        )

    def _moved(self, labels: Labels, booking: Booking) -> tuple[AccountKey, ...]:
        """Return the account names as new strings, like those of a row that was just read."""
        run, *others = touched("acme", labels, booking)
        return (AccountKey.parse(str(run)), *others)

    def listed(self, listing: str) -> Sequence[AccountKey]:
        days = [f"2026-11-{day:02}" for day in range(1, DAYS + 1)]
        found = {
            "acme#days#all": [AccountKey("acme", TENANT, "acme", day) for day in days],
            "acme#agent#2026-11": [AccountKey("acme", "agent", "a", "2026-11")],
            "acme#model#2026-11": [AccountKey("acme", MODEL, "m", "2026-11")],
        }
        return found.get(listing, [])

    def ranked(self, *_: Any) -> Listed[AccountKey]:
        return Listed([], more=False)

    def entries_of_day(self, _: str, day: str, span: Span, limit: int) -> Page:
        first = (int(day[-2:]) - 1) * self.per_day
        last = min(first + self.per_day, self.count)
        start = first if span.after is None else int(span.after) + 1
        found = range(start, min(start + limit, last))
        more = str(found[-1]) if found and found[-1] + 1 < last else None
        return Page([str(one) for one in found], more)

    def entries(self, _: str, ids: Iterable[str]) -> Mapping[str, Entry]:
        found = {one: self.entry(int(one)) for one in ids}
        self.read += len(found)
        return found

    def _size(self, key: AccountKey) -> int:
        if key.scope == EXECUTION:
            run = int(key.scope_id[-8:])
            return len([n for n in self._numbers(run) if n * self.runs // self.count == run])
        if key.scope == TENANT and len(key.period) == len("2026-11-01"):
            first = (int(key.period[-2:]) - 1) * self.per_day
            booked = key.period.startswith("2026-11")
            return max(0, min(first + self.per_day, self.count) - first) if booked else 0
        booked = key.period == "2026-11" and key.scope not in {"late", "labelled"}
        return self.count if booked else 0

    def _numbers(self, run: int) -> Iterator[int]:
        each = self.count // self.runs
        yield from range(max(0, run * each - 1), min(self.count, (run + 1) * each + 2))

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        return {key: self._account(key) for key in keys}

    def _account(self, key: AccountKey) -> Account:
        size = self._size(key)
        move = Move(spent=CENT * size, entries=size, tokens=3 * size)
        return Account(key, move, committed=move.spent)

    def snapshot(self, keys: Iterable[AccountKey]) -> Snapshot:
        return Snapshot(self.accounts(keys))

    def max_rows(self, _: AccountKey) -> int:
        return 1

    def overdue(self, *_: Any) -> Sequence[tuple[str, str]]:
        return []

    def reservations(self, *_: Any) -> Sequence[Any]:
        return []

    def documents(self, *_: Any) -> Mapping[Any, Any]:
        return {}

    def commit(self, *_: Any) -> bool:
        return True


class _World:
    def now(self) -> datetime:
        return NOW

    def wait(self, duration: timedelta) -> None:
        """Do not wait."""

    def for_tenant(self, tenant_id: str) -> Any:
        assert tenant_id != SYSTEM
        return default_policy(None, None, None, None)


def reconciling(ledger: LongLedger) -> Reconciling:
    """Return the use case over this ledger."""
    world = _World()
    store = cast("Store", ledger)
    return Reconciling(
        store,
        cast("Policies", world),
        cast("Clock", world),
        cast("Ids", world),
        AlertWriter(store),
    )
