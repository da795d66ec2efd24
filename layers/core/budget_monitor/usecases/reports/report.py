"""Results of the reports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Generic, TypeVar

from budget_monitor.domain.accounting.accounts import MODEL, Account, WorkflowTerms
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.ports import Origin

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sourced(Generic[T]):
    """A result and its origin: copies or the store, and as of when."""

    found: T
    origin: Origin


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A part of the accounts of a month, by name; None: costs without that label."""

    month: str
    items: Sequence[tuple[str | None, Account]]
    total: Decimal
    """The month's spend in USD. Items add up to it; tags to more: a cost can have several."""
    spellings: Mapping[str | None, Sequence[str]] | None = None
    """The spellings of each line's name; None if each name has one spelling."""
    resume_at: str | None = None

    @classmethod
    def of(
        cls,
        scope: str,
        month: str,
        page: "tuple[Sequence[tuple[str | None, Account]], str | None]",
        total: Decimal,
        spellings: Mapping[str | None, Sequence[str]],
    ) -> "Breakdown":
        """Return a page of a breakdown, for models with their spellings."""
        items, resume_at = page
        return cls(month, items, total, spellings if scope == MODEL else None, resume_at)


@dataclass(frozen=True, slots=True)
class SystemUsage:
    """The system's month with a page of its tenants, largest first."""

    standing: Standing
    tenants: Sequence[Account]
    resume_at: str | None


@dataclass(frozen=True, slots=True)
class Run:
    """An execution or a workflow: its account, its labels and a page of its entries."""

    standing: Standing
    labels: Labels
    entries: Sequence[Entry]
    resume_at: str | None
    terms: WorkflowTerms


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries in their order; `resume_at` is None on the last page."""

    entries: Sequence[Entry]
    resume_at: str | None
    recorded_until: datetime | None = None
    """By recording: the list has everything that was recorded before this instant."""
