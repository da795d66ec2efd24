"""Replace a hold by its true cost: lower or higher, in time or late, exactly once."""

from dataclasses import dataclass, replace
from datetime import datetime

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import LATE_SETTLEMENT, SETTLEMENT_PREFIX, UNRESERVED, Entry
from budget_monitor.domain.errors import NotFoundError, UnknownPriceError, ValidationError
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    OPEN,
    RELEASED,
    SETTLED,
    Hold,
    HoldEnd,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.periods import not_ahead
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import IdempotencyKey
from budget_monitor.ports import Clock, Snapshot, Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import settling
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.costs.record import Booked, Booker, Cost, cost_transaction, entry_of
from budget_monitor.usecases.holds.known_holds import HoldCache, end
from budget_monitor.usecases.idempotency import keep, known

MAX_ACCOUNTS = 97
"""How many accounts one settlement moves: with its three facts they fill a transaction."""


@dataclass(frozen=True, slots=True)
class Settle:
    """Settle a hold at its true cost. `expected` is the reservation as its receipt describes it."""

    tenant_id: str
    reservation_id: str
    cost: Cost
    entry_id: str | None = None
    expected: Reservation | None = None
    include_gates: bool = True
    model: str | None = None
    """The model that was called, if the hold has none or another one."""
    provider: str | None = None
    names: IdempotencyKey | None = None
    """Idempotency key of the whole request."""

    def known_as(self, stored: Request | None) -> "Settle":
        """Return the order with the id stored under its key; unchanged if the key is new."""
        if stored is None:
            return self
        return replace(self, entry_id=stored["entry_id"], names=None)

    def labels_of(self, hold: Hold) -> Labels:
        """The hold's labels, with the model and the provider that were called in the end."""
        return hold.labels.called(self.model, self.provider)


