"""The port to reservations."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.ports.lists import Listed, Page, Span


class Reservations(Protocol):
    """Reads of reservations. Every method raises UnavailableError if they cannot be reached."""

    def reservation(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """Return the reservation as it is now, or None."""
        ...

    def reservations(self, names: Iterable[tuple[str, str]]) -> Sequence[Reservation]:
        """Return the reservations that exist. Each name is (tenant_id, reservation_id)."""
        ...

    def overdue(
        self, now: datetime, most: int, tenant_id: str | None = None
    ) -> Sequence[tuple[str, str]]:
        """Return up to `most` open reservations past their expiry, of one tenant or of all.

        The list may lag: a reservation that was made or ended a moment ago may be wrong in it.
        """
        ...

    def of_state_machine(self, execution_arn: str) -> Sequence[tuple[str, str]]:
        """Return the reservations of a state machine execution, in any state."""
        ...

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the ids of a UTC day's reservations that a shadow would refuse, oldest first."""
        ...

    def reservations_in(
        self, tenant_id: str, state: str, limit: int, after: str | None = None
    ) -> Listed[str]:
        """The ids of a tenant's reservations in a state, at most so many, the latest first."""
        ...
