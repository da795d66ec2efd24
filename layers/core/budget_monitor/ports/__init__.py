"""Ports: the interfaces that use cases need from adapters."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import Reservation, Stopped
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports.ledger import AccountPage, Ledger, Listed, Page, Span
from budget_monitor.ports.recency import Origin, Recent, RecentPolicy

__all__ = ["AccountPage", "Ledger", "Listed", "Page", "Span"]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Accounts and, if asked for, a reservation, an entry and a document, all at one instant."""

    accounts: Mapping[AccountKey, Account]
    reservation: Reservation | None = None
    entry: Entry | None = None
    document: "Document | None" = None


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


class Store(Ledger, Protocol):
    """The source of truth. Every method raises UnavailableError if it cannot be reached."""

    @property
    def writes(self) -> int:
        """How many transactions this process has written."""

    def commit(self, transaction: Transaction) -> bool:
        """Write everything and return True; if a condition fails, write nothing and return False.

        Conflicts with other writers are retried. They never make it return False.
        """
        ...

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Store the policy version on every row, so that writes with an earlier one are refused."""
        ...

    def max_rows(self, account: AccountKey) -> int:
        """Return the maximum of transaction items that a move of the account takes. No request."""
        ...

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return each account as it is now, strongly consistent; an unknown one is all zeros."""
        ...

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Return each account, at most 10 s old. For answers only, never for writes."""
        ...

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Return the documents that exist, at most 10 s old. For answers only."""
        ...

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """Return all of these as of one instant."""
        ...

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

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """Return the executions that stopped before and whose second pass is pending.

        The list may lag: one that stopped a moment ago may be missing.
        """
        ...

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """Return the ids of a UTC day's reservations that a shadow would refuse, oldest first."""
        ...

    def operation(
        self, tenant_id: str, idempotency_key: str, *, of_people: bool = False
    ) -> Request | None:
        """Return the request stored under this idempotency key, or None."""
        ...

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        """Return the documents that exist, as they are now."""
        ...

    def changes(self, document: DocumentKey, versions: Iterable[int]) -> Sequence[Request]:
        """Return the changes that made these versions of a document, in the order given."""
        ...

    def due(self) -> Sequence[DocumentKey]:
        """Return some documents that have follow-up work."""
        ...

    def reminders(self, now: datetime) -> Sequence[Reminder]:
        """Reminders that are due and not done, of this hour and the two before."""
        ...

    def ending(self, now: datetime) -> Sequence[DocumentKey]:
        """Return documents that a schedule must close, of this hour and the two before."""
        ...

    def document_page(self, listing: str, limit: int, before: str | None) -> Page:
        """Return the names of a list's documents, the last position first.

        The list may lag: a document that was changed a moment ago may be missing.
        """
        ...

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """Return the accounts of a list. One that was opened a moment ago may be missing."""
        ...

    def listed_everywhere(self, what: str, month: str) -> Sequence[AccountKey]:
        """Return all tenants' accounts of a scope in a month; of tenants, those of its days."""
        ...

    def listed_page(self, listing: str, limit: int, after: str | None) -> AccountPage:
        """At most so many accounts of a list, after one of them. One request."""
        ...

    def ranked(
        self,
        ranking: str,
        limit: int,
        after: str | None = None,
        *,
        at_most: Decimal | None = None,
    ) -> Listed[AccountKey]:
        """At most so many accounts of a list, the largest spend first. One request.

        `at_most`: only those that spent at most so much, in USD.
        """
        ...

    def latest(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """At most so many runs of a list, the latest first seen first. One request."""
        ...

    def reservations_in(
        self, tenant_id: str, state: str, limit: int, after: str | None = None
    ) -> Listed[str]:
        """The ids of a tenant's reservations in a state, at most so many, the latest first."""
        ...


class Clock(Protocol):
    """The server's time, which decides everything but `occurred_at`."""

    def now(self) -> datetime:
        """Return the current instant, in UTC."""
        ...

    def wait(self, duration: timedelta) -> None:
        """Wait for this duration."""
        ...


class Relay(Protocol):
    """Further invocations of the current function."""

    def pass_on(self, event: Mapping[str, Any]) -> None:
        """Start another invocation with this event. It may start twice if an answer is lost."""
        ...


class Ids(Protocol):
    """New ids for operations without an id from the caller."""

    def new(self) -> str:
        """Return a new unique id."""
        ...


class Policies(Protocol):
    """The budgets and settings in force."""

    @property
    def defaults(self) -> Policy:
        """The built-in budgets and settings."""
        ...

    def for_tenant(self, tenant_id: str) -> Policy:
        """Return the tenant's policy, at most 30 s old; never from the cache."""
        ...

    def recent(self, tenant_id: str) -> RecentPolicy:
        """Return the tenant's policy for answers only; it may come from copies up to 10 s old."""
        ...

    def forget(self, tenant_id: str) -> None:
        """Read the tenant's policy from the store at the next use."""
        ...


class TaskTokens(Protocol):
    """State machines that wait with a task token."""

    def resume(self, task_token: str, output: str) -> bool:
        """Resume the task with this output; False if it no longer waits.

        Raises UnavailableError.
        """
        ...

    def fail(self, task_token: str, error: str, cause: str) -> bool:
        """Fail the task with this error and cause; False if it no longer waits.

        Raises UnavailableError.
        """
        ...
