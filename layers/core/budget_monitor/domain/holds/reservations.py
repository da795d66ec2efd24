"""Reservations (holds): money kept for one run. Each ends exactly once."""

import json
from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from budget_monitor.domain.accounting.accounts import BUDGET, SYSTEM, SYSTEM_SCOPE, AccountKey
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.holds.draws import UNDRAWN, Drawn
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import Booking, parse_day, parse_instant, parse_month, sortable
from budget_monitor.domain.requests import Request
from budget_monitor.domain.signers import signed
from budget_monitor.domain.units import Amounts
from budget_monitor.domain.values import dataclass

OPEN, SETTLED, RELEASED, EXPIRED = "open", "settled", "released", "expired"

RETURN, SETTLE_AT_ESTIMATE = "return", "settle_at_estimate"
"""What expiry does to a hold: its money is returned, or its estimate is booked."""
ON_EXPIRY = (RETURN, SETTLE_AT_ESTIMATE)

MAX_LIFE = timedelta(hours=48)
"""Maximum age of a hold, however often it is extended."""

MAX_HELD_ACCOUNTS = 82
"""An execution, its ancestors, a workflow, 35 of the tenant's budgets, 35 of the system's, both."""


@dataclass(frozen=True)
class Hold:
    """The immutable facts of a reservation: labels, amount in USD, accounts."""

    reservation_id: str
    tenant_id: str
    labels: Labels
    amount: Decimal
    booking: Booking
    created_at: datetime
    accounts: tuple[AccountKey, ...]
    quote: Mapping[str, Any] | None = None
    """The prices that the amount was computed from, if it was computed."""
    estimate: Amounts | None = None
    """The estimated tokens and calls, if there were any."""
    on_expiry: str = RETURN
    """What happens to it when it expires."""
    principal: str | None = None
    """The signer of the request that took it; None if it was not signed."""

    @property
    def position(self) -> str:
        """Sort key in lists: when it was made, then the id."""
        return f"{sortable(self.created_at)}#{self.reservation_id}"

    @property
    def settles_itself(self) -> bool:
        """True if expiry settles it at its estimate."""
        return self.on_expiry == SETTLE_AT_ESTIMATE

    @property
    def amounts(self) -> Amounts:
        """What it keeps, in each unit."""
        return self.estimate or Amounts.uncounted(self.amount)

    @cached_property
    def facts(self) -> str:
        """The facts as one JSON text, as stored in the row."""
        facts: dict[str, Any] = {
            "labels": self.labels.dump(),
            "amount": render(self.amount),
            "month": self.booking.month,
            "day": self.booking.day,
            "created_at": sortable(self.created_at),
            "accounts": [str(account) for account in self.accounts],
            **signed(self.principal),
        }
        if self.quote is not None:
            facts["quote"] = self.quote
        if self.estimate is not None:
            facts["estimate"] = self.estimate.dump()
        if self.on_expiry != RETURN:
            facts["on_expiry"] = self.on_expiry
        return json.dumps(facts, separators=(",", ":"))

    @classmethod
    def read(cls, tenant_id: str, reservation_id: str, text: str) -> "Hold":
        """Return the hold that `facts` wrote. Raises ValueError for any other text."""
        try:
            facts = json.loads(text)
            text.encode("utf-8")
            amount, estimate = parse_amount(facts["amount"], "amount"), facts.get("estimate")
            created_at = parse_instant(facts["created_at"], "created_at")
            hold = cls(
                reservation_id=reservation_id,
                tenant_id=tenant_id,
                labels=Labels.load(facts["labels"]),
                amount=amount,
                booking=Booking(
                    parse_month(facts["month"], "month"),
                    parse_day(facts["day"]),
                    moment=created_at,
                ),
                created_at=created_at,
                accounts=tuple(AccountKey.parse(one) for one in facts["accounts"]),
                quote=facts.get("quote"),
                estimate=None if estimate is None else Amounts.load(amount, estimate),
                on_expiry=facts.get("on_expiry", RETURN),
                principal=facts.get("principal"),
            )
        except (ValueError, TypeError, KeyError, AttributeError, ValidationError) as fault:
            raise ValueError("not the facts of a hold") from fault
        if hold.facts != text:
            raise ValueError("not the facts of a hold")
        return hold

    @property
    def is_own(self) -> bool:
        """True if all accounts are the tenant's or the system's, and not too many.

        A receipt from a caller is checked with this.
        """
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
    """Id of the entry that settled it, in time or late; there is at most one."""
    would_block: tuple[str, ...] = ()
    """Ids of the shadow budgets that would have refused it."""
    drawn: Drawn = UNDRAWN
    """What was drawn from it while it was open."""
    changed_by: str | None = field(default=None, compare=False)
    """The signer of its last extension, draw, settlement or release."""

    @property
    def left(self) -> Amounts:
        """What its draws left of it: held while it is open, returned when it ends."""
        return self.hold.amounts.less(self.drawn.amounts)

    def is_overdue(self, now: datetime) -> bool:
        """True if it is open past its expiry."""
        return self.state == OPEN and now >= self.expires_at

    def is_itself_due(self, now: datetime) -> bool:
        """True if it is overdue and must be settled at its estimate."""
        return self.hold.settles_itself and self.is_overdue(now)

    def state_at(self, now: datetime) -> str:
        """Return the state; an overdue one counts as expired, or as settled at its estimate."""
        if self.is_itself_due(now):
            return SETTLED
        return EXPIRED if self.is_overdue(now) else self.state

    @property
    def receipt(self) -> str:
        """Facts, expiry and draws as one text for the caller.

        A settle or draw request that sends it back saves a read. The write compares it with the
        row.
        """
        drawn = f"{self.drawn} " if self.drawn.draws else ""
        return f"{sortable(self.expires_at)} {drawn}{self.hold.facts}"

    @classmethod
    def read(cls, tenant_id: str, reservation_id: str, receipt: str) -> "Reservation":
        """Return the open reservation of a receipt. Raises ValueError for any other text."""
        expires_at, _, rest = receipt.partition(" ")
        said, _, facts = ("", "", rest) if rest.startswith("{") else rest.partition(" ")
        hold, drawn = Hold.read(tenant_id, reservation_id, facts), Drawn()
        if said:
            drawn = Drawn.read(said)
        try:
            return cls(hold, parse_instant(expires_at, "receipt"), drawn=drawn)
        except ValidationError as fault:
            raise ValueError("not a receipt") from fault


