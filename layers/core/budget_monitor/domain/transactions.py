"""Transactions: facts and postings written together or not at all. Only they move money."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    NO_MOVE,
    Account,
    AccountKey,
    Move,
    WorkflowTerms,
)
from budget_monitor.domain.alerts.alerts import Alert
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.documents import DocumentChange, DocumentKey, Reminder
from budget_monitor.domain.holds.reservations import (
    HoldDraw,
    HoldEnd,
    HoldTransition,
    Reservation,
    Stopped,
)
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.requests import Request
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Posting:
    """What one transaction does to one account, and the conditions on that account.

    If a condition fails, the whole transaction is refused.
    """

    move: Move = NO_MOVE
    limit: Decimal | None = None
    """Lowest limit of the enforced and shadow budgets on the account, in USD; None: no limit."""
    follows: bool = False
    """True if the caller does not know the limit. Stripes keep the limit that they have."""
    within: bool = False
    """Condition: `committed` stays within `limit`. If False, the move is booked regardless."""
    ceiling: Decimal | None = None
    """Condition on `committed`, in USD, used when the gates of a lower `limit` let it pass."""
    at_least: Decimal | None = None
    """Condition: `spent` is at least this before the move, in USD."""
    holds_below: int | None = None
    """Condition: fewer open reservations than this on the account."""
    as_found: Account | None = None
    """Condition: the counters on all rows of the account still add up to this account's."""
    correction: Decimal = ZERO
    """Added to the stored `committed` only, in USD; repairs a `committed` != spent + held."""
    lineage: str | None = None
    """Condition: the row has this lineage or none. The row then stores it."""
    name: str | None = None
    """What the run is called; the first name is kept."""
    asserts_name: bool = False
    """Refuse where the row keeps another first name, or has one and `name` is None."""
    began_at: datetime | None = None
    """Run accounts only: when the run was first seen; the row keeps the first value."""
    began_over: tuple[AccountKey, ...] | None = None
    """Run accounts only: `block_new` accounts at their limit; the row keeps the first value."""
    terms: WorkflowTerms | None = None
    """Condition: the row has these workflow terms."""
    new_terms: WorkflowTerms | None = None
    """Workflow terms that the row stores from now on."""
    policy_version: int | None = None
    """Condition: the row has no later policy version. The row then stores this one."""
    watched: bool = False
    """True if a budget has thresholds on this account: the stream then reports the row."""
    announces: bool = False
    """True if the transaction changes the policy: every row of the account stores the version."""

    @classmethod
    def announcing(cls, policy_version: int) -> "Posting":
        """Say on every row of the account that a policy of this version holds from now on."""
        return cls(policy_version=policy_version, announces=True)

    @property
    def change(self) -> Decimal:
        """Change of the account's stored `committed`, in USD."""
        return self.move.committed + self.correction


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's idempotency key with the request that it stands for.

    The keys of a tenant are one namespace for all operations.
    """

    tenant_id: str
    idempotency_key: str
    request: Request
    of_people: bool = False
    """True for ids of changes that people make, such as raises: stored in the budgets table."""
    made: Request = field(default_factory=dict)
    """Results of the request, such as its entry's id: stored with it, never compared."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """Facts and postings that are written together or not at all."""

    postings: Mapping[AccountKey, Posting] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    opens: Reservation | None = None
    changes: HoldTransition | None = None
    idempotency: IdempotencyKey | None = None
    decision_id: IdempotencyKey | None = None
    """Id of a change that a person makes (`raise_id`), in addition to `idempotency`."""
    stopped: Stopped | None = None
    document_change: DocumentChange | None = None
    further_changes: tuple[DocumentChange, ...] = ()
    """Changes of other documents."""
    reminders: tuple[Reminder, ...] = ()
    """Moments at which limits are looked at once more."""
    alerts: tuple[Alert, ...] = ()
    """Alerts to store; the transaction is refused if one of them is stored already."""
    reviews: Entry | None = None
    """A reviewed quarantined cost; refused unless the stored one still waits for its review."""
    counts_on: Mapping[DocumentKey, int] = field(default_factory=dict)
    """Documents and the versions that they must have; refused if one has another version."""

    @property
    def document_changes(self) -> tuple[DocumentChange, ...]:
        """All changes of documents."""
        first = (self.document_change,) if self.document_change else ()
        return (*first, *self.further_changes)

    @property
    def facts(self) -> int:
        """Number of TransactWriteItems items that it takes in addition to its postings."""
        single = (
            self.opens,
            self.idempotency,
            self.decision_id,
            self.stopped,
            self.changes,
            self.reviews,
        )
        singles = sum(one is not None for one in single)
        several = len(self.entries) + len(self.alerts) + len(self.counts_on)
        several += len(self.reminders)
        return singles + several + 2 * len(self.document_changes)

    @property
    def name(self) -> str:
        """Id of its reservation or first entry; selects the stripe that the operation uses."""
        if self.opens:
            return self.opens.hold.reservation_id
        if isinstance(self.changes, HoldEnd | HoldDraw):
            return self.changes.expected.hold.reservation_id
        entries = (self.reviews,) if self.reviews else self.entries
        return entries[0].entry_id if entries else ""
