"""Read reservations: by key, and lists of them from indexes."""

import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from itertools import islice, zip_longest

from pynamodb.expressions.condition import Condition

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.connection import Reading
from budget_monitor.adapters.dynamodb.reads import AFTER_ALL, start_of
from budget_monitor.adapters.dynamodb.rows.reservations import (
    SHARDS,
    ReservationRow,
    open_list,
    reservation_name,
    shadow_list,
    shard_of,
    state_list,
)
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.periods import sortable
from budget_monitor.ports import Listed, Page, Span

_PAGE_OF_OVERDUE, _MAX_OVERDUE = 1000, 20_000
"""Overdue reservations per page, and the maximum per list."""

logger = logging.getLogger(__name__)


class ReservationReads(Reading):
    """The `Reservations` port."""

    def reservation(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """Return the reservation as it is now, or None."""
        row = self._get(self._reservations, self._reservations.key_of(tenant_id, reservation_id))
        return to_reservation(row) if row else None

    def reservations(self, names: Iterable[tuple[str, str]]) -> Sequence[Reservation]:
        """Return the reservations that exist and are not damaged. One request for up to 100."""
        keys = [self._reservations.key_of(*name) for name in names]
        found = []
        for row in self._read(self._reservations, keys):
            try:
                found.append(to_reservation(row))
            except UnavailableError:
                logger.exception("a damaged reservation is skipped: %s", row.pk)
        return found

    def overdue(
        self, now: datetime, most: int, tenant_id: str | None = None
    ) -> Sequence[tuple[str, str]]:
        """Return open reservations past their expiry, one of each list in turn.

        One request per list; more if a tenant shares its list with many overdue ones of others.
        """
        index = self._reservations.by_expiry
        up = type(index).expires_at <= sortable(now)
        shards = range(SHARDS) if tenant_id is None else [shard_of(tenant_id)]
        lists = [
            persistently(partial(_overdue, index.query, (open_list(one), up), most, tenant_id))
            for one in shards
        ]
        turns = (name for turn in zip_longest(*lists) for name in turn if name is not None)
        return list(islice(turns, most))

    def of_state_machine(self, execution_arn: str) -> Sequence[tuple[str, str]]:
        """Return the reservations of a state machine execution, in any state."""
        index = self._reservations.by_state_machine
        rows = persistently(lambda: list(index.query(execution_arn)))
        return [reservation_name(row.pk) for row in rows]

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the ids of a UTC day's reservations that a shadow would refuse, oldest first."""
        index = self._reservations.by_shadow
        within = type(index).shadow_position.between(start_of(span), span.end or AFTER_ALL)
        query = partial(index.query, shadow_list(tenant_id, day), within, limit=limit + 1)
        rows = persistently(lambda: list(query()))
        names = [reservation_name(row.pk)[1] for row in rows[:limit]]
        return Page(names, rows[limit - 1].shadow_position if len(rows) > limit else None)

    def reservations_in(
        self, tenant_id: str, state: str, limit: int, after: str | None = None
    ) -> Listed[str]:
        """Return at most `limit` ids of a tenant's reservations in a state, the latest first."""
        index = self._reservations.by_state
        before = type(index).made_at < after if after else None
        query = partial(index.query, state_list(tenant_id, state), before, limit=limit + 1)
        rows = persistently(lambda: list(query(scan_index_forward=False)))
        found = [(row.made_at or "", reservation_name(row.pk)[1]) for row in rows[:limit]]
        return Listed(found, more=len(rows) > limit)


def to_reservation(row: ReservationRow) -> Reservation:
    """Return the reservation of the row. Raises UnavailableError if it is damaged."""
    try:
        return row.to_domain()
    except (ValueError, ValidationError) as fault:
        raise UnavailableError("a stored reservation is damaged") from fault


def _overdue(
    query: Callable[..., Iterable[ReservationRow]],
    where: tuple[str, Condition],
    most: int,
    tenant_id: str | None,
) -> list[tuple[str, str]]:
    """Return up to `most` names of a list, of all tenants or of one."""
    rows = query(*where, limit=_MAX_OVERDUE, page_size=_PAGE_OF_OVERDUE)
    names = (reservation_name(row.pk) for row in rows)
    return list(islice((name for name in names if tenant_id in {None, name[0]}), most))