class Settling:
    """The use case of `settle`."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        clock: Clock,
        remembered: HoldCache,
    ) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._remembered = remembered
        self._booker = Booker(planner, AlertWriter(store))

    def settle(self, order: Settle) -> Booked:
        """Replace a hold by its true cost, lower or higher. Late or released holds are booked too.

        It takes one write if the reservation is known, from a receipt or because this process made
        it. Raises NotFoundError for an unknown reservation, UnknownPriceError for a model without a
        price, and IdempotencyMismatchError if it was settled with other content.
        """
        not_ahead(order.cost.occurred_at, self._clock.now())
        expected = self._remembered.take(order.tenant_id, order.reservation_id) or order.expected
        for _ in range(MAX_ROUNDS):
            unknown = None
            try:
                booked = self._attempt(order, expected) if expected else None
            except (UnknownPriceError, ValidationError) as fault:
                booked, unknown = None, fault
            if booked:
                return booked
            order = order.known_as(known(self._store, order.names))
            seen = self._store.snapshot(
                (),
                reservation=(order.tenant_id, order.reservation_id),
                entry=(order.tenant_id, _entry_id(order)),
            )
            if seen.reservation is None:
                raise NotFoundError(f"no reservation {order.reservation_id}")
            settled = self._settled_before(order, seen)
            if settled:
                keep(self._store, order.names)
                replay = Booked(settled, replayed=True, reservation=seen.reservation)
                return self._booker.known(replay, gates=order.include_gates)
            if unknown:
                raise unknown
            expected = seen.reservation
            self._planner.forget(order.tenant_id)
        raise too_many_rounds()

    def _attempt(self, order: Settle, expected: Reservation) -> Booked | None:
        """Settle with one write; None if the reservation is not as expected."""
        now = self._clock.now()
        in_time = expected.state_at(now) == OPEN
        plan = self._plan(order, expected.hold, now if in_time else None)
        if expected.state == OPEN and not in_time:
            # Refuse a missing price or a key with other content before anything is written.
            known(self._store, order.names)
            expired = end(self._store, self._planner, HoldEnd(expected, EXPIRED, now))
            if expired is None:
                return None
            expected = expired
        if expected.state == OPEN:
            return self._in_time(order, expected, plan, now)
        return self._too_late(order, expected, plan)

    def _plan(self, order: Settle, hold: Hold, now: datetime | None) -> Plan:
        """Return the plan: in time (`now`) with the hold's booking, else as of the hold's start."""
        tenant_id, labels, cost = hold.tenant_id, order.labels_of(hold), order.cost
        at = cost.occurred_at or now or hold.created_at
        booking = hold.booking if now else self._planner.booking(tenant_id, hold.created_at)
        return self._planner.settlement(tenant_id, labels, booking.of(at), cost.spent, at)

    def _in_time(
        self, order: Settle, expected: Reservation, plan: Plan, now: datetime
    ) -> Booked | None:
        hold = expected.hold
        held_by = self._planner.booked(hold.tenant_id, hold.labels, hold.booking)
        kept = hold.accounts
        if plan.labels != hold.labels:  # another model was called: keep only its accounts
            held_as = replace(held_by, booking=plan.booking)
            elsewhere = set(held_as.moved) - set(plan.moved)
            kept = tuple(account for account in kept if account not in elsewhere)
        entry = self._settlement(order, plan)
        if not entry.quarantined:
            entry = replace(entry, moved=tuple(dict.fromkeys((*plan.moved, *kept))))
        closing = HoldEnd(expected, SETTLED, now, entry.entry_id)
        postings = settling(entry, plan, expected, held_by)
        if len(postings) > MAX_ACCOUNTS:
            return self._after_release(order, expected, plan, now)
        transaction = cost_transaction(entry, plan, postings, closing)
        if not self._store.commit(replace(transaction, idempotency=order.names)):
            return None
        booked = Booked(entry, reservation=closing.result)
        return self._booker.shown(booked, plan, gates=order.include_gates)

    def _after_release(
        self, order: Settle, expected: Reservation, plan: Plan, now: datetime
    ) -> Booked | None:
        """The hold given back, and its cost booked as unreserved: two writes.

        Only where the budgets were replaced under the hold, and the accounts of the old ones and
        of the new ones do not fit one transaction. A crash between the two loses no cost: the
        retry books it.
        """
        known(self._store, order.names)  # another's key is refused before anything is written
        released = end(self._store, self._planner, HoldEnd(expected, RELEASED, now))
        return self._too_late(order, released, plan) if released else None

    def _too_late(self, order: Settle, ended: Reservation, plan: Plan) -> Booked | None:
        flag = LATE_SETTLEMENT if ended.state == EXPIRED else UNRESERVED
        entry = self._settlement(order, plan)
        entry = replace(entry, flags=(*entry.flags, flag))
        change = LateSettlement(ended, entry.entry_id)
        transaction = replace(
            cost_transaction(entry, plan, changes=change), idempotency=order.names
        )
        if ended.entry_id is not None or not self._store.commit(transaction):
            return None
        booked = Booked(entry, reservation=change.result)
        return self._booker.shown(booked, plan, gates=order.include_gates)

    def _settlement(self, order: Settle, plan: Plan) -> Entry:
        entry = entry_of(_entry_id(order), order.cost.request, plan)
        return replace(entry, reservation_id=order.reservation_id)

    def _settled_before(self, order: Settle, seen: Snapshot) -> Entry | None:
        """Return the entry that settled the reservation, or None.

        Raises IdempotencyMismatchError if its content differs.
        """
        entry = seen.entry
        if entry is None and seen.reservation and seen.reservation.entry_id:
            entry = self._store.entry(order.tenant_id, seen.reservation.entry_id)
        if entry is not None:
            refuse_other_content(entry.request, order.cost.request, "entry_id")
        return entry


def settlement_id(reservation_id: str, given: str | None) -> str:
    """Return the id of a settlement's entry: the caller's, or a generated one."""
    return given or f"{SETTLEMENT_PREFIX}{reservation_id}"


def _entry_id(order: Settle) -> str:
    return settlement_id(order.reservation_id, order.entry_id)
