"""Pages of stored lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from budget_monitor.domain.accounting.accounts import AccountKey

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
