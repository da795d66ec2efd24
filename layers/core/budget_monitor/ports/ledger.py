"""The port to the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.ports.lists import Listed, Page, Span


class Ledger(Protocol):
    """Reads of ledger entries. Lists may lag: an entry booked a moment ago may be missing."""

    def entry(self, tenant_id: str, entry_id: str) -> Entry | None:
        """Return the entry, or None."""
        ...

    def entries(self, tenant_id: str, entry_ids: Iterable[str]) -> Mapping[str, Entry]:
        """Return the entries that exist, by id."""
        ...

    def entries_of_run(self, run: AccountKey, limit: int, after: str | None) -> Page:
        """Return the entries of an execution, or of a workflow and its agents, oldest first."""
        ...

    def entries_of_day(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the entries of a UTC day within the span, oldest first."""
        ...

    def last_entries_of_day(self, tenant_id: str, day: str, limit: int) -> Sequence[str]:
        """Return the ids of the last entries of a UTC day, the latest first. One request."""
        ...

    def entries_of_month(self, tenant_id: str, month: str, span: Span, limit: int) -> Listed[str]:
        """Return ids of entries booked in a month, in the order in which they were booked.

        The positions of the span are `booking_position`s.
        """
        ...
