"""The port to the ledger, and the pages of lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in the order of a list, of entries unless said; `resume_at` is None on the last page."""

    entry_ids: Sequence[str]
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts in a list's order, and the account after which it goes on, or None at the end."""

    accounts: Sequence[AccountKey]
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A part of a list: each item with its position in the list's order."""

    items: Sequence[tuple[str, T]]
    more: bool
    """True if others follow."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of positions in the ledger; None: no bound."""

    start: str | None = None
    end: str | None = None
    after: str | None = None


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
