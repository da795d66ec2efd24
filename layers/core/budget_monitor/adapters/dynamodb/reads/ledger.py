"""Read the ledger: single entries by key, and lists of them from indexes."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from budget_monitor.adapters.dynamodb.conflicts import persistently
from budget_monitor.adapters.dynamodb.connection import Reading
from budget_monitor.adapters.dynamodb.reads import AFTER_ALL, start_of
from budget_monitor.adapters.dynamodb.rows.ledger import ByDay, ByExecution, ByMonth, ByWorkflow
from budget_monitor.domain.accounting.accounts import EXECUTION, AccountKey
from budget_monitor.domain.accounting.labels import key, parts
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.ports import Listed, Page, Span

_EntryIndex = ByDay | ByExecution | ByWorkflow


class LedgerReads(Reading):
    """The `Ledger` port."""

    def entry(self, tenant_id: str, entry_id: str) -> Entry | None:
        """Return the entry, or None."""
        row = self._get(self._entries, self._entries.key_of(tenant_id, entry_id))
        return row.to_domain() if row else None

    def entries(self, tenant_id: str, entry_ids: Iterable[str]) -> Mapping[str, Entry]:
        """Return the entries that exist, by id. One request for up to 100."""
        keys = [self._entries.key_of(tenant_id, one) for one in entry_ids]
        return {row.entry_id: row.to_domain() for row in self._read(self._entries, keys)}

    def entries_of_run(self, run: AccountKey, limit: int, after: str | None) -> Page:
        """Return the entries of an execution, or of a workflow and its agents, oldest first."""
        row = self._entries
        index = row.by_execution if run.scope == EXECUTION else row.by_workflow
        return _page(index, key(run.tenant_id, run.scope_id), Span(after=after), limit)

    def entries_of_day(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the entries of a UTC day within the span, oldest first."""
        return _page(self._entries.by_day, key(tenant_id, day), span, limit)

    def last_entries_of_day(self, tenant_id: str, day: str, limit: int) -> Sequence[str]:
        """Return the ids of the last entries of a UTC day, the latest first."""
        query = partial(self._entries.by_day.query, key(tenant_id, day), limit=limit)
        rows = persistently(lambda: list(query(scan_index_forward=False)))
        return [parts(row.pk)[2] for row in rows]

    def entries_of_month(self, tenant_id: str, month: str, span: Span, limit: int) -> Listed[str]:
        """Return ids of entries booked in a month, in the order in which they were booked."""
        within = ByMonth.booking_position.between(start_of(span), span.end or AFTER_ALL)
        query = partial(self._entries.by_month.query, key(tenant_id, month), within)
        rows = persistently(lambda: list(query(limit=limit + 1)))
        found = [(row.booking_position or "", parts(row.pk)[2]) for row in rows[:limit]]
        return Listed(found, more=len(rows) > limit)


def _page(index: _EntryIndex, list_key: str, span: Span, limit: int) -> Page:
    """Return one page of a list; reads one more entry, to know whether there is a next page."""
    within = type(index).position.between(start_of(span), span.end or AFTER_ALL)
    query = partial(index.query, list_key, within, limit=limit + 1)
    rows = persistently(lambda: list(query()))
    ids = [parts(row.pk)[2] for row in rows[:limit]]
    return Page(ids, rows[limit - 1].position if len(rows) > limit else None)
