"""Booking a cost that was never reserved: in full, whatever the limits say, exactly once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from budget_monitor.domain.accounts import AccountKey
from budget_monitor.domain.decisions import Standing
from budget_monitor.domain.errors import UnknownPriceError, ValidationError
from budget_monitor.domain.labels import Labels
from budget_monitor.domain.ledger import COST, FALLBACK_PRICE, LATE, Entry
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.reservations import Reservation
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.notices import Notices, guessed_price
from budget_monitor.usecases.planning import Planner
from budget_monitor.usecases.plans import ROUNDS, Plan, gave_up, not_ahead
from budget_monitor.usecases.pricing import Asked, Bill, Pricing, Spent


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost and consumed, and when."""

    spent: Spent
    request: Request
    occurred_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A cost that was never reserved, under the caller's own id."""

    tenant_id: str
    labels: Labels
    entry_id: str
    cost: Cost
    include_gates: bool = True

    @property
    def asked(self) -> Asked:
        """What there is to price."""
        return self.cost.spent, self.labels, self.cost.occurred_at


@dataclass(frozen=True, slots=True)
class Booked:
    """A cost in the ledger, with the gates that it counts at where they were asked for."""

    entry: Entry
    replayed: bool = False
    reservation: Reservation | None = None
    standings: tuple[Standing, ...] | None = None


class Booker:
    """Shows the gates at which a booked cost counts, where they are asked for."""

    def __init__(self, planner: Planner, notices: Notices) -> None:
        self._planner = planner
        self._notices = notices

    def known(self, booked: Booked, *, gates: bool) -> Booked:
        """A cost that was booked before, with its gates as of now."""
        entry = booked.entry
        plan = self._planner.booked(entry.tenant_id, entry.labels, entry.booking)
        return self.shown(booked, plan, gates=gates)

    def shown(self, booked: Booked, plan: Plan, *, gates: bool) -> Booked:
        """The booked cost with its gates, read once more, or without.

        Whoever watches the prices is told of one that was guessed.
        """
        if FALLBACK_PRICE in booked.entry.flags:
            self._notices.tell(guessed_price(booked.entry, plan.at))
        return replace(booked, standings=self._planner.standings(plan)) if gates else booked


class Recording:
    """The use case of `record_cost`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock, pricing: Pricing) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._pricing = pricing
        self._booker = Booker(planner, Notices(store))

    def record_cost(self, order: Record) -> Booked:
        """Book a cost in full, whatever the limits say. One write, and a read for the gates.

        Raises IdempotencyMismatchError for a known id with other content, and UnknownPriceError.
        """
        not_ahead(order.cost.occurred_at, self._clock.now())
        self._pricing.look_ahead(order.tenant_id, [order.asked])
        plan = self._planner.plan(order.tenant_id, order.labels, order.cost.occurred_at)
        for _ in range(ROUNDS):
            try:
                entry = recorded(order, plan, self._pricing)
            except (UnknownPriceError, ValidationError):
                known = self._store.entry(order.tenant_id, order.entry_id)
                if known is None:
                    raise
                return self._replayed(order, known)
            marked = self._planner.beginnings.of_cost(plan)
            if self._store.commit(Transaction(postings=posted(entry, marked), entries=(entry,))):
                self._planner.beginnings.written(marked)
                return self._booker.shown(Booked(entry), plan, gates=order.include_gates)
            seen = self._store.snapshot(plan.lineages, entry=(plan.tenant_id, order.entry_id))
            if seen.entry:
                return self._replayed(order, seen.entry)
            plan = self._planner.follow(self._planner.refresh(plan), seen.accounts)
        raise gave_up()

    def _replayed(self, order: Record, known: Entry) -> Booked:
        refuse_other_content(known.request, order.cost.request, "entry_id")
        return self._booker.known(Booked(known, replayed=True), gates=order.include_gates)


def recorded(order: Record, plan: Plan, pricing: Pricing) -> Entry:
    """The entry of a cost that was never reserved. Raises UnknownPriceError."""
    at = order.cost.occurred_at or plan.at
    bill = pricing.bill(order.cost.spent, plan, at)
    return entry_of(order.entry_id, order.cost, bill, plan, at)


def posted(entry: Entry, plan: Plan) -> Mapping[AccountKey, Posting]:
    """The entry's move on each of its accounts, with the lineage that its execution asserts."""
    limits, watched = plan.limits, plan.watched
    return {
        account: Posting(
            entry.move,
            limits.get(account),
            lineage=plan.lineage_of(account),
            name=plan.name_of(account),
            began_over=plan.beginnings.get(account),
            policy_version=plan.version_of(account),
            watched=account in watched,
        )
        for account in entry.moved
    }


def entry_of(entry_id: str, cost: Cost, bill: Bill, plan: Plan, at: datetime) -> Entry:
    """The entry of a cost at its place; `at` is when it happened."""
    late = (LATE,) if plan.booking.late else ()
    guessed = (FALLBACK_PRICE,) if bill.guessed else ()
    return Entry(
        entry_id=entry_id,
        tenant_id=plan.tenant_id,
        kind=COST,
        labels=plan.labels,
        amount=bill.amount,
        booking=plan.booking,
        occurred_at=at,
        recorded_at=plan.at,
        request=cost.request,
        tokens=bill.tokens,
        input_tokens=bill.input_tokens,
        output_tokens=bill.output_tokens,
        usage=cost.spent.usage,
        price=bill.kept_quote,
        flags=(*late, *guessed),
        moved=plan.moved,
    )
