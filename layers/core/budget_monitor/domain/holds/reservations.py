"""Reservations: part of what is available, kept for one run until it ends exactly once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import BUDGET, SYSTEM, SYSTEM_SCOPE, AccountKey
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import Booking, parse_day, parse_instant, parse_month, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.units import Amounts

OPEN, SETTLED, RELEASED, EXPIRED = "open", "settled", "released", "expired"

MAX_LIFE = timedelta(hours=48)
"""No hold is older than this, however often it is extended."""

MAX_HELD_ACCOUNTS = 75
"""An execution, its ancestors, a workflow, the tenant's and the system's budgets, and both."""


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
    quote: Mapping[str, Any] | None = None
    """By which prices the amount was computed, where it was."""
    estimate: Amounts | None = None
    """The tokens and calls that were estimated beside the amount, where they were."""

    @property
    def amounts(self) -> Amounts:
        """What it keeps, in each unit."""
        return self.estimate or Amounts.uncounted(self.amount)

    @property
    def facts(self) -> str:
        """These facts as one text, kept in the row."""
        facts: dict[str, Any] = {
            "labels": self.labels.dump(),
            "amount": render(self.amount),
            "month": self.booking.month,
            "day": self.booking.day,
            "created_at": sortable(self.created_at),
            "accounts": [str(account) for account in self.accounts],
        }
        if self.quote is not None:
            facts["quote"] = self.quote
        if self.estimate is not None:
            facts["estimate"] = self.estimate.dump()
        return json.dumps(facts, separators=(",", ":"))

    @classmethod
    def read(cls, tenant_id: str, reservation_id: str, text: str) -> "Hold":
        """The hold whose facts these are. Raises ValueError when they are no hold's."""
        try:
            facts = json.loads(text)
            text.encode("utf-8")
            amount, estimate = parse_amount(facts["amount"], "amount"), facts.get("estimate")
            hold = cls(
                reservation_id=reservation_id,
                tenant_id=tenant_id,
                labels=Labels.load(facts["labels"]),
                amount=amount,
                booking=Booking(
                    parse_month(facts["month"], "month"),
                    parse_day(facts["day"]),
                    moment=parse_instant(facts["created_at"], "created_at"),
                ),
                created_at=parse_instant(facts["created_at"], "created_at"),
                accounts=tuple(AccountKey.parse(one) for one in facts["accounts"]),
                quote=facts.get("quote"),
                estimate=None if estimate is None else Amounts.load(amount, estimate),
            )
        except (ValueError, TypeError, KeyError, AttributeError, ValidationError) as fault:
            raise ValueError("not the facts of a hold") from fault
        if hold.facts != text:
            raise ValueError("not the facts of a hold")
        return hold

    @property
    def is_own(self) -> bool:
        """Whether it names nobody else's accounts and no more than a hold has."""
        return len(self.accounts) <= MAX_HELD_ACCOUNTS and all(
            account.tenant_id == self.tenant_id
            or account.scope == account.scope_id == SYSTEM_SCOPE
            or (account.tenant_id == SYSTEM and account.scope == BUDGET)
            for account in self.accounts
        )


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
    would_block: tuple[str, ...] = ()
    """The ids of the shadow budgets that would have refused it."""

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
class HoldEnd:
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


HoldTransition = HoldEnd | LateSettlement | Extension


@dataclass(frozen=True, slots=True)
class Stopped:
    """An execution of a state machine that stopped: its holds are looked for once more, later."""

    execution_arn: str
    stopped_at: datetime
    """When that was told."""
    done: bool = False
    """Whether that was done."""
