"""Show, extend and release a reservation."""

from datetime import timedelta

from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    MAX_LIFE,
    OPEN,
    RELEASED,
    SETTLED,
    Extension,
    HoldEnd,
    Reservation,
)
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.known_holds import HoldCache, end
from budget_monitor.usecases.idempotency import keep, known


@dataclass(frozen=True, slots=True)
class HoldCommand:
    """A change to a reservation, optionally under an idempotency key."""

    tenant_id: str
    reservation_id: str
    request: Request
    idempotency_key: str | None = None
    principal: str | None = None
    """The signer of the request, if there is one."""


class Holding:
    """The use cases of existing reservations."""

    def __init__(self, store: Store, planner: Planner, clock: Clock, hold_cache: HoldCache) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._hold_cache = hold_cache

    def get_reservation(self, tenant_id: str, reservation_id: str) -> Reservation:
        """Return the reservation as it is now. Raises NotFoundError."""
        found = self._store.reservation(tenant_id, reservation_id)
        if found is None:
            raise NotFoundError(f"no reservation {reservation_id}")
        return found

    def extend(self, change: HoldCommand, life: timedelta) -> Reservation:
        """Extend an open reservation to `life` from now. Its time is never shortened.

        Raises ConflictError if it is not open, and ValidationError if it would last longer than
        48 h after its creation.
        """
        for _ in range(MAX_ROUNDS):
            now = self._clock.now()
            name = (change.tenant_id, change.reservation_id)
            wanted = Extension(*name, now, now + life, change.principal)
            done = self._store.commit(Transaction(changes=wanted, idempotency=_key_of(change)))
            replayed = not done and known(self._store, _key_of(change)) is not None
            reservation = self.get_reservation(change.tenant_id, change.reservation_id)
            if done or replayed:
                return self._hold_cache.keep(reservation)
            if _extended(reservation, wanted):
                keep(self._store, _key_of(change))
                return self._hold_cache.keep(reservation)
        raise too_many_rounds()

    def release(self, change: HoldCommand) -> Reservation:
        """Release the hold and return the reservation. An overdue one expires instead.

        A second release returns the first answer. Raises ConflictError if it was settled.
        """
        found = self._hold_cache.take(change.tenant_id, change.reservation_id)
        for _ in range(MAX_ROUNDS):
            if known(self._store, _key_of(change)) is not None:
                return self.get_reservation(change.tenant_id, change.reservation_id)
            reservation = found or self.get_reservation(change.tenant_id, change.reservation_id)
            done = self._release(change, reservation)
            if done:
                return done
            found = None
        raise too_many_rounds()

    def _release(self, change: HoldCommand, reservation: Reservation) -> Reservation | None:
        now = self._clock.now()
        if reservation.state_at(now) == SETTLED:
            raise ConflictError(
                f"reservation {change.reservation_id} is settled: its cost is recorded"
            )
        if reservation.state != OPEN:
            keep(self._store, _key_of(change))
            return reservation
        state = RELEASED if reservation.state_at(now) == OPEN else EXPIRED
        closing = HoldEnd(reservation, state, now, principal=change.principal)
        return end(self._store, self._planner, closing, _key_of(change))


def _key_of(change: HoldCommand) -> IdempotencyKey | None:
    if change.idempotency_key is None:
        return None
    return IdempotencyKey(change.tenant_id, change.idempotency_key, change.request)


def _extended(reservation: Reservation, wanted: Extension) -> bool:
    """Return True if the reservation already has the wanted time.

    Raises ConflictError if it is not open, and ValidationError beyond 48 h after its creation.
    """
    state = reservation.state_at(wanted.at)
    if state != OPEN:
        raise ConflictError(
            f"reservation {wanted.reservation_id} is {state} and cannot be extended"
        )
    if wanted.expires_at > reservation.hold.created_at + MAX_LIFE:
        raise ValidationError(
            "expires_in_seconds would keep the reservation beyond 48 hours after its creation",
            "expires_in_seconds",
        )
    return reservation.expires_at >= wanted.expires_at
