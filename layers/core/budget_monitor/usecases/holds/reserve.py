"""Hold money for a run at all of its gates, or return which gate refuses."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import SYSTEM, Account, AccountKey
from budget_monitor.domain.errors import (
    ConflictError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.holds.decisions import ALLOWED, judge, with_amounts
from budget_monitor.domain.holds.reservations import OPEN, Hold, Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.requests import refuse_other_content
from budget_monitor.domain.rules.budgets import PAUSE
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Document, Store
from budget_monitor.ports.recency import Origin
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import holding
from budget_monitor.usecases.alerts.budget_notices import would_block
from budget_monitor.usecases.alerts.notices import AlertWriter, blocked
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.advice import Advice
from budget_monitor.usecases.holds.decision import Decision, Reserve
from budget_monitor.usecases.holds.expire import Sweeping
from budget_monitor.usecases.holds.judge import Room, decided, passing_gates
from budget_monitor.usecases.holds.known_holds import HoldCache
from budget_monitor.usecases.idempotency import keep, known
from budget_monitor.usecases.workflows.pause import Pausing


class Reserving:
    """The use case of `reserve`."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        remembered: HoldCache,
        sweeping: Sweeping,
        pausing: Pausing,
    ) -> None:
        self._store = store
        self._planner = planner
        self._remembered = remembered
        self._notices = AlertWriter(store)
        self._room = Room(sweeping)
        self._pausing = pausing
        self._advice = Advice(store, planner)

    def reserve(self, order: Reserve) -> Decision:
        """Hold the amount at all gates in one write. If a gate refuses, nothing is held.

        A refusal by a budget with the action `pause` pauses the workflow. Raises
        IdempotencyMismatchError for a known id with other content, ConflictError for the id of
        a reservation that is no longer open, and UnknownPriceError.
        """
        try:
            return self._reserved(order)
        except (UnknownPriceError, ValidationError) as fault:
            return self._taken_before(order, fault)

    def _reserved(self, order: Reserve) -> Decision:
        ask, accounts = order.ask, dict[AccountKey, Account]()
        plan = self._planner.plan(ask.tenant_id, ask.labels, ask.estimate)
        plan = replace(plan, wrap_up=ask.wrap_up)
        swept, would, spared = False, list[str](), list[Standing]()
        for _ in range(MAX_ROUNDS):
            reservation = _reservation(order, plan, would)
            if plan.may_take(reservation) and self._take(plan, reservation, order.names, accounts):
                self._tell_of_shadows(plan, spared)
                return self._granted(plan, reservation, gates=order.include_gates)
            order = order.known_as(known(self._store, order.names))
            name = (plan.tenant_id, order.reservation_id)
            seen = self._store.snapshot(plan.refusal_accounts, reservation=name, document=plan.run)
            if seen.reservation:
                return self._replayed(order, seen.reservation)
            followed, accounts = self._planner.follow(plan, seen.accounts), dict(seen.accounts)
            if followed == plan:
                decision = decided(plan, accounts, reservation.hold.amounts)
                allowed = decision.verdict.allowed
                if not self._room.made(plan, decision, accounts, swept=swept) and not allowed:
                    decision = replace(decision, quote=reservation.hold.quote)
                    refused = self._refused(plan, decision, seen.document)
                    if refused:
                        return self._advice.given(plan, refused, accounts)
                swept, would = swept or not allowed, decision.would_block
                spared = [one for one in decision.standings or () if one.would_block]
                followed = replace(plan, passing_gates=passing_gates(decision))
            plan = followed
        raise too_many_rounds()

    def _take(
        self,
        plan: Plan,
        reservation: Reservation,
        names: IdempotencyKey | None,
        known: Mapping[AccountKey, Account],
    ) -> bool:
        """Write and cache the hold; False if a condition failed. `known`: accounts already read."""
        beginnings = self._planner.beginnings
        marked = beginnings.of_hold(plan, reservation.hold.amounts, known)
        done = self._store.commit(
            Transaction(postings=holding(reservation, marked), opens=reservation, idempotency=names)
        )
        if done:
            beginnings.written(marked)
            self._remembered.keep(reservation)
        return done

    def _refused(self, plan: Plan, decision: Decision, decided: Document | None) -> Decision | None:
        """Return the refusal, and pause the workflow if the budget requires it.

        Returns None if the workflow or a budget changed meanwhile.
        """
        if decision.verdict.action != PAUSE or plan.stopped:
            self._tell(plan, decision)
            return decision
        pause = self._pausing.pause_for(plan, decision.verdict, decided)
        return None if pause is None else replace(decision, pause_id=pause)

    def _tell(self, plan: Plan, decision: Decision) -> None:
        """Store an alert for a budget's first refusal in a period."""
        verdict = decision.verdict
        named = (one for one in decision.standings or () if not one.allowed)
        standing = next((o for o in named if o.budget.budget_id == verdict.budget_id), None)
        if standing is None or plan.stopped:
            return
        owner_id = SYSTEM if standing.gate.account.tenant_id == SYSTEM else plan.tenant_id
        person = None if owner_id == SYSTEM else plan.policy.owner
        if standing.gate.private:  # the alert goes to the platform, whose amounts they are
            verdict = judge(with_amounts(decision.standings or ()))
        alert = blocked(owner_id, standing, verdict, person, plan.at)
        if alert:
            self._notices.store(alert)

    def _tell_of_shadows(self, plan: Plan, spared: Collection[Standing]) -> None:
        """Have people told of the first request in a period that a shadow would have refused."""
        run = {name: value for name, value in plan.labels.public().items() if value}
        for one in with_amounts(tuple(spared)):
            self._notices.store(
                would_block(one, run, plan.booking.month, plan.policy.owner, plan.at)
            )

    def _granted(
        self, plan: Plan, reservation: Reservation, *, gates: bool, replayed: bool = False
    ) -> Decision:
        told = Origin(reservation.hold.created_at)  # a replay has the first answer's time
        standings = self._planner.standings(plan) if gates else None
        status = plan.status_in(standings)
        granted = Decision(ALLOWED, told, standings, status, reservation, replayed)
        return self._advice.given(plan, replace(granted, matched=plan.matched))

    def _taken_before(self, order: Reserve, fault: Exception) -> Decision:
        order = order.known_as(known(self._store, order.names))
        taken = self._store.reservation(order.ask.tenant_id, order.reservation_id)
        if taken is None:
            raise fault
        return self._replayed(order, taken)

    def _replayed(self, order: Reserve, reservation: Reservation) -> Decision:
        refuse_other_content(reservation.request, order.request, "reservation_id")
        state = reservation.state_at(self._planner.now())
        if state != OPEN:
            raise ConflictError(
                f"reservation {order.reservation_id} is {state} and holds no money; "
                "a new attempt needs an id of its own"
            )
        keep(self._store, order.names)
        hold = reservation.hold
        plan = self._planner.booked(hold.tenant_id, hold.labels, hold.booking)
        return self._granted(plan, reservation, gates=order.include_gates, replayed=True)


def _reservation(order: Reserve, plan: Plan, would: Collection[str]) -> Reservation:
    """Return the requested reservation. `would`: shadow budgets that would have refused it."""
    _, bill = plan.priced
    hold = Hold(
        reservation_id=order.reservation_id,
        tenant_id=plan.tenant_id,
        labels=plan.labels,
        amount=bill.amount,
        quote=bill.kept_quote,
        estimate=bill.estimate,
        booking=plan.booking,
        created_at=plan.at,
        accounts=plan.gated_accounts,
        on_expiry=order.on_expiry,
        principal=order.principal,
    )
    passed = (gate.budget for gate in plan.gates if gate.id in plan.passing_gates)
    would_block = tuple(sorted({one.budget_id for one in passed if one.budget_id in would}))
    return Reservation(hold, plan.at + order.life, order.request, would_block=would_block)
