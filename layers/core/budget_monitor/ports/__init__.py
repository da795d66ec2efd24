"""What the use cases need from the world outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import Reservation, Stopped
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports.recency import Origin, Recent, RecentPolicy


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Accounts, and where asked for a reservation, an entry, a document, all at one moment."""

    accounts: Mapping[AccountKey, Account]
    reservation: Reservation | None = None
    entry: Entry | None = None
    document: "Document | None" = None


@dataclass(frozen=True, slots=True)
class Page:
    """Ids in a list's order, of entries unless said, and where to go on, or None at the end."""

    entry_ids: Sequence[str]
    resume_at: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of positions in the ledger; None is open-ended."""

    start: str | None = None
    end: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """Something that people decide by; its version counts its changes."""

    version: int
    body: Request


@dataclass(frozen=True, slots=True)
class RecentDocuments:
    """Those of the documents that existed at most 10 s ago, as they were."""

    documents: Mapping[DocumentKey, Document]
    origin: Origin


class Store(Protocol):
    """The source of truth. Every method raises UnavailableError when it cannot be reached."""

    def commit(self, transaction: Transaction) -> bool:
        """Write all of it and answer True, or nothing and answer False: a condition failed.

        Conflicts with other writers are tried again; they are never an answer.
        """
        ...

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Have every row of the account refuse who decides by an earlier policy than this one."""
        ...

    def most_rows(self, account: AccountKey) -> int:
        """How many of a transaction's 100 items a move of the account may take. No request."""
        ...

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Each account as it is now, strongly consistent; one never moved is all zeros."""
        ...

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Each account as it was at most 10 s ago. For answers only: nothing is written by it."""
        ...

    def recent_documents(self, names: Iterable[DocumentKey]) -> RecentDocuments:
        """Those of the documents that exist, at most 10 s old. For answers only."""
        ...

    def snapshot(
        self,
        keys: Iterable[AccountKey],
        *,
        reservation: tuple[str, str] | None = None,
        entry: tuple[str, str] | None = None,
        document: DocumentKey | None = None,
    ) -> Snapshot:
        """All of these at one moment."""
        ...

    def reservation(self, tenant_id: str, reservation_id: str) -> Reservation | None:
        """The reservation as it is now, or None."""
        ...

    def reservations(self, names: Iterable[tuple[str, str]]) -> Sequence[Reservation]:
        """Those of the reservations that exist, each by its tenant's id and its own."""
        ...

    def overdue(
        self, now: datetime, most: int, tenant_id: str | None = None
    ) -> Sequence[tuple[str, str]]:
        """Open reservations whose time is up, of one tenant or of all, at most so many.

        One that was taken or ended a moment ago may be told wrongly.
        """
        ...

    def of_state_machine(self, execution_arn: str) -> Sequence[tuple[str, str]]:
        """The reservations of an execution of a state machine, whatever their state."""
        ...

    def stopped(self, before: datetime, most: int) -> Sequence[Stopped]:
        """The executions that stopped by then and whose holds are to be looked for once more.

        One that stopped a moment ago may be missing.
        """
        ...

    def shadowed(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """The ids of a UTC day's reservations that a shadow would have refused, oldest first."""
        ...

    def operation(
        self, tenant_id: str, idempotency_key: str, *, of_people: bool = False
    ) -> Request | None:
        """What was asked under this idempotency key, or None."""
        ...

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        """Those of the documents that exist, as they are now."""
        ...

    def changes(self, document: DocumentKey, versions: Iterable[int]) -> Sequence[Request]:
        """What made these versions of a document, in their order."""
        ...

    def due(self) -> Sequence[DocumentKey]:
        """Some documents about which something is left to be done."""
        ...

    def reminders(self, now: datetime) -> Sequence[Reminder]:
        """Reminders that are due and not done, of this hour and the two before."""
        ...

    def entry(self, tenant_id: str, entry_id: str) -> Entry | None:
        """The entry, or None."""
        ...

    def entries(self, tenant_id: str, entry_ids: Iterable[str]) -> Mapping[str, Entry]:
        """Those of the entries that exist."""
        ...

    def listed(self, listing: str) -> Sequence[AccountKey]:
        """The accounts of a list. One opened a moment ago may be missing."""
        ...

    def entries_of_run(self, run: AccountKey, limit: int, after: str | None) -> Page:
        """The entries of an execution, or of a workflow and its agents, oldest first."""
        ...

    def entries_of_day(self, tenant_id: str, day: str, span: Span, limit: int) -> Page:
        """The entries of a UTC day within the span, oldest first."""
        ...


class Clock(Protocol):
    """The server's time, which decides everything but `occurred_at`."""

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    def wait(self, duration: timedelta) -> None:
        """Let that much time pass."""
        ...


class Relay(Protocol):
    """More invocations of the function that this is."""

    def pass_on(self, event: Mapping[str, Any]) -> None:
        """Have it invoked with the event, apart from this one; where answers are lost, twice."""
        ...


class Ids(Protocol):
    """New names for operations that the caller did not name."""

    def new(self) -> str:
        """An id that nobody had before."""
        ...


class Policies(Protocol):
    """The budgets and settings in force."""

    @property
    def defaults(self) -> Policy:
        """What applies where nobody decided anything."""
        ...

    def for_tenant(self, tenant_id: str) -> Policy:
        """All that applies to this tenant, as far as is known here; never from a copy."""
        ...

    def recent(self, tenant_id: str) -> RecentPolicy:
        """The same for answers only: perhaps made of copies that are at most 10 s old."""
        ...

    def forget(self, tenant_id: str) -> None:
        """Read what applies to this tenant anew when it is asked for next."""
        ...


class TaskTokens(Protocol):
    """State machines that wait for a person."""

    def wake(self, task_token: str, output: str) -> bool:
        """Let the task go on with this output, once; False where it waits no longer.

        Raises UnavailableError.
        """
        ...
