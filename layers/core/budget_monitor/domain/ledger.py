"""The ledger and the holds: immutable facts about money."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from budget_monitor.domain.accounts import AccountKey, Move, touched
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.labels import Labels
from budget_monitor.domain.money import ZERO, parse_amount, render
from budget_monitor.domain.periods import Booking, parse_instant, sortable
from budget_monitor.domain.requests import Request

COST, ADJUSTMENT = "cost", "adjustment"
LATE, UNRESERVED, LATE_SETTLEMENT = "late", "unreserved", "late_settlement"
OPEN, SETTLED, RELEASED, EXPIRED = "open", "settled", "released", "expired"

MAX_LIFE = timedelta(hours=48)
"""No hold is older than this, however often it is extended."""

MAX_HELD_ACCOUNTS = 32
"""An execution, its ancestors, a workflow, 20 custom budgets, the tenant and the system."""

SETTLEMENT_PREFIX = "settle:"
"""Begins the ids that settlements get by themselves; callers' ids may not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One immutable fact: a cost, or an adjustment that points at one. Amounts in USD."""

    entry_id: str
    tenant_id: str
    kind: str
    labels: Labels
    amount: Decimal
    booking: Booking
    occurred_at: datetime
    recorded_at: datetime
    request: Request
    tokens: int = 0
    usage: Mapping[str, int] | None = None
    reservation_id: str | None = None
    flags: tuple[str, ...] = ()
    adjusts: str | None = None
    reason: str | None = None
    by: str | None = None
    moved: tuple[AccountKey, ...] = ()
    """The accounts that it moved; a rebuild uses these, never today's policy."""

    @property
    def move(self) -> Move:
        """What it adds to each account in `moved`. An adjustment is no further entry."""
        usage = self.usage or {}
        return Move(
            spent=self.amount,
            workflow_spent=ZERO if self.labels.agent_execution_id else self.amount,
            entries=1 if self.kind == COST else 0,
            tokens=self.tokens,
            input_tokens=usage.get("input_tokens", 0),
            output_tokens=usage.get("output_tokens", 0),
        )


@dataclass(frozen=True, slots=True)
class Hold:
    """The facts of a reservation that never change: who holds how much, on which accounts."""

    reservation_id: str
    tenant_id: str
    labels: Labels
    amount: Decimal
    booking: Booking
    created_at: datetime
    accounts: tuple[AccountKey, ...]

    @property
    def facts(self) -> str:
        """These facts as one text, kept in the row."""
        facts = {
            "labels": self.labels.dump(),
            "amount": render(self.amount),
            "month": self.booking.month,
            "day": self.booking.day,
            "created_at": sortable(self.created_at),
            "accounts": [str(account) for account in self.accounts],
        }
        return json.dumps(facts, separators=(",", ":"))

    @classmethod
    def read(cls, tenant_id: str, reservation_id: str, text: str) -> "Hold":
        """The hold whose facts these are. Raises ValueError when they are no hold's."""
        try:
            facts = json.loads(text)
            hold = cls(
                reservation_id=reservation_id,
                tenant_id=tenant_id,
                labels=Labels.load(facts["labels"]),
                amount=parse_amount(facts["amount"], "amount"),
                booking=Booking(facts["month"], facts["day"]),
                created_at=parse_instant(facts["created_at"], "created_at"),
                accounts=tuple(AccountKey.parse(one) for one in facts["accounts"]),
            )
            plausible = hold.facts == text and len(hold.accounts) <= MAX_HELD_ACCOUNTS
        except (ValueError, TypeError, KeyError, AttributeError, ValidationError) as fault:
            raise ValueError("not the facts of a hold") from fault
        if not plausible:
            raise ValueError("not the facts of a hold")
        return hold

    def all_accounts(self) -> tuple[AccountKey, ...]:
        """Every account that its settlement moves, limited or not."""
        return touched(self.tenant_id, self.labels, self.booking)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A hold with its state: open, then settled, released or expired, exactly once."""

    hold: Hold
    expires_at: datetime
    request: Request = field(default_factory=dict)
    state: str = OPEN
    resolved_at: datetime | None = None
    entry_id: str | None = None
    """The entry that settled it, in time or late; there is at most one."""

    def state_at(self, now: datetime) -> str:
        """Its state; an open one whose time ran out counts as expired, swept or not."""
        return EXPIRED if self.state == OPEN and now >= self.expires_at else self.state

    @property
    def receipt(self) -> str:
        """The facts and the expiry as one text for the caller to bring back.

        A settlement that brings it saves a read; the write checks it against the row.
        """
        return f"{sortable(self.expires_at)} {self.hold.facts}"

    @classmethod
    def read(cls, tenant_id: str, reservation_id: str, receipt: str) -> "Reservation":
        """The open reservation as the receipt tells it. Raises ValueError when none can."""
        expires_at, _, facts = receipt.partition(" ")
        hold = Hold.read(tenant_id, reservation_id, facts)
        try:
            return cls(hold, parse_instant(expires_at, "receipt"))
        except ValidationError as fault:
            raise ValueError("not a receipt") from fault


@dataclass(frozen=True, slots=True)
class Posting:
    """What one transaction does to one account."""

    move: Move = Move()
    at_most: Decimal | None = None
    """Refuse unless the account's committed is at most this before the move."""
    at_least: Decimal | None = None
    """Refuse unless the account's spent is at least this before the move."""
    lineage: str | None = None
    """Refuse unless the row keeps this lineage or none yet; then keep it."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The end of an open reservation, refused unless its row is just as `believed`."""

    believed: Reservation
    to_state: str
    at: datetime
    entry_id: str | None = None

    @property
    def result(self) -> Reservation:
        """The reservation once this is written."""
        return replace(
            self.believed, state=self.to_state, resolved_at=self.at, entry_id=self.entry_id
        )


@dataclass(frozen=True, slots=True)
class LateSettlement:
    """The one settlement of a reservation that ended without one."""

    ended: Reservation
    entry_id: str

    @property
    def result(self) -> Reservation:
        """The reservation once this is written."""
        return replace(self.ended, entry_id=self.entry_id)


@dataclass(frozen=True, slots=True)
class Extension:
    """More time for an open hold whose time still runs, up to 48 h after it was taken."""

    tenant_id: str
    reservation_id: str
    at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NamedOperation:
    """The name that a caller gave by an idempotency key to an operation without an id."""

    tenant_id: str
    idempotency_key: str
    request: Request


HoldChange = Closing | LateSettlement | Extension


@dataclass(frozen=True, slots=True)
class Transaction:
    """Facts and moves that are written together or not at all."""

    postings: Mapping[AccountKey, Posting] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    opens: Reservation | None = None
    changes: HoldChange | None = None
    names: NamedOperation | None = None

    def __len__(self) -> int:
        singles = sum(one is not None for one in (self.opens, self.changes, self.names))
        return len(self.postings) + len(self.entries) + singles


def position(moment: datetime, entry_id: str) -> str:
    """Where an entry stands in a list: by time, then by id."""
    return f"{sortable(moment)}#{entry_id}"
