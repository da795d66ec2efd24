"""Book a cost without a reservation: in full, even over a limit, exactly once."""

from collections.abc import Mapping
from dataclasses import field, replace

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import (
    BACKFILL,
    COST,
    FALLBACK_PRICE,
    LATE,
    PRICE_DIFFERS,
    QUARANTINED,
    RELABELLED,
    Entry,
)
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.errors import UnavailableError, UnknownPriceError, ValidationError
from budget_monitor.domain.holds.reservations import HoldTransition, Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.periods import not_ahead
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Clock, Snapshot, Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import booking
from budget_monitor.usecases.alerts.notices import AlertWriter, quarantined
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.idempotency import keep, known
from budget_monitor.usecases.prices.spent import Cost


@dataclass(frozen=True, slots=True)
class Record:
    """A cost without a reservation, under the caller's own id."""

    tenant_id: str
    labels: Labels
    entry_id: str
    cost: Cost
    include_gates: bool = True
    key: IdempotencyKey | None = None
    """Idempotency key of the whole request."""
    backfill: bool = False
    """Book it in its own month and day, although the month is over, and in no present budget."""
    counts_on: Mapping[DocumentKey, int] = field(default_factory=dict)
    """Documents that must still have these versions when it is written."""

    def known_as(self, stored: Request | None) -> "Record":
        """Return the command with the id stored under its key; unchanged if the key is new."""
        if stored is None:
            return self
        return replace(self, entry_id=stored["entry_id"], key=None)


@dataclass(frozen=True, slots=True)
class Booked:
    """A cost in the ledger, with its gates if they were requested."""

    entry: Entry
    replayed: bool = False
    reservation: Reservation | None = None
    standings: tuple[Standing, ...] | None = None


class Booker:
    """Adds the gates of a booked cost to the result, if requested."""

    def __init__(self, planner: Planner, notices: AlertWriter) -> None:
        self._planner = planner
        self._notices = notices

    def known(self, booked: Booked, *, gates: bool) -> Booked:
        """Return a cost that was booked before, with its current gates."""
        entry = booked.entry
        plan = self._planner.booked(entry.tenant_id, entry.labels, entry.booking)
        return self.shown(booked, plan, gates=gates)

    def shown(self, booked: Booked, plan: Plan, *, gates: bool) -> Booked:
        """Return the booked cost. `gates` reads its gates again and adds them.

        Stores alerts for a fallback price and for a relabelled run.
        """
        self._notices.store_for(booked.entry, plan.at)
        return replace(booked, standings=self._planner.standings(plan)) if gates else booked


class Recording:
    """The use case of `record_cost`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock, notices: AlertWriter) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock
        self._booker = Booker(planner, notices)

    def record_cost(self, command: Record) -> Booked:
        """Book a cost in full, even over a limit. One write, and one read for the gates.

        Raises IdempotencyMismatchError for a known id with other content, UnknownPriceError for a
        model without a price.
        """
        not_ahead(command.cost.occurred_at, self._clock.now())
        try:
            return self._booked(command)
        except (UnknownPriceError, ValidationError):
            command = command.known_as(known(self._store, command.key))
            booked = self._store.entry(command.tenant_id, command.entry_id)
            if booked is None:
                raise
            return self._replayed(command, booked)

    def _booked(self, command: Record) -> Booked:
        """Write the cost, or return the one that was written before."""
        cost = command.cost
        plan = self._planner.cost(command.tenant_id, command.labels, cost.spent, cost.occurred_at)
        for _ in range(MAX_ROUNDS):
            entry = entry_of(command.entry_id, cost, plan)
            marked = self._planner.beginnings.of_cost(plan)
            if self._store.commit(cost_transaction(entry, marked, key=command.key)):
                self._planner.beginnings.written(marked, entry)
                return self._booker.shown(Booked(entry), plan, gates=command.include_gates)
            command = command.known_as(known(self._store, command.key))
            plan, seen = self._looked(plan, command.entry_id)
            if seen.entry:
                return self._replayed(command, seen.entry)
            plan = self._planner.follow(self._planner.refresh(plan), seen.accounts)
        raise too_many_rounds()

    def _looked(self, plan: Plan, entry_id: str) -> tuple[Plan, Snapshot]:
        """Read why the write failed. If a run's row is damaged, skip its lineage condition."""
        name = (plan.tenant_id, entry_id)
        try:
            runs = dict.fromkeys((*plan.lineages, *plan.named_runs))
            return plan, self._store.snapshot(runs, entry=name)
        except UnavailableError as fault:
            if not fault.damaged:
                raise
        return replace(plan, skip_lineage_check=True), self._store.snapshot((), entry=name)

    def _replayed(self, command: Record, entry: Entry) -> Booked:
        refuse_other_content(entry.request, command.cost.request, "entry_id")
        keep(self._store, command.key)
        return self._booker.known(Booked(entry, replayed=True), gates=command.include_gates)


def cost_transaction(
    entry: Entry,
    plan: Plan,
    postings: Mapping[AccountKey, Posting] | None = None,
    changes: HoldTransition | None = None,
    key: IdempotencyKey | None = None,
) -> Transaction:
    """Return the transaction that books a cost and changes its hold.

    `postings` replaces the cost's own moves. A quarantined cost stores its alert in the same
    transaction, and is written only if the ceiling has not changed since it was compared.
    """
    moves = booking(entry, plan) if postings is None else postings
    if not entry.quarantined:
        return Transaction(postings=moves, entries=(entry,), changes=changes, idempotency=key)
    return Transaction(
        postings=moves,
        entries=(entry,),
        changes=changes,
        idempotency=key,
        alerts=(quarantined(entry, plan.policy.entry_ceiling, plan.policy.owner, plan.at),),
        counts_on={} if plan.policy.damaged or plan.policy.doubtful else plan.rules,
    )


def entry_of(entry_id: str, cost: Cost, plan: Plan) -> Entry:
    """Return the ledger entry of the planned cost."""
    spent, bill = plan.priced
    above = plan.policy.is_above_ceiling(bill.amount)
    known = {
        LATE: plan.booking.late,
        BACKFILL: plan.booking.backfill,
        FALLBACK_PRICE: bill.guessed,
        RELABELLED: plan.relabelled,
        QUARANTINED: above,
        PRICE_DIFFERS: bill.differs,
    }
    return Entry(
        entry_id=entry_id,
        tenant_id=plan.tenant_id,
        kind=COST,
        labels=plan.labels,
        amount=bill.amount,
        booking=plan.booking,
        occurred_at=plan.occurred_at,
        recorded_at=plan.at,
        request=cost.request,
        principal=cost.principal,
        tokens=bill.tokens,
        input_tokens=bill.input_tokens,
        output_tokens=bill.output_tokens,
        usage=spent.usage,
        price=bill.kept_quote,
        call=bill.call or None,
        flags=tuple(flag for flag, holds in known.items() if holds),
        reason=cost.request.get("reason"),
        by=cost.request.get("by"),
        moved=() if above else plan.moved,
    )
