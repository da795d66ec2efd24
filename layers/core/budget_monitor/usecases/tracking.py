"""What did it spend? Records costs and settles holds, each exactly once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounts import AccountKey, Move, touched
from budget_monitor.domain.decisions import Standing, stand
from budget_monitor.domain.errors import NotFoundError
from budget_monitor.domain.labels import Labels
from budget_monitor.domain.ledger import (
    COST,
    LATE,
    LATE_SETTLEMENT,
    SETTLEMENT_PREFIX,
    UNRESERVED,
    Entry,
)
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.reservations import (
    EXPIRED,
    OPEN,
    SETTLED,
    Closing,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Snapshot, Store
from budget_monitor.usecases.holds import Remembered, expire, returned
from budget_monitor.usecases.plans import ROUNDS, Plan, Planner, gave_up, not_ahead


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost, in USD, with the usage behind it."""

    amount: Decimal
    request: Request
    tokens: int = 0
    usage: Mapping[str, int] | None = None
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A cost that was never reserved, under the caller's own id."""

    tenant_id: str
    labels: Labels
    entry_id: str
    cost: Cost
    include_gates: bool = True


@dataclass(frozen=True, slots=True)
class Settle:
    """The true cost of a hold. `believed` is what a receipt says of the reservation."""

    tenant_id: str
    reservation_id: str
    cost: Cost
    entry_id: str | None = None
    believed: Reservation | None = None
    include_gates: bool = True


@dataclass(frozen=True, slots=True)
class Booked:
    """A cost in the ledger, with the gates that it counts at where they were asked for."""

    entry: Entry
    replayed: bool = False
    reservation: Reservation | None = None
    standings: tuple[Standing, ...] | None = None


