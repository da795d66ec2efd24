"""A tenant's reservations, the latest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import merge

from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    OPEN,
    RELEASED,
    SETTLED,
    Reservation,
)
from budget_monitor.ports import Clock, Reservations

STATES = (OPEN, SETTLED, RELEASED, EXPIRED)
MAX_LOOKED_AT, _AT_ONCE = 1000, 100
"""Maximum of reservations read for one page with a filter, and in one request."""

_Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class HoldFilter:
    """Which reservations of a tenant are listed."""

    state: str | None = None
    agent: str | None = None

    @property
    def stored_states(self) -> Sequence[str]:
        """The stored states of this state: the row of an overdue reservation is still `open`."""
        if self.state is None:
            return STATES
        return (EXPIRED, OPEN) if self.state == EXPIRED else (self.state,)

    @property
    def is_selective(self) -> bool:
        """True if listed reservations may be left out."""
        return self.agent is not None or self.state in {OPEN, EXPIRED}


@dataclass(frozen=True, slots=True)
class HoldPage:
    """Reservations and the next position. A page may have fewer items than requested, or none."""

    holds: Sequence[Reservation]
    resume_at: str | None


class HoldList:
    """The use case of `list_reservations`. It writes nothing."""

    def __init__(self, store: Reservations, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def page(self, tenant_id: str, wanted: HoldFilter, limit: int, after: str | None) -> HoldPage:
        """Return at most `limit` reservations.

        One query for each stored state, and the rows of the page; with a filter at most 1,000 rows
        are looked at, and the next page goes on behind them.
        """
        found, position, looked_at = list[Reservation](), after, 0
        count = _AT_ONCE if wanted.is_selective else limit
        while True:
            places, more = self._listed(tenant_id, wanted, count, position)
            stored = self._stored(tenant_id, places)
            for number, (place, name) in enumerate(places, 1):
                one, position = stored.get(name), place
                if one and self._fits(one, wanted):
                    found.append(one)
                if len(found) == limit and (more or number < len(places)):
                    return HoldPage(found, position)
            looked_at += len(places)
            if not more or looked_at >= MAX_LOOKED_AT:
                return HoldPage(found, position if more else None)

    def _listed(
        self, tenant_id: str, wanted: HoldFilter, count: int, after: str | None
    ) -> tuple[list[_Place], bool]:
        """Return the next positions of all stored states together, and whether more follow."""
        lists = [
            self._store.reservations_in(tenant_id, one, count, after)
            for one in wanted.stored_states
        ]
        # A reservation that ends while its lists are read may be in two of them.
        places = list(dict.fromkeys(merge(*(one.items for one in lists), reverse=True)))
        return places[:count], len(places) > count or any(one.more for one in lists)

    def _stored(self, tenant_id: str, places: Iterable[_Place]) -> dict[str, Reservation]:
        names = [(tenant_id, name) for _, name in places]
        found = self._store.reservations(names) if names else ()
        return {one.hold.reservation_id: one for one in found}

    def _fits(self, one: Reservation, wanted: HoldFilter) -> bool:
        return wanted.state in {None, one.state_at(self._clock.now())} and wanted.agent in {
            None,
            one.hold.labels.agent,
        }
