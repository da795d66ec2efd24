"""Holds that end by themselves: nothing squats, whether or not a sweeper ran."""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from budget_monitor import patience
from budget_monitor.domain.accounts import SYSTEM, AccountKey
from budget_monitor.domain.errors import UnavailableError
from budget_monitor.domain.reservations import (
    EXPIRED,
    OPEN,
    RELEASED,
    Closing,
    Reservation,
    Stopped,
)
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.holds import end
from budget_monitor.usecases.notices import Notices, expired
from budget_monitor.usecases.planning import Planner

IN_THE_WAY, LOOKED_AT = 25, 1000
"""How many expired holds a refusal gives back before it is tried once more, of how many."""
AT_ONCE = 100
"""How many expired holds are read together."""
LOOK_AGAIN_AFTER = timedelta(seconds=60)
"""By then an index shows a hold that was taken before its state machine stopped."""

logger = logging.getLogger(__name__)


class Sweeping:
    """Gives back the money of holds whose time is up, or whose state machine stopped."""

    def __init__(self, store: Store, planner: Planner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._notices = Notices(store)

    def clear(self, tenant_id: str, full: Collection[AccountKey]) -> int:
        """Expire at most 25 overdue holds on these accounts; how many were.

        `full` are accounts that refuse. Only for the system's are other tenants' holds looked at.
        """
        everybody = any(account.tenant_id == SYSTEM for account in full)
        names = self._store.overdue(self._clock.now(), LOOKED_AT, None if everybody else tenant_id)
        freed = 0
        for start in range(0, len(names), AT_ONCE):
            found = self._store.reservations(names[start : start + AT_ONCE])
            in_the_way = [one for one in found if set(full) & set(one.hold.accounts)]
            freed += self._expire(in_the_way, IN_THE_WAY - freed)
            if freed >= IN_THE_WAY:
                break
        return freed

    def expire(self) -> int:
        """Expire all that is overdue, while the invocation has time; how many were.

        A hold that cannot be ended now stops no other one. Raises UnavailableError in the end.
        """
        total, more, fault = 0, True, None
        while more:
            more, fault = False, None
            for one in self._overdue():
                if total and patience.about_to_end():
                    return total
                try:
                    done = self._expire_one(one)
                except UnavailableError as met:
                    done, fault = 0, met
                total, more = total + done, more or done > 0
        if fault:
            raise fault
        return total

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
            if patience.about_to_end():
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

    @patience.unit_of_work()
    def _overdue(self) -> Sequence[Reservation]:
        return self._store.reservations(self._store.overdue(self._clock.now(), AT_ONCE))

    @patience.unit_of_work(of_a_job=True)
    def _expire_one(self, reservation: Reservation) -> int:
        return self._expire([reservation], 1)

    def _expire(self, found: Iterable[Reservation], most: int) -> int:
        done = 0
        for reservation in found:
            now = self._clock.now()
            due = reservation.state == OPEN and reservation.state_at(now) == EXPIRED
            if (
                due
                and done < most
                and end(self._store, self._planner, Closing(reservation, EXPIRED, now))
            ):
                done += 1
                self._notices.tell(expired(reservation, now))
        return done

    @patience.unit_of_work(of_a_job=True)
    def _release(self, reservation: Reservation) -> bool:
        now = self._clock.now()
        state = RELEASED if reservation.state_at(now) == OPEN else EXPIRED
        return end(self._store, self._planner, Closing(reservation, state, now)) is not None
