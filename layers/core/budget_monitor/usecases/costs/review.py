"""Review quarantined costs: a confirmed cost counts, a rejected one never does."""

from dataclasses import dataclass, replace

from budget_monitor.domain.costs.ledger import CONFIRMED, LATE, QUARANTINED, Entry, Review
from budget_monitor.domain.errors import ConflictError, NotFoundError
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.requests import Request
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import booking
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.authority import Who, owners_of, refuse_owner
from budget_monitor.usecases.idempotency import known


@dataclass(frozen=True, slots=True)
class ReviewCost:
    """Confirm or reject a quarantined cost. `state` is its new state."""

    tenant_id: str
    entry_id: str
    state: str
    who: Who
    request: Request
    idempotency_key: str | None = None

    @property
    def key(self) -> IdempotencyKey | None:
        """Return the caller's idempotency key, or None."""
        if self.idempotency_key is None:
            return None
        return IdempotencyKey(self.tenant_id, self.idempotency_key, self.request)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The entry with its review."""

    entry: Entry
    replayed: bool = False


class Reviewing:
    """The use cases of `confirm_cost` and `reject_cost`."""

    def __init__(self, store: Store, planner: Planner, clock: Clock) -> None:
        self._store = store
        self._planner = planner
        self._clock = clock

    def decide(self, command: ReviewCost) -> Reviewed:
        """Confirm or reject a quarantined cost, once.

        It reads the cost and the policy, and writes once. A confirmed cost moves its
        accounts in the same transaction. Repeating the same decision is a replay.

        Raises NotFoundError for an unknown entry, ForbiddenError for the tenant's owner, and
        ConflictError if the cost is not quarantined or has the other decision.
        """
        for _ in range(MAX_ROUNDS):
            known(self._store, command.key)
            entry = self._store.entry(command.tenant_id, command.entry_id)
            if entry is None:
                raise NotFoundError(f"no entry {command.entry_id}")
            self._planner.forget(command.tenant_id)
            policy = self._planner.policy(command.tenant_id)
            refuse_owner(command.who, owners_of(policy, command.tenant_id), command.tenant_id)
            if _decided_before(entry, command.state):
                return self._again(entry, command)
            plan = self._plan(entry)
            decided, transaction = self._decision(entry, command, plan)
            if self._store.commit(transaction):
                if command.state == CONFIRMED:
                    self._planner.beginnings.written(plan)
                return Reviewed(decided)
        raise too_many_rounds()

    def _again(self, entry: Entry, command: ReviewCost) -> Reviewed:
        """Return the first answer as a replay. Store the idempotency key if there is one."""
        if command.key:
            self._store.commit(Transaction(idempotency=command.key))
            known(self._store, command.key)
        return Reviewed(entry, replayed=True)

    def _decision(self, entry: Entry, command: ReviewCost, plan: Plan) -> tuple[Entry, Transaction]:
        who = command.who
        review = Review(command.state, who.by, who.reason, self._clock.now(), who.principal)
        decided = replace(entry, review=review)
        if command.state == CONFIRMED:
            decided = _counting(decided, plan)
        return decided, Transaction(
            postings=booking(decided, plan) if command.state == CONFIRMED else {},
            idempotency=command.key,
            reviews=decided,
            counts_on=plan.rules,
        )

    def _plan(self, entry: Entry) -> Plan:
        """Return the plan of the confirmed cost: it is booked in its own month if that is open.

        No lineage condition: recording the cost, or its hold, has opened the run's row.
        """
        plan = self._planner.correction(entry)
        plan = replace(plan, skip_lineage_check=True)
        return self._planner.beginnings.of_cost(plan)


def _counting(entry: Entry, plan: Plan) -> Entry:
    """Return the entry as it is once it counts."""
    flags = tuple(flag for flag in entry.flags if flag != QUARANTINED)
    if plan.booking.late and LATE not in flags:
        flags = (LATE, *flags)
    return replace(entry, flags=flags, booking=plan.booking, moved=plan.moved)


def _decided_before(entry: Entry, state: str) -> bool:
    """Return True if the cost has this decision already.

    Raises ConflictError if it is not quarantined or has the other decision.
    """
    review = entry.review
    if review is None and not entry.quarantined:
        raise ConflictError(f"entry {entry.entry_id} is not quarantined")
    if review is None:
        return False
    if review.state != state:
        raise ConflictError(
            f"entry {entry.entry_id} was {review.state} by {review.by} at "
            f"{render_instant(review.at)}"
        )
    return True
