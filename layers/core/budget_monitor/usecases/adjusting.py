"""Corrections: a new entry that points at the old one, with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounts import BUDGET, ENTRY, AccountKey, touched
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.ledger import ADJUSTMENT, LATE, Entry
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.policy import Policy
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.planning import Planner
from budget_monitor.usecases.plans import ROUNDS, Plan, gave_up


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
    """What the cost is computed from now, where that is the reason."""


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

    def adjust(self, order: Adjust) -> Adjusted:
        """Book the correction on the cost's accounts, by the month rule. One read, one write.

        Raises NotFoundError for an unknown entry, ConflictError for a quarantined one,
        ValidationError when it is an adjustment itself, its net would fall below zero or it is
        above the ceiling per entry, IdempotencyMismatchError for a known id.
        """
        original = self._store.entry(order.tenant_id, order.entry_id)
        if original is None:
            raise NotFoundError(f"no entry {order.entry_id}")
        if original.kind == ADJUSTMENT:
            raise ValidationError(
                f"entry_id {order.entry_id} is an adjustment: adjust {original.adjusts}, "
                "the cost that it points at",
                "entry_id",
            )
        refuse_quarantined(original)
        self._refuse_above_ceiling(order)
        for _ in range(ROUNDS):
            entry = self._entry(order, original)
            if self._store.commit(_transaction(entry, original, self._booked(entry))):
                return Adjusted(entry)
            net = net_key(order.tenant_id, order.entry_id)
            name = (order.tenant_id, order.adjustment_id)
            seen = self._store.snapshot([net], entry=name)
            if seen.entry:
                refuse_other_content(seen.entry.request, order.request, "adjustment_id")
                return Adjusted(seen.entry, replayed=True)
            left = original.amount + seen.accounts[net].totals.spent
            if left + order.amount < 0:
                raise below_zero(left)
        raise gave_up()

    def _refuse_above_ceiling(self, order: Adjust) -> None:
        """A slip of units in a correction must not fill a month either."""
        policy = self._planner.policy(order.tenant_id)
        if not policy.is_above_ceiling(order.amount):
            return
        if self._store.entry(order.tenant_id, order.adjustment_id) is None:
            raise above_ceiling(order.amount, policy)

    def _booked(self, entry: Entry) -> Plan:
        return self._planner.booked(entry.tenant_id, entry.labels, entry.booking)

    def _entry(self, order: Adjust, original: Entry) -> Entry:
        plan = self._planner.place(order.tenant_id, original.labels, original.occurred_at)
        booked = plan.moved if plan.booking.late else original.moved
        budgets = [account for account in booked if account.scope == BUDGET]
        accounts = (*touched(order.tenant_id, plan.labels, plan.booking), *budgets)
        return Entry(
            entry_id=order.adjustment_id,
            tenant_id=order.tenant_id,
            kind=ADJUSTMENT,
            labels=original.labels,
            amount=order.amount,
            booking=plan.booking,
            occurred_at=original.occurred_at,
            recorded_at=plan.at,
            request=order.request,
            price=order.price,
            flags=(LATE,) if plan.booking.late else (),
            adjusts=original.entry_id,
            reason=order.reason,
            by=order.by,
            moved=(*accounts, net_key(order.tenant_id, original.entry_id)),
        )


def refuse_quarantined(entry: Entry) -> None:
    """Raises ConflictError for a cost that counts nowhere: there is nothing to correct."""
    if entry.quarantined and entry.review:
        raise ConflictError(f"entry {entry.entry_id} was rejected and counts in no account")
    if entry.quarantined:
        raise ConflictError(
            f"entry {entry.entry_id} is quarantined and counts in no account: confirm it or "
            "reject it first"
        )


def above_ceiling(amount: Decimal, policy: Policy) -> ValidationError:
    """The error for an adjustment by more than one entry may be."""
    return ValidationError(
        f"amount_usd {render(amount)} is above the ceiling of "
        f"{render(policy.entry_ceiling or amount)} USD per entry: check its unit, or adjust in "
        "parts",
        "amount_usd",
    )


def below_zero(left: Decimal) -> ValidationError:
    """The error for an adjustment by more than what is left of its cost, in USD."""
    return ValidationError(
        f"amount_usd would take the entry below zero: {render(left)} USD are left of it",
        "amount_usd",
    )


def net_key(tenant_id: str, entry_id: str) -> AccountKey:
    """The account of all adjustments to one entry: what its net is guarded by."""
    return AccountKey(tenant_id, ENTRY, entry_id, RUN)


def _transaction(entry: Entry, original: Entry, plan: Plan) -> Transaction:
    limits, watched = plan.limits, plan.watched
    postings = {
        account: Posting(entry.move, limits.get(account), watched=account in watched)
        for account in entry.moved
    }
    net = net_key(entry.tenant_id, original.entry_id)
    postings[net] = replace(postings[net], at_least=-original.amount - entry.amount)
    return Transaction(postings=postings, entries=(entry,))
