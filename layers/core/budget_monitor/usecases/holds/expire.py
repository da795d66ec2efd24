"""Expire overdue holds; release holds of stopped state machines."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, AccountKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.holds.reservations import (
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
"""Maximum of overdue holds that a refused request expires before it is tried again."""
LOOKED_AT, AT_ONCE = 1000, 100
"""Maximum of names of overdue holds per read, and of holds per read."""
MAX_PAST = 10_000
"""Maximum of holds that one pass skips: not on the full accounts, or not possible to end."""
_STRIDE = 104_729
"""A prime above the maximum of names, so that each name comes first in some minute."""
LOOK_AGAIN_AFTER = timedelta(seconds=60)
"""After this time, the index contains every hold taken before its state machine stopped."""

Name = tuple[str, str]
"""Name of a reservation: (tenant_id, reservation_id)."""

logger = logging.getLogger(__name__)


class Sweeping:
    """Expires overdue holds and releases holds of stopped state machines."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        clock: Clock,
        settle: Callable[[Reservation], bool],
        notices: AlertWriter,
    ) -> None:
        """`settle` books the estimate of a hold that asks for it; False if the hold changed."""
        self._store = store
        self._planner = planner
        self._clock = clock
        self._settle = settle
        self._notices = notices

    def clear(self, tenant_id: str, full: Collection[AccountKey]) -> int:
        """Expire at most 25 overdue holds on these accounts; return how many were expired.

        `full`: accounts that refuse. Other tenants' holds are read only if one of them is the
        system's. Raises UnavailableError if a hold failed and none was expired.
        """
        everybody = any(account.tenant_id == SYSTEM for account in full)
        past, freed, fault = set[Name](), 0, None
        for one in self._each_overdue(past, None if everybody else tenant_id):
            frees = not one.hold.settles_itself  # its estimate takes as much as its hold
            if frees and set(full) & set(one.hold.accounts):
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
        """Expire all overdue holds within the invocation's time; return how many were expired.

        A hold that fails does not stop the others. It is tried again at the end. Raises
        UnavailableError if it fails again.
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
        """Return how long the longest overdue hold is overdue; zero if there is none."""
        now = self._clock.now()
        found = self._store.reservations(self._store.overdue(now, AT_ONCE))
        due = [one.expires_at for one in found if one.state == OPEN]
        return max((now - one for one in due), default=timedelta())

    def _ended(
        self, one: Reservation, failed: dict[Name, tuple[Reservation, UnavailableError]]
    ) -> bool:
        """Return True if the hold was expired. `failed` stores failed holds with their errors."""
        try:
            done = self._expire_one(one)
        except UnavailableError as met:
            logger.warning("a hold cannot be ended: %s", _name(one), exc_info=met)
            failed[_name(one)] = one, met
            return False
        failed.pop(_name(one), None)
        return done

    def _each_overdue(self, past: set[Name], tenant_id: str | None = None) -> Iterator[Reservation]:
        """Yield overdue holds of one tenant or of all. `past`: names that are not read again.

        The start within the list changes each minute, so failing holds cannot block the others.
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
        """Release the open holds of a stopped state machine execution; return how many.

        The index may lack a hold that was taken just before the stop: `look_again` releases it.
        """
        stopped = Stopped(execution_arn, self._clock.now())
        self._store.commit(Transaction(stopped=stopped))
        return sum(self._release(one) for one in self._held_by(execution_arn))

    def look_again(self) -> int:
        """Release holds of executions that stopped a minute ago or earlier; return how many.

        Only holds taken before the stop are released. An execution that fails is logged and
        stays for the next run.
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
        """Expire the hold; False if it is not overdue or was ended by another request."""
        now = self._clock.now()
        if not reservation.is_overdue(now) or not self._end(reservation, now):
            return False
        self._notices.store(expired(reservation, now))
        return True

    @deadline.unit_of_work(of_a_job=True)
    def _release(self, reservation: Reservation) -> bool:
        return self._end(reservation, self._clock.now())

    def _end(self, reservation: Reservation, now: datetime) -> bool:
        """Expire an overdue hold, release another one, or settle it if it settles itself."""
        if reservation.hold.settles_itself:
            return self._settle(reservation)
        state = reservation.state_at(now)
        closing = HoldEnd(reservation, RELEASED if state == OPEN else state, now)
        return end(self._store, self._planner, closing) is not None


def _name(reservation: Reservation) -> Name:
    return reservation.hold.tenant_id, reservation.hold.reservation_id