class Tracking:
    """The use cases that book single costs."""

    def __init__(
        self, store: Store, planner: Planner, clock: Clock, remembered: Remembered
    ) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._remembered = remembered

    def record_cost(self, order: Record) -> Booked:
        """Book a cost in full, whatever the limits say. One write, and a read for the gates.

        Raises IdempotencyMismatchError for a known id with other content.
        """
        not_ahead(order.cost.occurred_at, self._clock.now())
        plan = self._planner.plan(order.tenant_id, order.labels, order.cost.occurred_at)
        for _ in range(ROUNDS):
            entry = recorded(order, plan, self._clock.now())
            if self._store.commit(Transaction(postings=posted(entry, plan), entries=(entry,))):
                return self._booked(Booked(entry), plan, gates=order.include_gates)
            own = [plan.execution] if plan.execution else []
            seen = self._store.snapshot(own, entry=(plan.tenant_id, order.entry_id))
            if seen.entry:
                refuse_other_content(seen.entry.request, order.cost.request, "entry_id")
                return self._replayed(Booked(seen.entry, replayed=True), gates=order.include_gates)
            plan = plan.following(seen.accounts)
        raise gave_up()

    def settle(self, order: Settle) -> Booked:
        """Replace a hold by its true cost, less or more; late or given back, book it all the same.

        One write where the reservation is known from a receipt or from having taken it here.
        Raises NotFoundError, and IdempotencyMismatchError when it was settled otherwise.
        """
        not_ahead(order.cost.occurred_at, self._clock.now())
        believed = self._remembered.take(order.tenant_id, order.reservation_id) or order.believed
        for _ in range(ROUNDS):
            booked = self._attempt(order, believed) if believed else None
            if booked:
                return booked
            seen = self._store.snapshot(
                (),
                reservation=(order.tenant_id, order.reservation_id),
                entry=(order.tenant_id, _entry_id(order)),
            )
            if seen.reservation is None:
                raise NotFoundError(f"no reservation {order.reservation_id}")
            known = self._settled_before(order, seen)
            if known:
                return self._replayed(
                    Booked(known, replayed=True, reservation=seen.reservation),
                    gates=order.include_gates,
                )
            believed = seen.reservation
        raise gave_up()

    def _attempt(self, order: Settle, believed: Reservation) -> Booked | None:
        """One write by what the reservation is believed to be, or None when it is not so."""
        now = self._clock.now()
        if believed.state == OPEN and believed.state_at(now) == EXPIRED:
            expired = expire(self._store, believed, now)
            if expired is None:
                return None
            believed = expired
        if believed.state == OPEN:
            return self._in_time(order, believed, now)
        return self._too_late(order, believed, now)

    def _in_time(self, order: Settle, believed: Reservation, now: datetime) -> Booked | None:
        hold = believed.hold
        plan = self._planner.booked(hold.tenant_id, hold.labels, hold.booking)
        moved = tuple(dict.fromkeys((*hold.all_accounts(), *hold.accounts)))
        entry = _settlement(order, plan, now, moved=moved)
        postings = dict(returned(believed))
        for account in moved:
            back = postings[account].move if account in postings else Move()
            postings[account] = Posting(entry.move + back)
        closing = Closing(believed, SETTLED, now, entry.entry_id)
        transaction = Transaction(postings=postings, entries=(entry,), changes=closing)
        if not self._store.commit(transaction):
            return None
        booked = Booked(entry, reservation=closing.result)
        return self._booked(booked, plan, gates=order.include_gates)

    def _too_late(self, order: Settle, ended: Reservation, now: datetime) -> Booked | None:
        hold = ended.hold
        plan = self._planner.place(hold.tenant_id, hold.labels, hold.created_at)
        flag = LATE_SETTLEMENT if ended.state == EXPIRED else UNRESERVED
        entry = _settlement(order, plan, now, flag)
        change = LateSettlement(ended, entry.entry_id)
        transaction = Transaction(postings=posted(entry, plan), entries=(entry,), changes=change)
        if ended.entry_id is not None or not self._store.commit(transaction):
            return None
        booked = Booked(entry, reservation=change.result)
        return self._booked(booked, plan, gates=order.include_gates)

    def _settled_before(self, order: Settle, seen: Snapshot) -> Entry | None:
        """The entry that settled it, if there is one. Raises where the request says otherwise."""
        entry = seen.entry
        if entry is None and seen.reservation and seen.reservation.entry_id:
            entry = self._store.entry(order.tenant_id, seen.reservation.entry_id)
        if entry is not None:
            refuse_other_content(entry.request, order.cost.request, "entry_id")
        return entry

    def _replayed(self, booked: Booked, *, gates: bool) -> Booked:
        entry = booked.entry
        plan = self._planner.booked(entry.tenant_id, entry.labels, entry.booking)
        return self._booked(booked, plan, gates=gates)

    def _booked(self, booked: Booked, plan: Plan, *, gates: bool) -> Booked:
        if not gates:
            return booked
        standings = stand(plan.gates, self._store.accounts(plan.gated_accounts))
        return replace(booked, standings=standings)


def recorded(order: Record, plan: Plan, now: datetime) -> Entry:
    """The entry of a cost that was never reserved."""
    return _entry(order.entry_id, order.cost, plan, now)


def posted(entry: Entry, plan: Plan) -> Mapping[AccountKey, Posting]:
    """The entry's move on each of its accounts, with the lineage that its execution asserts."""
    return {
        account: Posting(entry.move, lineage=plan.lineage_of(account)) for account in entry.moved
    }


def _settlement(
    order: Settle, plan: Plan, now: datetime, *flags: str, moved: tuple[AccountKey, ...] = ()
) -> Entry:
    entry = _entry(_entry_id(order), order.cost, plan, now, *flags)
    return replace(entry, reservation_id=order.reservation_id, moved=moved or entry.moved)


def _entry(entry_id: str, cost: Cost, plan: Plan, now: datetime, *flags: str) -> Entry:
    late = (LATE,) if plan.booking.late_on else ()
    return Entry(
        entry_id=entry_id,
        tenant_id=plan.tenant_id,
        kind=COST,
        labels=plan.labels,
        amount=cost.amount,
        booking=plan.booking,
        occurred_at=cost.occurred_at or now,
        recorded_at=now,
        request=cost.request,
        tokens=cost.tokens,
        usage=cost.usage,
        flags=(*late, *flags),
        moved=touched(plan.tenant_id, plan.labels, plan.booking),
    )


def _entry_id(order: Settle) -> str:
    return order.entry_id or f"{SETTLEMENT_PREFIX}{order.reservation_id}"
