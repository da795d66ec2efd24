"""The tables and what is read from them: single rows, and lists that come from indexes."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import islice, zip_longest

from pynamodb.expressions.condition import Condition

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.connection import Reading
from budget_monitor.adapters.dynamodb.rows.documents import (
    DUE,
    STOPPED,
    DocumentRow,
    change_pks,
    document_key,
    document_pk,
    reminder_list,
    reminder_of,
)
from budget_monitor.adapters.dynamodb.rows.ledger import ByDay, ByExecution, ByWorkflow
from budget_monitor.adapters.dynamodb.rows.reservations import (
    SHARDS,
    ReservationRow,
    open_list,
    reservation_name,
    shadow_list,
    shard_of,
)
from budget_monitor.adapters.system import SystemClock
from budget_monitor.domain.accounting.accounts import EXECUTION, AccountKey
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.errors import UnavailableError, ValidationError
from budget_monitor.domain.holds.reservations import Reservation, Stopped
from budget_monitor.domain.periods import sortable
from budget_monitor.domain.requests import Request
from budget_monitor.ports import Document, Page, RecentDocuments, Span
from budget_monitor.ports.recency import Origin

_DUE = 100
_HOURS = 3
_OVERDUE, _MOST_OVERDUE = 1000, 20_000
"""How many overdue reservations are read of one list by a request, and by all for an answer."""
_BEFORE_ALL, _AFTER_ALL = "0", ":"
"""Positions begin with a digit: these stand before and after all of them."""

_EntryIndex = ByDay | ByExecution | ByWorkflow

logger = logging.getLogger(__name__)


class Tables(Reading):
    """The part of the `Store` port that only reads rows. One DynamoDB request a method."""

    def reservation(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """The reservation as it is now, or None."""
        row = self._get(self._reservations, self._reservations.key_of(tenant_id, reservation_id))
        return to_reservation(row) if row else None

    def reservations(self, names: Iterable[tuple[str, str]]) -> Sequence[Reservation]:
        """Those of the reservations that exist and can be read. One request for up to 100."""
        keys = [self._reservations.key_of(*name) for name in names]
        found = []
        for row in self._read(self._reservations, keys):
            try:
                found.append(to_reservation(row))
            except UnavailableError:
                logger.exception("a damaged reservation is left out: %s", row.pk)
        return found

    def overdue(
        self, now: datetime, most: int, tenant_id: str | None = None
    ) -> Sequence[tuple[str, str]]:
        """Open reservations whose time is up, of one tenant or of all, one of each list in turn.

        A request for each list; more where others' stand before a tenant's in his.
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
        """The reservations of an execution of a state machine, whatever their state."""
        index = self._reservations.by_state_machine
        rows = persistently(lambda: list(index.query(execution_arn)))
        return [reservation_name(row.pk) for row in rows]

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """The executions that stopped by then and whose holds are to be looked for once more."""
        index = self._documents.rows.by_due
        listed = persistently(lambda: list(index.query(STOPPED, limit=most)))
        rows = self._read(self._documents.rows, [row.pk for row in listed])
        return [one for one in (row.to_stopped() for row in rows) if one.stopped_at <= before]

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """The reservations of a UTC day that a shadow would have refused, the oldest first."""
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
        """What was asked under this idempotency key, or None."""
        row = self._documents.operations if of_people else self._operations
        found = self._get(row, row.key_of(tenant_id, idempotency_key))
        return found.request if found else None

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        """Those of the documents that exist, as they are now. One request for up to 100."""
        rows = self._read(self._documents.rows, [document_pk(name) for name in names])
        return {document_key(row.pk): row.to_domain() for row in rows}

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Those of the documents that exist, as they are now: there is no copy of them here."""
        origin = Origin(SystemClock().now())
        return RecentDocuments(self.documents(names), origin)

    def changes(self, document: DocumentKey, versions: Iterable[int]) -> Sequence[Request]:
        """What made these versions of a document, in their order. One request for up to 100."""
        wanted = change_pks(document, versions)
        found = {row.pk: row.body for row in self._read(self._documents.changes, wanted)}
        return [found[pk] for pk in wanted if pk in found]

    def due(self) -> Sequence[DocumentKey]:
        """Documents about which something is left to be done, at most 100."""
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

    def entry(self, tenant_id: str, entry_id: str) -> Entry | None:
        """The entry, or None."""
        row = self._get(self._entries, self._entries.key_of(tenant_id, entry_id))
        return row.to_domain() if row else None

    def entries(self, tenant_id: str, entry_ids: Iterable[str]) -> Mapping[str, Entry]:
        """Those of the entries that exist. One request for up to 100."""
        keys = [self._entries.key_of(tenant_id, one) for one in entry_ids]
        return {row.entry_id: row.to_domain() for row in self._read(self._entries, keys)}

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """The accounts of a list. One opened a moment ago may be missing."""
        rows = persistently(lambda: list(self._accounts.by_listing.query(listing)))
        return [AccountKey.parse(row.pk) for row in rows]

    def entries_of_run(self, run: AccountKey, limit: int, after: str | None) -> Page:
        """The entries of an execution, or of a workflow and its agents, oldest first."""
        row = self._entries
        index = row.by_execution if run.scope == EXECUTION else row.by_workflow
        return _page(index, key(run.tenant_id, run.scope_id), Span(after=after), limit)

    def entries_of_day(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """The entries of a UTC day within the span, oldest first."""
        return _page(self._entries.by_day, key(tenant_id, day), span, limit)


def to_reservation(row: ReservationRow) -> Reservation:
    """The reservation that the row keeps. Raises UnavailableError where it is damaged."""
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
    """At most so many names of a list, all or one tenant's."""
    rows = query(*where, limit=_MOST_OVERDUE, page_size=_OVERDUE)
    names = (reservation_name(row.pk) for row in rows)
    return list(islice((name for name in names if tenant_id in {None, name[0]}), most))


def _all(query: Callable[[], Iterable[DocumentRow]]) -> list[DocumentRow]:
    return list(query())


def _page(index: _EntryIndex, list_key: str, span: Span, limit: int) -> Page:
    """One page of a list; it asks for one more than the page holds, to know of a next."""
    # "\0" makes the start exclusive: nothing sorts between a text and the same text with it.
    start = f"{span.after}\0" if span.after else span.start or _BEFORE_ALL
    within = type(index).position.between(start, span.end or _AFTER_ALL)
    query = partial(index.query, list_key, within, limit=limit + 1)
    rows = persistently(lambda: list(query()))
    ids = [parts(row.pk)[2] for row in rows[:limit]]
    return Page(ids, rows[limit - 1].position if len(rows) > limit else None)
