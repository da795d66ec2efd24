"""Holds that end by themselves: nothing squats, whether or not a sweeper ran."""

import logging
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, AccountKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    OPEN,
    RELEASED,
    HoldEnd,
    Reservation,
    Stopped,
)
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.alerts.notices import AlertWriter, expired
from budget_monitor.usecases.holds.known_holds import end

IN_THE_WAY = 25
"""How many expired holds a refusal gives back before it is tried once more."""
LOOKED_AT, AT_ONCE = 1000, 100
"""How many names of expired holds are read together, and how many holds."""
MAX_PAST = 10_000
"""How many holds that are not in the way, or cannot be ended, are gone past."""
_STRIDE = 104_729
"""A prime above every number of names: each of them comes first in some minute."""
LOOK_AGAIN_AFTER = timedelta(seconds=60)
"""By then an index shows a hold that was taken before its state machine stopped."""

Name = tuple[str, str]
"""A reservation's: its tenant's id and its own."""

logger = logging.getLogger(__name__)


class Sweeping:
    """Gives back the money of holds whose time is up, or whose state machine stopped."""

    def __init__(self, store: Store, planner: Planner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._notices = AlertWriter(store)

    def clear(self, tenant_id: str, full: Collection[AccountKey]) -> int:
        """Expire at most 25 overdue holds on these accounts; how many were.

        `full` are accounts that refuse. Only for the system's are other tenants' holds looked at.
        Raises UnavailableError where none could be ended and one should have been.
        """
        everybody = any(account.tenant_id == SYSTEM for account in full)
        past, freed, fault = set[Name](), 0, None
        for one in self._each_overdue(past, None if everybody else tenant_id):
            if set(full) & set(one.hold.accounts):
                try:
                    freed += self._expire(one)
                except UnavailableError as met:
                    logger.warning("a hold cannot be ended: %s", _name(one), exc_info=met)
                    fault = met
            if freed >= IN_THE_WAY or deadline.left() <= 0:
                break
        if fault and not freed:
            raise fault
        return freed

    def expire(self) -> int:
        """Expire all that is overdue, while the invocation has time; how many were.

        A hold that cannot be ended now stops no other one; it is tried once more in the end, and
        then raises UnavailableError.
        """
        past, failed = set[Name](), dict[Name, tuple[Reservation, UnavailableError]]()
        total, tried, each = 0, False, self._each_overdue(past)
        while one := self._next(each):
            if tried and deadline.about_to_end():
                break
            done, tried = self._ended(one, failed), True
            total += done
            if done:
                past.discard(_name(one))
        for one, _ in list(failed.values()):
            if not deadline.about_to_end():
                total += self._ended(one, failed)
        for _, fault in failed.values():
            raise fault
        return total

    def overdue_for(self) -> timedelta:
        """How long the hold that waits longest for its end is over its time; zero for none."""
        now = self._clock.now()
        found = self._store.reservations(self._store.overdue(now, AT_ONCE))
        due = [one.expires_at for one in found if one.state == OPEN]
        return max((now - one for one in due), default=timedelta())

    def _ended(
        self, one: Reservation, failed: dict[Name, tuple[Reservation, UnavailableError]]
    ) -> bool:
        """Whether the hold was ended; `failed` keeps those that cannot be now, and why."""
        try:
            done = self._expire_one(one)
        except UnavailableError as met:
            logger.warning("a hold cannot be ended: %s", _name(one), exc_info=met)
            failed[_name(one)] = one, met
            return False
        failed.pop(_name(one), None)
        return done

    def _each_overdue(self, past: set[Name], tenant_id: str | None = None) -> Iterator[Reservation]:
        """Overdue holds of one tenant or of all; `past`: names that were told, and are not again.

        It begins elsewhere in the list each minute: what fails takes nobody's place for ever.
        """
        minute = int(self._clock.now().timestamp()) // 60
        while names := self._names(past, tenant_id):
            start = minute * _STRIDE % len(names)
            names = [*names[start:], *names[:start]]
            for begin in range(0, len(names), AT_ONCE):
                together = names[begin : begin + AT_ONCE]
                past |= set(together)
                yield from self._store.reservations(together)
            if len(names) < LOOKED_AT:
                return

    @deadline.unit_of_work()
    def _next(self, each: Iterator[Reservation]) -> Reservation | None:
        return next(each, None)

    def _names(self, past: Collection[Name], tenant_id: str | None) -> Sequence[Name]:
        if len(past) >= MAX_PAST:
            return []
        most = LOOKED_AT + len(past)
        found = self._store.overdue(self._clock.now(), most, tenant_id)
        return [name for name in found if name not in past]

    def release_stopped(self, execution_arn: str) -> int:
        """Release the open holds of a state machine's execution that stopped; how many were.

        They are found by an index, which may lack a hold that was taken just before: `look_again`
        releases that one.
        """
        stopped = Stopped(execution_arn, self._clock.now())
        self._store.commit(Transaction(stopped=stopped))
        return sum(self._release(one) for one in self._held_by(execution_arn))

    def look_again(self) -> int:
        """Release what executions took before they stopped, a minute ago or more; how many were.

        An execution at which it fails is logged and stays for the next time.
        """
        released, now = 0, self._clock.now()
        for one in self._store.stopped(now - LOOK_AGAIN_AFTER, LOOKED_AT):
            if deadline.about_to_end():
                break
            try:
                held = self._held_by(one.execution_arn)
                taken_before = [hold for hold in held if hold.hold.created_at < one.stopped_at]
                released += sum(self._release(h) for h in taken_before if h.state_at(now) == OPEN)
                self._store.commit(Transaction(stopped=replace(one, done=True)))
            except UnavailableError:
                logger.exception("holds of %s could not be released", one.execution_arn)
        return released

    def _held_by(self, execution_arn: str) -> Sequence[Reservation]:
        names = self._store.of_state_machine(execution_arn)
        return [one for one in self._store.reservations(names) if one.state == OPEN]

    @deadline.unit_of_work(of_a_job=True)
    def _expire_one(self, reservation: Reservation) -> bool:
        return self._expire(reservation)

    def _expire(self, reservation: Reservation) -> bool:
        """Whether it was overdue and was ended here."""
        now = self._clock.now()
        due = reservation.state == OPEN and reservation.state_at(now) == EXPIRED
        if not due or not end(self._store, self._planner, HoldEnd(reservation, EXPIRED, now)):
            return False
        self._notices.store(expired(reservation, now))
        return True

    @deadline.unit_of_work(of_a_job=True)
    def _release(self, reservation: Reservation) -> bool:
        now = self._clock.now()
        state = RELEASED if reservation.state_at(now) == OPEN else EXPIRED
        return end(self._store, self._planner, HoldEnd(reservation, state, now)) is not None


def _name(reservation: Reservation) -> Name:
    return reservation.hold.tenant_id, reservation.hold.reservation_id
