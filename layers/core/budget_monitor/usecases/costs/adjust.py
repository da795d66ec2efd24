"""Corrections: a new entry that points at the old one, with a reason."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import net_key
from budget_monitor.domain.costs.ledger import ADJUSTMENT, BACKFILL, LATE, Entry
from budget_monitor.domain.errors import (
    ConflictError,
    ForbiddenError,
    NotFoundError,
    ValidationError,
)
from budget_monitor.domain.money import render
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.domain.units import TOKEN_UNITS, USD
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import correcting
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.authority import Who, owners_of, refuse_owner
from budget_monitor.usecases.idempotency import keep, known


@dataclass(frozen=True, slots=True)
class Adjust:
    """Add `amount` USD (signed) to a cost, with who and why."""

    tenant_id: str
    entry_id: str
    adjustment_id: str
    amount: Decimal
    reason: str
    by: str
    request: Request
    price: Mapping[str, Any] | None = None
    """The new price, if the reason is a price change."""
    principal: str | None = None
    """The authenticated principal, if known."""
    key: IdempotencyKey | None = None
    """Idempotency key of the whole request."""
    true_cost: Entry | None = None
    """The cost as it turned out, where it replaces an estimate: its tokens are corrected, too."""

    def known_as(self, stored: Request | None) -> "Adjust":
        """Return the command with the id stored under its key; unchanged if the key is new."""
        if stored is None:
            return self
        return replace(self, adjustment_id=stored["adjustment_id"], key=None)

    @property
    def who(self) -> Who:
        """Return who corrects and why."""
        return Who(self.by, self.reason, self.principal)


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The adjustment in the ledger."""

    entry: Entry
    replayed: bool = False


class Adjusting:
    """The use case of `adjust`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock

    def adjust(self, command: Adjust) -> Adjusted:
        """Book the correction after checking that the caller may book it.

        A refund reads the current policy first: the tenant's owner may not refill a budget.
        Raises ForbiddenError if the tenant's owner would lower a cost, and the errors of `book`.
        """
        if command.amount < 0:
            self._planner.forget(command.tenant_id)
            owners = owners_of(self._planner.policy(command.tenant_id), command.tenant_id)
            try:
                refuse_owner(command.who, owners, command.tenant_id)
            except ForbiddenError:
                if self._store.entry(command.tenant_id, command.adjustment_id) is None:
                    raise  # a replay is allowed: it refills nothing
        return self.book(command)

    def book(self, command: Adjust) -> Adjusted:
        """Book the correction with one read and one write.

        If the cost's month is open, the correction moves the accounts that the cost moved. After
        the close it is booked late, in the current month, on the accounts that count past costs.

        Raises NotFoundError for an unknown entry and ConflictError for a quarantined one.
        Raises ValidationError if the entry is an adjustment, if its net would fall below zero, or
        if the amount is above the ceiling per entry. Raises IdempotencyMismatchError if the id is
        known with other content.
        """
        original = self._adjustable(command)
        self._refuse_above_ceiling(command)
        for _ in range(MAX_ROUNDS):
            plan = self._planner.correction(original)
            entry = _entry(command, original, plan)
            postings = correcting(entry, original, plan)
            transaction = Transaction(postings=postings, entries=(entry,))
            if self._store.commit(replace(transaction, idempotency=command.key)):
                return Adjusted(entry)
            command = command.known_as(known(self._store, command.key))
            net = net_key(command.tenant_id, command.entry_id)
            name = (command.tenant_id, command.adjustment_id)
            seen = self._store.snapshot([net], entry=name)
            if seen.entry:
                refuse_other_content(seen.entry.request, command.request, "adjustment_id")
                keep(self._store, command.key)
                return Adjusted(seen.entry, replayed=True)
            left = original.amount + seen.accounts[net].totals.spent
            if left + command.amount < 0:
                raise below_zero(left)
            self._planner.forget(command.tenant_id)
        raise too_many_rounds()

    def _adjustable(self, command: Adjust) -> Entry:
        """Return the cost to correct. Raises an error if it cannot be corrected."""
        original = self._store.entry(command.tenant_id, command.entry_id)
        if original is None:
            raise NotFoundError(f"no entry {command.entry_id}")
        if original.kind == ADJUSTMENT:
            raise ValidationError(
                f"entry_id {command.entry_id} is an adjustment: adjust {original.adjusts}, "
                "the cost that it points at",
                "entry_id",
            )
        refuse_quarantined(original)
        return original

    def _refuse_above_ceiling(self, command: Adjust) -> None:
        """Raise ValidationError if the amount is above the ceiling per entry.

        An amount in the wrong unit must not fill a month's budget. Replays are allowed.
        """
        policy = self._planner.policy(command.tenant_id)
        if not policy.is_above_ceiling(command.amount):
            return
        if self._store.entry(command.tenant_id, command.adjustment_id) is None:
            raise above_ceiling(command.amount, policy)


def _entry(command: Adjust, original: Entry, plan: Plan) -> Entry:
    moved, true = (
        original.moved if plan.booking == original.booking else plan.moved,
        command.true_cost,
    )
    units = {USD} if true is None else {USD, *TOKEN_UNITS}
    accounts = [account for account in moved if account.unit in units]
    return Entry(
        entry_id=command.adjustment_id,
        tenant_id=command.tenant_id,
        kind=ADJUSTMENT,
        labels=original.labels,
        amount=command.amount,
        booking=plan.booking,
        occurred_at=original.occurred_at,
        recorded_at=plan.at,
        request=command.request,
        price=true.price if true else command.price,
        **(_correction_of_counts(original, true) if true else {}),
        flags=_flags(plan),
        adjusts=original.entry_id,
        reason=command.reason,
        by=command.by,
        principal=command.principal,
        moved=(*accounts, net_key(command.tenant_id, original.entry_id)),
    )


def _flags(plan: Plan) -> tuple[str, ...]:
    known = {LATE: plan.booking.late, BACKFILL: plan.booking.backfill}
    return tuple(flag for flag, holds in known.items() if holds)


def _correction_of_counts(estimated: Entry, true: Entry) -> dict[str, Any]:
    """Return the true cost's fields other than its amount; tokens are differences."""
    more = {unit: getattr(true, unit) - getattr(estimated, unit) for unit in TOKEN_UNITS}
    return {**more, "usage": true.usage, "call": true.call}


def refuse_quarantined(entry: Entry) -> None:
    """Raise ConflictError if the cost is quarantined: it counts in no account."""
    if entry.quarantined and entry.review:
        raise ConflictError(f"entry {entry.entry_id} was rejected and counts in no account")
    if entry.quarantined:
        raise ConflictError(
            f"entry {entry.entry_id} is quarantined and counts in no account: confirm it or "
            "reject it first"
        )


def above_ceiling(amount: Decimal, policy: Policy) -> ValidationError:
    """Return the error for an adjustment above the ceiling per entry."""
    return ValidationError(
        f"amount_usd {render(amount)} is above the ceiling of "
        f"{render(policy.entry_ceiling or amount)} USD per entry: check its unit, or adjust in "
        "parts",
        "amount_usd",
    )


def below_zero(left: Decimal) -> ValidationError:
    """Return the error for an adjustment that exceeds what is left of its cost, in USD."""
    return ValidationError(
        f"amount_usd would take the entry below zero: {render(left)} USD are left of it",
        "amount_usd",
    )
