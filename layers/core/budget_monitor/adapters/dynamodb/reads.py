"""Read from the tables: single rows by key, and lists from indexes."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice, zip_longest

from pynamodb.constants import NUMBER, STRING
from pynamodb.expressions.condition import Condition

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.entry_reads import EntryReads
from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow
from budget_monitor.adapters.dynamodb.rows.documents import (
    DUE,
    STOPPED,
    DocumentRow,
    change_pks,
    document_key,
    document_pk,
    ending_list,
    reminder_list,
    reminder_of,
)
from budget_monitor.adapters.dynamodb.rows.reservations import (
    SHARDS,
    ReservationRow,
    open_list,
    reservation_name,
    shadow_list,
    shard_of,
    state_list,
)
from budget_monitor.adapters.system import SystemClock
from budget_monitor.domain.accounting.accounts import SYSTEM, AccountKey, listing
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.holds.reservations import Reservation, Stopped
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.requests import Request
from budget_monitor.ports import AccountPage, Document, Listed, Page, RecentDocuments, Span
from budget_monitor.ports.recency import Origin

_DUE = 100
_PAGE_OF_OVERDUE, _MAX_OVERDUE = 1000, 20_000
"""Overdue reservations per page, and the maximum per list."""
_HOURS = 3
"""Hours whose reminders are looked at."""
_BEFORE_ALL, _AFTER_ALL = "0", ":"
"""Bounds of all positions: a position begins with a digit."""

_Key = dict[str, dict[str, str]]

logger = logging.getLogger(__name__)


class Tables(EntryReads):
    """The part of the `Store` port that reads rows. One DynamoDB request per method."""

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

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """Return the executions that stopped before and whose second pass is pending."""
        index = self._documents.rows.by_due
        listed = persistently(lambda: list(index.query(STOPPED, limit=most)))
        rows = self._read(self._documents.rows, [row.pk for row in listed])
        return [one for one in (row.to_stopped() for row in rows) if one.stopped_at <= before]

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the ids of a UTC day's reservations that a shadow would refuse, oldest first."""
        index = self._reservations.by_shadow
        start = f"{span.after}\0" if span.after else span.start or _BEFORE_ALL
        within = type(index).shadow_position.between(start, span.end or _AFTER_ALL)
        query = partial(index.query, shadow_list(tenant_id, day), within, limit=limit + 1)
        rows = persistently(lambda: list(query()))
        names = [reservation_name(row.pk)[1] for row in rows[:limit]]
        return Page(names, rows[limit - 1].shadow_position if len(rows) > limit else None)

    def operation(
        self, tenant_id: str, idempotency_key: str, *, of_people: bool = False
    ) -> Request | None:
        """Return the request stored under this idempotency key, or None."""
        row = self._documents.operations if of_people else self._operations
        found = self._get(row, row.key_of(tenant_id, idempotency_key))
        return found.request if found else None

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        """Return the documents that exist, as they are now. One request for up to 100."""
        rows = self._read(self._documents.rows, [document_pk(name) for name in names])
        return {document_key(row.pk): row.to_domain() for row in rows}

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Return the documents that exist, as they are now: this store has no copies."""
        origin = Origin(SystemClock().now())
        return RecentDocuments(self.documents(names), origin)

    def changes(self, document: DocumentKey, versions: Iterable[int]) -> Sequence[Request]:
        """Return the changes that made these versions, in the order given. One request per 100."""
        wanted = change_pks(document, versions)
        found = {row.pk: row.body for row in self._read(self._documents.changes, wanted)}
        return [found[pk] for pk in wanted if pk in found]

    def due(self) -> Sequence[DocumentKey]:
        """Return documents that have follow-up work, at most 100."""
        index = self._documents.rows.by_due
        rows = persistently(lambda: list(index.query(DUE, limit=_DUE)))
        return [document_key(row.pk) for row in rows]

    def reminders(self, now: datetime) -> Sequence[Reminder]:
        """Reminders that are due and not done, of this hour and the two before. Three requests."""
        index, found = self._documents.rows.by_due, list[Reminder]()
        for hours in range(_HOURS):
            query = partial(index.query, reminder_list(now - timedelta(hours=hours)))
            found += (reminder_of(row.pk) for row in persistently(partial(_all, query)))
        return [one for one in found if one.at <= now]

    def ending(self, now: datetime) -> Sequence[DocumentKey]:
        """Documents that time closes, of this hour and the two before. Three requests."""
        index, found = self._documents.rows.by_due, list[DocumentKey]()
        for hours in range(_HOURS):
            query = partial(index.query, ending_list(now - timedelta(hours=hours)))
            found += (document_key(row.pk) for row in persistently(partial(_all, query)))
        return found

    def document_page(self, listing: str, limit: int, before: str | None) -> Page:
        """Return the names of a list's documents, the last position first."""
        index = self._documents.rows.by_list
        older = type(index).position < before if before else None
        query = partial(index.query, listing, older, scan_index_forward=False, limit=limit + 1)
        rows = persistently(lambda: list(query()))
        names = [document_key(row.pk).name for row in rows[:limit]]
        return Page(names, rows[limit - 1].position if len(rows) > limit else None)

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """Return the accounts of a list. One that was opened a moment ago may be missing."""
        rows = persistently(lambda: list(self._accounts.by_listing.query(listing)))
        return [AccountKey.parse(row.pk) for row in rows]

    def listed_everywhere(self, what: str, month: str) -> Sequence[AccountKey]:
        """Return all tenants' accounts of a scope in a month; of tenants, those of its days."""
        index = self._accounts.by_system_list
        rows = persistently(lambda: list(index.query(listing(SYSTEM, what, month))))
        return [AccountKey.parse(row.pk) for row in rows]

    def listed_page(self, listing: str, limit: int, after: str | None) -> AccountPage:
        """At most so many accounts of a list, after one of them. One request for most."""
        begin = {"listing": {"S": listing}, "pk": {"S": after}} if after else None
        query = partial(
            self._accounts.by_listing.query, listing, limit=limit + 1, last_evaluated_key=begin
        )
        names = [row.pk for row in persistently(lambda: list(query()))]
        more = names[limit - 1] if len(names) > limit else None
        return AccountPage([AccountKey.parse(one) for one in names[:limit]], more)

    def ranked(
        self,
        ranking: str,
        limit: int,
        after: str | None = None,
        *,
        at_most: Decimal | None = None,
    ) -> Listed[AccountKey]:
        """At most so many accounts of a list, the largest spend first."""
        index = self._accounts.by_spend
        bound = None if at_most is None else type(index).spent <= at_most
        query = partial(index.query, ranking, bound)
        return _ranked(query, "spent", _start(ranking, "spent", NUMBER, after), limit)

    def latest(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """At most so many runs of a list, the latest first seen first."""
        query = partial(self._accounts.by_begin.query, ranking)
        return _ranked(query, "began_at", _start(ranking, "began_at", STRING, after), limit)

    def reservations_in(
        self, tenant_id: str, state: str, limit: int, after: str | None = None
    ) -> Listed[str]:
        """The ids of a tenant's reservations in a state, at most so many, the latest first."""
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


def _start(ranking: str, name: str, kind: str, after: str | None) -> _Key | None:
    """The key of an index after which it goes on."""
    if after is None:
        return None
    place, pk = parts(after)
    return {"ranking": {STRING: ranking}, "pk": {STRING: pk}, name: {kind: place}}


def _ranked(
    query: Callable[..., Iterable[AccountRow]], name: str, start: _Key | None, limit: int
) -> Listed[AccountKey]:
    """One page of accounts in falling order of an attribute; the index gives no number."""
    asked = partial(query, limit=limit + 1, last_evaluated_key=start, scan_index_forward=False)
    rows = persistently(lambda: list(asked()))
    found = [
        (key(_text(getattr(row, name)), row.pk), AccountKey.parse(row.pk)) for row in rows[:limit]
    ]
    return Listed(found, more=len(rows) > limit)


def _text(place: Decimal | str) -> str:
    return place if isinstance(place, str) else format(place, "f")


def _all(query: Callable[[], Iterable[DocumentRow]]) -> list[DocumentRow]:
    return list(query())
