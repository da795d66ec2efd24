"""The source of truth: all that is read from it together, and the transactions that write it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.holds.reservations import Reservation
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports.accounts import Accounts
from budget_monitor.ports.documents import Document, Documents
from budget_monitor.ports.ledger import Ledger
from budget_monitor.ports.reservations import Reservations


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
        ...


class Transactions(Protocol):
    """Writes. Every method raises UnavailableError if the store cannot be reached."""

    def commit(self, transaction: Transaction) -> bool:
        """Write everything and return True; if a condition fails, write nothing and return False.

        Conflicts with other writers are retried. They never make it return False.
        """
        ...

    def announce(self, account: AccountKey, policy_version: int) -> None:
        """Store the policy version on every row, so that writes with an earlier one are refused."""
        ...


class Store(Reads, Transactions, Protocol):
    """All reads and all writes."""

    @property
    def writes(self) -> int:
        """How many transactions this process has written."""
