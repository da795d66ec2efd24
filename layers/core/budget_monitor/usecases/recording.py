"""Booking a cost that was never reserved: in full, whatever the limits say, exactly once."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounts import AccountKey
from budget_monitor.domain.decisions import Standing
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError
from budget_monitor.domain.labels import Labels
from budget_monitor.domain.ledger import COST, FALLBACK_PRICE, LATE, Entry
from budget_monitor.domain.policy import Policy
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.reservations import Reservation
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.planning import Planner
from budget_monitor.usecases.plans import ROUNDS, Plan, gave_up, not_ahead


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost, in USD (None: only its usage is known), and what it consumed."""

    amount: Decimal | None
    request: Request
    tokens: int = 0
    usage: Mapping[str, Any] | None = None
    occurred_at: datetime | None = None

    def refuse_malformed(self, policy: Policy) -> None:
        """Raises ValidationError for a usage that no fallback price can be put on."""
        with suppress(UnknownPriceError, UnavailableError):
            self.priced(None, policy)

    def priced(self, model: str | None, policy: Policy) -> Decimal:
        """The amount. Raises UnknownPriceError naming the model: unknown is never zero.

        Raises UnavailableError where nobody can read whether there is a price.
        """
        if self.amount is not None:
            return self.amount
        if policy.damaged:
            raise UnavailableError("the tenant's prices are damaged: send cost_usd, or try again")
        fallback = policy.fallback
        if fallback and self.usage and not self.usage.keys() & {"provider_response"}:
            return fallback.cost(self.usage)
        named = f"the model {model}" if model else "a cost without a model"
        raise UnknownPriceError(
            f"no price is known for {named}: send cost_usd with the usage, or set a fallback_price",
            "usage",
        )


@dataclass(frozen=True, slots=True)
class Record:
    """A cost that was never reserved, under the caller's own id."""

    tenant_id: str
    labels: Labels
    entry_id: str
    cost: Cost
    include_gates: bool = True


@dataclass(frozen=True, slots=True)
class Booked:
    """A cost in the ledger, with the gates that it counts at where they were asked for."""

    entry: Entry
    replayed: bool = False
    reservation: Reservation | None = None
    standings: tuple[Standing, ...] | None = None


class Booker:
    """Shows the gates at which a booked cost counts, where they are asked for."""

    def __init__(self, planner: Planner) -> None:
        self._planner = planner

    def known(self, booked: Booked, *, gates: bool) -> Booked:
        """A cost that was booked before, with its gates as of now."""
        entry = booked.entry
        plan = self._planner.booked(entry.tenant_id, entry.labels, entry.booking)
        return self.shown(booked, plan, gates=gates)

    def shown(self, booked: Booked, plan: Plan, *, gates: bool) -> Booked:
        """The booked cost with its gates, read once more, or without."""
        return replace(booked, standings=self._planner.standings(plan)) if gates else booked


class Recording:
    """The use case of `record_cost`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._booker = Booker(planner)

    def record_cost(self, order: Record) -> Booked:
        """Book a cost in full, whatever the limits say. One write, and a read for the gates.

        Raises IdempotencyMismatchError for a known id with other content.
        """
        not_ahead(order.cost.occurred_at, self._clock.now())
        if order.cost.amount is None:
            self._planner.will_price(order.tenant_id)
        plan = self._planner.plan(order.tenant_id, order.labels, order.cost.occurred_at)
        for _ in range(ROUNDS):
            entry = recorded(order, plan)
            if self._store.commit(Transaction(postings=posted(entry, plan), entries=(entry,))):
                return self._booker.shown(Booked(entry), plan, gates=order.include_gates)
            own = [plan.execution] if plan.execution else []
            seen = self._store.snapshot(own, entry=(plan.tenant_id, order.entry_id))
            if seen.entry:
                refuse_other_content(seen.entry.request, order.cost.request, "entry_id")
                return self._booker.known(
                    Booked(seen.entry, replayed=True), gates=order.include_gates
                )
            plan = self._planner.follow(self._planner.refresh(plan), seen.accounts)
        raise gave_up()


def recorded(order: Record, plan: Plan) -> Entry:
    """The entry of a cost that was never reserved."""
    return entry_of(order.entry_id, order.cost, plan, plan.at)


def posted(entry: Entry, plan: Plan) -> Mapping[AccountKey, Posting]:
    """The entry's move on each of its accounts, with the lineage that its execution asserts."""
    limits, watched = plan.limits, plan.watched
    return {
        account: Posting(
            entry.move,
            limits.get(account),
            lineage=plan.lineage_of(account),
            name=plan.name_of(account),
            policy_version=plan.version_of(account),
            watched=account in watched,
        )
        for account in entry.moved
    }


def entry_of(entry_id: str, cost: Cost, plan: Plan, now: datetime, *flags: str) -> Entry:
    """The entry of a cost at its place."""
    late = (LATE,) if plan.booking.late else ()
    guessed = (FALLBACK_PRICE,) if cost.amount is None else ()
    return Entry(
        entry_id=entry_id,
        tenant_id=plan.tenant_id,
        kind=COST,
        labels=plan.labels,
        amount=cost.priced(plan.labels.model, plan.policy),
        booking=plan.booking,
        occurred_at=cost.occurred_at or now,
        recorded_at=now,
        request=cost.request,
        tokens=cost.tokens,
        usage=cost.usage,
        flags=(*late, *flags, *guessed),
        moved=plan.moved,
    )
