"""The ports to the store: one for each kind of row, and all of them together.

A use case asks for the narrowest: `Accounts`, `Reservations`, `Ledger` or `Documents` if it reads
one kind of row, `Reads` if it reads several, `Transactions` if it only writes. Every method raises
UnavailableError if the store cannot be reached.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.accounting.growth import Growth
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import Reservation, Stopped
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.values import dataclass

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in the order of a list, of entries unless said; `resume_at` is None on the last page."""

    entry_ids: Sequence[str]
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Accounts in a list's order, and the account to continue after; None at the end."""

    accounts: Sequence[AccountKey]
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """A part of a list: each item with its position in the list's order."""

    items: Sequence[tuple[str, T]]
    more: bool
    """True if more items follow."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of positions in the ledger; None: no bound."""

    start: str | None = None
    end: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Origin of an answer's numbers: not older than `as_of`; `cached` if copies were used."""

    as_of: datetime
    cached: bool = False

    def joined(self, other: "Origin") -> "Origin":
        """Return the origin of data made from both: the older instant, cached if one is."""
        return Origin(min(self.as_of, other.as_of), self.cached or other.cached)


@dataclass(frozen=True, slots=True)
class Recent:
    """Accounts, at most 10 s old."""

    accounts: Mapping[AccountKey, Account]
    origin: Origin


class Accounts(Protocol):
    """Reads of accounts."""

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return each account as it is now, strongly consistent; an unknown one is all zeros."""

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Return each account, at most 10 s old. For answers only, never for writes."""

    def max_rows(self, account: AccountKey) -> int:
        """Return the maximum of transaction items that a move of the account takes. No request."""

    @property
    def tenants_differ(self) -> bool:
        """True if some tenants' accounts have more rows than others'. No request."""

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """Return the accounts of a list. One that was opened a moment ago may be missing."""

    def listed_everywhere(self, what: str, month: str) -> Sequence[AccountKey]:
        """Return all tenants' accounts of a scope in a month; of tenants, those of its days."""

    def listed_page(self, listing: str, limit: int, after: str | None) -> AccountPage:
        """Return at most `limit` accounts of a list, after one of them. One request."""

    def ranked(
        self,
        ranking: str,
        limit: int,
        after: str | None = None,
        *,
        at_most: Decimal | None = None,
    ) -> Listed[AccountKey]:
        """Return at most `limit` accounts of a list, the largest spend first. One request.

        `at_most`: only those that spent at most so much, in USD.
        """

    def latest(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """Return at most `limit` runs of a list, the most recently begun first. One request."""


class Reservations(Protocol):
    """Reads of reservations."""

    def reservation(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """Return the reservation as it is now, or None."""

    def reservations(self, names: Iterable[tuple[str, str]]) -> Sequence[Reservation]:
        """Return the reservations that exist. Each name is (tenant_id, reservation_id)."""

    def overdue(
        self, now: datetime, most: int, tenant_id: str | None = None
    ) -> Sequence[tuple[str, str]]:
        """Return up to `most` open reservations past their expiry, of one tenant or of all.

        The list may lag: a reservation that was made or ended a moment ago may be wrong in it.
        """

    def of_state_machine(self, execution_arn: str) -> Sequence[tuple[str, str]]:
        """Return the reservations of a state machine execution, in any state."""

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the ids of a UTC day's reservations that a shadow would refuse, oldest first."""

    def reservations_in(
        self, tenant_id: str, state: str, limit: int, after: str | None = None
    ) -> Listed[str]:
        """Return at most `limit` ids of a tenant's reservations in a state, the latest first."""


class Ledger(Protocol):
    """Reads of ledger entries. Lists may lag: an entry booked a moment ago may be missing."""

    def entry(self, tenant_id: str, entry_id: str) -> Entry | None:
        """Return the entry, or None."""

    def entries(self, tenant_id: str, entry_ids: Iterable[str]) -> Mapping[str, Entry]:
        """Return the entries that exist, by id."""

    def entries_of_run(self, run: AccountKey, limit: int, after: str | None) -> Page:
        """Return the entries of an execution, or of a workflow and its agents, oldest first."""

    def entries_of_day(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the entries of a UTC day within the span, oldest first."""

    def last_entries_of_day(self, tenant_id: str, day: str, limit: int) -> Sequence[str]:
        """Return the ids of the last entries of a UTC day, the latest first. One request."""

    def entries_of_month(self, tenant_id: str, month: str, span: Span, limit: int) -> Listed[str]:
        """Return ids of entries booked in a month, in the order in which they were booked.

        The positions of the span are `booking_position`s.
        """


@dataclass(frozen=True, slots=True)
class Document:
    """A stored document; its version counts its changes."""

    version: int
    body: Request


@dataclass(frozen=True, slots=True)
class RecentDocuments:
    """The documents that exist, at most 10 s old."""

    documents: Mapping[DocumentKey, Document]
    origin: Origin


class Documents(Protocol):
    """Reads of documents."""

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        """Return the documents that exist, as they are now."""

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Return the documents that exist, at most 10 s old. For answers only."""

    def changes(self, document: DocumentKey, versions: Iterable[int]) -> Sequence[Request]:
        """Return the changes that made these versions of a document, in the order given."""

    def document_page(self, listing: str, limit: int, before: str | None) -> Page:
        """Return the names of a list's documents, the last position first.

        The list may lag: a document that was changed a moment ago may be missing.
        """

    def due(self) -> Sequence[DocumentKey]:
        """Return some documents that have follow-up work."""

    def reminders(self, now: datetime) -> Sequence[Reminder]:
        """Reminders that are due and not done, of this hour and the two before."""

    def ending(self, now: datetime) -> Sequence[DocumentKey]:
        """Return documents that a schedule must close, of this hour and the two before."""

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """Return the executions that stopped before and whose second pass is pending.

        The list may lag: one that stopped a moment ago may be missing.
        """

    def operation(
        self, tenant_id: str, idempotency_key: str, *, of_people: bool = False
    ) -> Request | None:
        """Return the request stored under this idempotency key, or None."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Accounts and, if asked for, a reservation, an entry and a document, all at one instant."""

    accounts: Mapping[AccountKey, Account]
    reservation: Reservation | None = None
    entry: Entry | None = None
    document: Document | None = None


class Reads(Accounts, Reservations, Ledger, Documents, Protocol):
    """All reads. A use case that takes this port cannot write."""

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """Return all of these as of one instant."""


class Transactions(Protocol):
    """Writes."""

    def commit(self, transaction: Transaction) -> bool:
        """Write everything and return True; if a condition fails, write nothing and return False.

        Conflicts with other writers are retried. They never make it return False.
        """

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Store the policy version on every row, so that writes with an earlier one are refused."""

    def grow(self, tenant_id: str, growth: Growth) -> None:
        """Open the tenant's accounts with as many rows from now on. No request."""


class Store(Reads, Transactions, Protocol):
    """All reads and all writes."""

    @property
    def writes(self) -> int:
        """The number of transactions that this process has written."""