@dataclass(frozen=True, slots=True)
class HoldEnd:
    """The end of an open reservation; refused unless its row is equal to `expected`."""

    expected: Reservation
    to_state: str
    at: datetime
    entry_id: str | None = None
    principal: str | None = None
    """The signer of the request that ends it; None: it expired."""

    @property
    def returned(self) -> Amounts:
        """What it returns in each unit: all that is left."""
        return self.expected.left

    @property
    def result(self) -> Reservation:
        """The reservation once this is written."""
        return replace(
            self.expected,
            state=self.to_state,
            resolved_at=self.at,
            entry_id=self.entry_id,
            changed_by=self.principal or self.expected.changed_by,
        )


@dataclass(frozen=True, slots=True)
class HoldDraw:
    """A cost drawn from an open reservation; refused unless its row is equal to `expected`."""

    expected: Reservation
    cost: Amounts
    principal: str | None = None

    @property
    def returned(self) -> Amounts:
        """The decrease of the held amount: the cost, and at most what is left."""
        return self.expected.left.at_most(self.cost)

    @property
    def result(self) -> Reservation:
        """The reservation once this is written."""
        signer = self.principal or self.expected.changed_by
        return replace(self.expected, drawn=self.expected.drawn.plus(self.cost), changed_by=signer)


@dataclass(frozen=True, slots=True)
class LateSettlement:
    """The settlement of a reservation that was released or expired before."""

    ended: Reservation
    entry_id: str
    principal: str | None = None

    @property
    def result(self) -> Reservation:
        """The reservation once this is written."""
        signer = self.principal or self.ended.changed_by
        return replace(self.ended, entry_id=self.entry_id, changed_by=signer)


@dataclass(frozen=True, slots=True)
class Extension:
    """A later expiry for an open hold that has not expired, at most 48 h after its creation."""

    tenant_id: str
    reservation_id: str
    at: datetime
    expires_at: datetime
    principal: str | None = None


HoldTransition = HoldEnd | HoldDraw | LateSettlement | Extension


@dataclass(frozen=True, slots=True)
class Stopped:
    """A state machine execution that stopped; a second pass releases its remaining holds."""

    execution_arn: str
    stopped_at: datetime
    """When the stop was reported."""
    done: bool = False
    """True once the second pass is done."""
