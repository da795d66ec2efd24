"""Replace a hold by its true cost, or draw costs from it: in time or late, exactly once."""

from dataclasses import replace
from datetime import datetime

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import (
    ESTIMATED,
    LATE_SETTLEMENT,
    UNRESERVED,
    Entry,
)
from budget_monitor.domain.errors import NotFoundError, UnknownPriceError, ValidationError
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    OPEN,
    RELEASED,
    HoldDraw,
    HoldEnd,
    Reservation,
)
from budget_monitor.domain.periods import not_ahead
from budget_monitor.domain.requests import OPERATION, refuse_other_content
from budget_monitor.ports import Clock, Snapshot, Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import settling
from budget_monitor.usecases.alerts.notices import AlertWriter
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.costs.adjust import Adjust, Adjusting
from budget_monitor.usecases.costs.hold_costs import Draw, HoldCost, Settle
from budget_monitor.usecases.costs.record import Booked, Booker, cost_transaction, entry_of
from budget_monitor.usecases.holds.known_holds import HoldCache, end
from budget_monitor.usecases.idempotency import keep, known

MAX_ACCOUNTS = 97
"""Maximum of accounts that one settlement moves: with its three facts they fill a transaction."""
SERVICE = "Budget Monitor"


class Settling:
    """The use cases of `settle` and `draw`."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        clock: Clock,
        hold_cache: HoldCache,
        notices: AlertWriter,
    ) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._hold_cache = hold_cache
        self._booker = Booker(planner, notices)
        self._adjusting = Adjusting(store, planner, clock)

    def settle(self, command: Settle) -> Booked:
        """Replace a hold by its true cost, lower or higher. Late or released holds are booked too.

        It takes one write if the reservation is known, from a receipt or because this process made
        it. Raises NotFoundError for an unknown reservation, UnknownPriceError for a model without a
        price, and IdempotencyMismatchError if it was settled with other content. The true cost of a
        hold that was settled at its estimate is booked as an adjustment of the estimate.
        """
        return self._booked(command)

    def draw(self, command: Draw) -> Booked:
        """Book a cost against an open hold and keep the rest held; in full, also above the hold.

        It takes one write if the reservation is known, as for `settle`. A hold that has ended gets
        the entry with the flag that a late settlement would have. The true cost of a draw at the
        estimate, under the same id, is booked as an adjustment. Raises the errors of `settle`, and
        ValidationError for another run than the hold's.
        """
        return self._booked(command)

    def settle_overdue(self, reservation: Reservation) -> bool:
        """Settle an overdue hold at its estimate; False if another request changed it."""
        command = Settle.overdue(reservation)
        for _ in range(MAX_ROUNDS):
            if self._attempt(command, reservation):
                return True
            name = (command.tenant_id, command.reservation_id)
            if reservation not in self._store.reservations([name]):
                return False
            self._planner.forget(command.tenant_id)
        raise too_many_rounds()

    def _booked(self, command: HoldCost) -> Booked:
        not_ahead(command.cost.occurred_at, self._clock.now())
        expected = (
            self._hold_cache.take(command.tenant_id, command.reservation_id) or command.expected
        )
        rounds = 0
        while rounds < MAX_ROUNDS:  # a reservation that other draws changed takes no round
            unknown = None
            try:
                booked = self._attempt(command, expected) if expected else None
            except (UnknownPriceError, ValidationError) as fault:
                booked, unknown = None, fault
            if booked:
                return booked
            command = command.known_as(known(self._store, command.key))
            seen = self._store.snapshot(
                (),
                reservation=(command.tenant_id, command.reservation_id),
                entry=(command.tenant_id, command.booked_as),
            )
            if seen.reservation is None:
                raise NotFoundError(f"no reservation {command.reservation_id}")
            settled = self._booked_before(command, seen)
            if settled and _is_corrected_by(command, settled):
                return self._corrected(command, settled, seen.reservation)
            if settled:
                keep(self._store, command.key)
                replay = Booked(settled, replayed=True, reservation=seen.reservation)
                return self._booker.known(replay, gates=command.include_gates)
            if unknown:
                raise unknown
            rounds += expected == seen.reservation
            expected = seen.reservation
            self._planner.forget(command.tenant_id)
        raise too_many_rounds()

    def _attempt(self, command: HoldCost, expected: Reservation) -> Booked | None:
        """Book with one write; None if the reservation is not as expected."""
        now = self._clock.now()
        # The money of an overdue hold that settles itself stays held until an entry replaces it.
        in_time = expected.state_at(now) == OPEN or expected.is_itself_due(now)
        plan = self._plan(command, expected, now if in_time else None)
        if expected.state == OPEN and not in_time:
            # Refuse a missing price or a key with other content before anything is written.
            known(self._store, command.key)
            if isinstance(command, Draw) and self._store.entry(command.tenant_id, command.draw_id):
                return None  # a replay ends no hold
            expired = end(self._store, self._planner, HoldEnd(expected, EXPIRED, now))
            if expired is None:
                return None
            expected = expired
        if expected.state == OPEN:
            return self._in_time(command, expected, plan, now)
        return self._too_late(command, expected, plan)

    def _plan(self, command: HoldCost, expected: Reservation, now: datetime | None) -> Plan:
        """Return the plan: in time (`now`) with the hold's booking, else as of the hold's start."""
        hold = expected.hold
        tenant_id, labels, cost = hold.tenant_id, command.labels_of(hold), command.cost
        at = cost.occurred_at or now or hold.created_at
        booking = hold.booking if now else self._planner.booking(tenant_id, hold.created_at)
        return self._planner.settlement(
            tenant_id, labels, booking.of(at), command.spent(expected), at
        )

    def _in_time(
        self, command: HoldCost, expected: Reservation, plan: Plan, now: datetime
    ) -> Booked | None:
        hold = expected.hold
        held_by = self._planner.booked(hold.tenant_id, hold.labels, hold.booking)
        entry = self._entry(command, plan)
        if not entry.quarantined:
            entry = replace(entry, moved=_moved(hold.labels, hold.accounts, plan, held_by))
        change = command.change(expected, entry, now)
        postings = settling(entry, plan, change, held_by)
        if len(postings) > MAX_ACCOUNTS:
            return self._apart(command, expected, plan, now)
        if not self._store.commit(cost_transaction(entry, plan, postings, change, command.key)):
            return None
        if isinstance(change, HoldDraw):
            self._hold_cache.keep(change.result)
        booked = Booked(entry, reservation=change.result)
        return self._booker.shown(booked, plan, gates=command.include_gates)

    def _apart(
        self, command: HoldCost, expected: Reservation, plan: Plan, now: datetime
    ) -> Booked | None:
        """Book the cost as unreserved; a settlement gives the hold back before: two writes.

        Only where the budgets were replaced under the hold, and the accounts of the old ones and
        of the new ones do not fit one transaction. A crash between the two loses no cost: the
        retry books it. A draw then leaves its hold whole until it ends.
        """
        if isinstance(command, Draw):
            return self._too_late(command, expected, plan)
        known(self._store, command.key)  # another's key is refused before anything is written
        closing = HoldEnd(expected, RELEASED, now, principal=command.cost.principal)
        released = end(self._store, self._planner, closing)
        return self._too_late(command, released, plan) if released else None

    def _too_late(self, command: HoldCost, ended: Reservation, plan: Plan) -> Booked | None:
        flag = LATE_SETTLEMENT if ended.state == EXPIRED else UNRESERVED
        entry = self._entry(command, plan)
        entry = replace(entry, flags=(*entry.flags, flag))
        change = command.late_change(ended)
        transaction = cost_transaction(entry, plan, changes=change, key=command.key)
        if command.settled_by(ended) is not None or not self._store.commit(transaction):
            return None
        booked = Booked(entry, reservation=change.result if change else ended)
        return self._booker.shown(booked, plan, gates=command.include_gates)

    def _entry(self, command: HoldCost, plan: Plan) -> Entry:
        entry = entry_of(command.booked_as, command.cost, plan)
        flags = (*entry.flags, *command.flags)
        return replace(entry, reservation_id=command.reservation_id, flags=flags)

    def _booked_before(self, command: HoldCost, seen: Snapshot) -> Entry | None:
        """Return the entry of the same request, or the one that settled the reservation, or None.

        Raises IdempotencyMismatchError if its content differs, unless this one may correct it.
        """
        entry, other = seen.entry, command.settled_by(seen.reservation)
        if entry is None and other:
            entry = self._store.entry(command.tenant_id, other)
        if entry is not None and not _is_corrected_by(command, entry):
            refuse_other_content(entry.request, command.cost.request, command.id_field)
        return entry

    def _corrected(self, command: HoldCost, estimated: Entry, ended: Reservation) -> Booked:
        """Adjust a settlement or a draw at the estimate by what the true cost is more or less.

        The adjustment keeps the request: sent again, it is answered the same. People's own
        adjustments of the estimate stay.
        """
        labels, at = (
            command.labels_of(ended.hold),
            command.cost.occurred_at or estimated.occurred_at,
        )
        plan = self._planner.settlement(
            command.tenant_id, labels, estimated.booking, command.cost.spent, at
        )
        true_cost = self._entry(command, plan)
        name = command.true_cost_id
        done = self._adjusting.book(
            Adjust(
                tenant_id=command.tenant_id,
                entry_id=estimated.entry_id,
                adjustment_id=name,
                amount=true_cost.amount - estimated.amount,
                reason=f"the true cost of a {command.noun} at the estimate",
                by=SERVICE,
                request=command.cost.request,
                true_cost=true_cost,
                principal=command.cost.principal,
                key=command.key
                and replace(command.key, made={**command.key.made, "adjustment_id": name}),
            )
        )
        booked = Booked(done.entry, replayed=done.replayed, reservation=ended)
        return self._booker.known(booked, gates=command.include_gates)


def _is_corrected_by(command: HoldCost, entry: Entry) -> bool:
    """True if the command has the true cost of the same settlement or draw at the estimate."""
    if command.at_estimate or ESTIMATED not in entry.flags:
        return False
    is_same_kind = entry.request.get(OPERATION) == command.operation
    return is_same_kind and entry.reservation_id == command.reservation_id


def _moved(
    labels: Labels, held_on: tuple[AccountKey, ...], plan: Plan, held_by: Plan
) -> tuple[AccountKey, ...]:
    """Return the accounts of a cost: those of the plan, and those on which its hold is held.

    If another model or agent was called, or for another user, only the accounts of that one.
    """
    if plan.labels != labels:
        elsewhere = set(replace(held_by, booking=plan.booking).moved) - set(plan.moved)
        held_on = tuple(account for account in held_on if account not in elsewhere)
    return tuple(dict.fromkeys((*plan.moved, *held_on)))
