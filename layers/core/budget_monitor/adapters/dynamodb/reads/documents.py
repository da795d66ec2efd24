"""Read documents, their changes, what is due on them, and idempotency keys."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.connection import Reading
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
from budget_monitor.adapters.system import SystemClock
from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import Stopped
from budget_monitor.domain.requests import Request
from budget_monitor.ports import Document, Origin, Page, RecentDocuments

_DUE = 100
_HOURS = 3
"""Number of hours whose reminders are read."""


class DocumentReads(Reading):
    """The `Documents` port."""

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

    def document_page(self, listing: str, limit: int, before: str | None) -> Page:
        """Return the names of a list's documents, the last position first."""
        index = self._documents.rows.by_list
        older = type(index).position < before if before else None
        query = partial(index.query, listing, older, scan_index_forward=False, limit=limit + 1)
        rows = persistently(lambda: list(query()))
        names = [document_key(row.pk).name for row in rows[:limit]]
        return Page(names, rows[limit - 1].position if len(rows) > limit else None)

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
        """Documents that must be closed by now, of this hour and the two before. Three requests."""
        index, found = self._documents.rows.by_due, list[DocumentKey]()
        for hours in range(_HOURS):
            query = partial(index.query, ending_list(now - timedelta(hours=hours)))
            found += (document_key(row.pk) for row in persistently(partial(_all, query)))
        return found

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """Return the executions that stopped before and whose second pass is pending."""
        index = self._documents.rows.by_due
        listed = persistently(lambda: list(index.query(STOPPED, limit=most)))
        rows = self._read(self._documents.rows, [row.pk for row in listed])
        return [one for one in (row.to_stopped() for row in rows) if one.stopped_at <= before]

    def operation(
        self, tenant_id: str, idempotency_key: str, *, of_people: bool = False
    ) -> Request | None:
        """Return the request stored under this idempotency key, or None."""
        row = self._documents.operations if of_people else self._operations
        found = self._get(row, row.key_of(tenant_id, idempotency_key))
        return found.request if found else None


def _all(query: Callable[[], Iterable[DocumentRow]]) -> list[DocumentRow]:
    return list(query())
