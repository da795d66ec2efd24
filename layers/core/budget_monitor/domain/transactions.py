"""Transactions: what is written together or not at all; the only way that money moves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, WorkflowTerms
from budget_monitor.domain.alerts.alerts import Alert
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentChange, DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import HoldEnd, HoldTransition, Reservation, Stopped
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.requests import Request


@dataclass(frozen=True, slots=True)
class Posting:
    """What one transaction does to one account."""

    move: Move = field(default_factory=Move)
    limit: Decimal | None = None
    """The most that may be committed, in USD, by the budgets that judge; None: no limit."""
    follows: bool = False
    """Whether nobody knows the limit here: then the one that the account was levelled for stays."""
    within: bool = False
    """Refuse what would pass the limit; else it is booked all the same."""
    ceiling: Decimal | None = None
    """Refuse what would pass this limit, in USD, where the lower one lets the request pass."""
    at_least: Decimal | None = None
    """Refuse unless the account's spent is at least this before the move."""
    holds_below: int | None = None
    """Refuse unless fewer reservations than this are open on the account."""
    as_found: Account | None = None
    """Refuse unless the account's counters, on all of its rows, are just these."""
    correction: Decimal = ZERO
    """Added to the stored `committed` alone, where that is not spent + held."""
    lineage: str | None = None
    """Refuse unless the row keeps this lineage or none yet; then keep it."""
    name: str | None = None
    """What the run is called; the first name is kept."""
    began_over: tuple[AccountKey, ...] | None = None
    """On a run's: the accounts whose limit for new runs is reached; the first answer is kept."""
    terms: WorkflowTerms | None = None
    """Refuse unless the row has these terms."""
    new_terms: WorkflowTerms | None = None
    """The terms from now on."""
    policy_version: int | None = None
    """Refuse where a later policy was decided by; then keep this one."""
    watched: bool = False
    """Whether somebody is told when the account's spend passes a threshold."""
    announces: bool = False
    """Whether the policy changes with it: then every row of the account says so."""

    @classmethod
    def announcing(cls, policy_version: int) -> "Posting":
        """Say on every row of the account that a policy of this version holds from now on."""
        return cls(policy_version=policy_version, announces=True)

    @property
    def change(self) -> Decimal:
        """What the account's stored `committed` changes by."""
        return self.move.committed + self.correction


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """The name that a caller gave to a whole request by an idempotency key.

    The keys of a tenant are one namespace, whatever the operation.
    """

    tenant_id: str
    idempotency_key: str
    request: Request
    of_people: bool = False
    """Whether it is the id of a person's decision: then it is kept beside the decisions."""
    made: Request = field(default_factory=dict)
    """What it made, such as the id of its entry: stored beside the request, not compared."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """Facts and moves that are written together or not at all."""

    postings: Mapping[AccountKey, Posting] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    opens: Reservation | None = None
    changes: HoldTransition | None = None
    names: IdempotencyKey | None = None
    names_id: IdempotencyKey | None = None
    """The id of a person's decision, beside the key that it may have in `names`."""
    stopped: Stopped | None = None
    decided: DocumentChange | None = None
    reminders: tuple[Reminder, ...] = ()
    """Moments at which limits are looked at once more."""
    alerts: tuple[Alert, ...] = ()
    """Told once: refused where one of them was told before."""
    reviews: Entry | None = None
    """A quarantined cost as it is once it is decided on: refused unless it still waits for that."""
    counts_on: Mapping[DocumentKey, int] = field(default_factory=dict)
    """Documents that it was decided by: refused where one has another version than this."""

    @property
    def facts(self) -> int:
        """How many items of a TransactWriteItems it takes beside its postings."""
        single = (
            self.opens,
            self.names,
            self.names_id,
            self.stopped,
            self.changes,
            self.reviews,
        )
        singles = sum(one is not None for one in single)
        several = len(self.entries) + len(self.alerts) + len(self.counts_on)
        several += len(self.reminders)
        return singles + several + (2 if self.decided else 0)

    @property
    def name(self) -> str:
        """What tells this operation from others: its reservation's or its first entry's id."""
        if self.opens:
            return self.opens.hold.reservation_id
        if isinstance(self.changes, HoldEnd):
            return self.changes.believed.hold.reservation_id
        entries = (self.reviews,) if self.reviews else self.entries
        return entries[0].entry_id if entries else ""
