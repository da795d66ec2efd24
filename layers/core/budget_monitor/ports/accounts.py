"""The port to accounts: what they hold and spent, and the lists of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.ports.lists import AccountPage, Listed
from budget_monitor.ports.recency import Recent


class Accounts(Protocol):
    """Reads of accounts. Every method raises UnavailableError if they cannot be reached."""

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        """Return each account as it is now, strongly consistent; an unknown one is all zeros."""
        ...

    def recent(self, keys: Iterable[AccountKey]) -> Recent:
        """Return each account, at most 10 s old. For answers only, never for writes."""
        ...

    def max_rows(self, account: AccountKey) -> int:
        """Return the maximum of transaction items that a move of the account takes. No request."""
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

    def ranked(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """At most so many accounts of a list, the largest spend first. One request."""
        ...

    def latest(self, ranking: str, limit: int, after: str | None = None) -> Listed[AccountKey]:
        """At most so many runs of a list, the latest first seen first. One request."""
        ...
