"""May this run spend x? Decides, and takes holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from budget_monitor.domain.accounts import Account, AccountKey, Move
from budget_monitor.domain.decisions import ALLOWED, Standing, Verdict, judge, stand
from budget_monitor.domain.errors import ConflictError, TooManyHoldsError
from budget_monitor.domain.labels import Labels
from budget_monitor.domain.requests import Request, refuse_other_content
from budget_monitor.domain.reservations import (
    OPEN,
    Hold,
    Reservation,
)
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.ports import Clock, Store
from budget_monitor.usecases.holds import Remembered
from budget_monitor.usecases.plans import ROUNDS, Plan, Planner, gave_up
from budget_monitor.usecases.sweeping import Sweeping


@dataclass(frozen=True, slots=True)
class Ask:
    """The question whether these labels may spend `amount` USD."""

    tenant_id: str
    labels: Labels
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Reserve:
    """Hold the asked amount for a while, under the caller's own id."""

    ask: Ask
    reservation_id: str
    life: timedelta
    request: Request
    include_gates: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer about money: an answer, not an error. `standings` is None where not asked for."""

    verdict: Verdict
    standings: tuple[Standing, ...] | None = None
    status: Standing | None = None
    reservation: Reservation | None = None
    replayed: bool = False


class Checking:
    """The use cases of the checking function."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        clock: Clock,
        remembered: Remembered,
        sweeping: Sweeping,
    ) -> None:
        self._store = store
        self._planner = planner
        self._sweeping = sweeping
        self._clock = clock
        self._remembered = remembered

    def check(self, ask: Ask) -> Decision:
        """What `reserve` would answer now. One batch read; a refusal first frees expired holds."""
        plan = self._planner.plan(ask.tenant_id, ask.labels)
        accounts = self._store.accounts(plan.gated_accounts)
        followed = plan.following(accounts)
        if followed != plan:
            plan, accounts = followed, self._store.accounts(followed.gated_accounts)
        decision = _decided(plan, stand(plan.gates, accounts, ask.amount))
        if self._freed(plan, decision):
            accounts = self._store.accounts(plan.gated_accounts)
            decision = _decided(plan, stand(plan.gates, accounts, ask.amount))
        return decision

    def reserve(self, order: Reserve) -> Decision:
        """Hold the amount at every gate at once, or say which gate refuses and move nothing.

        Raises IdempotencyMismatchError for a known id with other content, and ConflictError for
        the id of a reservation that is no longer open.
        """
        plan = self._planner.plan(order.ask.tenant_id, order.ask.labels)
        swept = False
        for _ in range(ROUNDS):
            reservation = self._reservation(order, plan)
            if self._store.commit(_taking(plan, reservation)):
                self._remembered.keep(reservation)
                return self._granted(plan, reservation, gates=order.include_gates)
            name = (plan.tenant_id, order.reservation_id)
            seen = self._store.snapshot(plan.gated_accounts, reservation=name)
            if seen.reservation:
                return self._replayed(order, seen.reservation)
            followed = plan.following(seen.accounts)
            if followed == plan:
                decision = _decided(plan, stand(plan.gates, seen.accounts, order.ask.amount))
                if not decision.verdict.allowed and (swept or not self._freed(plan, decision)):
                    return decision
                swept = swept or not decision.verdict.allowed
                self._bound_holds(plan, seen.accounts)
            plan = followed
        raise gave_up()

    def _freed(self, plan: Plan, decision: Decision) -> bool:
        """Whether expired holds stood in the way of a refused request and were given back."""
        standings = decision.standings or ()
        full = {one.gate.account for one in standings if not one.allowed and one.totals.held > 0}
        return bool(full) and self._sweeping.clear(plan.tenant_id, full) > 0

    def _bound_holds(self, plan: Plan, accounts: Mapping[AccountKey, Account]) -> None:
        month = accounts[plan.tenant_month]
        most = plan.policy.most_holds
        if month.totals.holds >= most and not self._sweeping.clear(plan.tenant_id, {month.key}):
            raise TooManyHoldsError(
                f"{plan.tenant_id} has {month.totals.holds} open reservations of at most {most}: "
                "settle or release some first"
            )

    def _reservation(self, order: Reserve, plan: Plan) -> Reservation:
        hold = Hold(
            reservation_id=order.reservation_id,
            tenant_id=plan.tenant_id,
            labels=plan.labels,
            amount=order.ask.amount,
            booking=plan.booking,
            created_at=plan.at,
            accounts=plan.gated_accounts,
        )
        return Reservation(hold, plan.at + order.life, order.request)

    def _granted(
        self, plan: Plan, reservation: Reservation, *, gates: bool, replayed: bool = False
    ) -> Decision:
        if not gates:
            return Decision(ALLOWED, reservation=reservation, replayed=replayed)
        standings = self._planner.standings(plan)
        return Decision(ALLOWED, standings, plan.status_in(standings), reservation, replayed)

    def _replayed(self, order: Reserve, reservation: Reservation) -> Decision:
        refuse_other_content(reservation.request, order.request, "reservation_id")
        state = reservation.state_at(self._clock.now())
        if state != OPEN:
            raise ConflictError(
                f"reservation {order.reservation_id} is {state} and holds no money; "
                "a new attempt needs an id of its own"
            )
        hold = reservation.hold
        plan = self._planner.booked(hold.tenant_id, hold.labels, hold.booking)
        return self._granted(plan, reservation, gates=order.include_gates, replayed=True)


def _decided(plan: Plan, standings: tuple[Standing, ...]) -> Decision:
    return Decision(judge(standings), standings, plan.status_in(standings))


def _taking(plan: Plan, reservation: Reservation) -> Transaction:
    move = Move(held=reservation.hold.amount, holds=1)
    postings = {
        account: Posting(
            move,
            limit,
            within=True,
            holds_below=plan.policy.most_holds if account == plan.tenant_month else None,
            lineage=plan.lineage_of(account),
        )
        for account, limit in plan.limits.items()
    }
    return Transaction(postings=postings, opens=reservation)
