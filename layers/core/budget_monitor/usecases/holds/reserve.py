"""Hold money for a run at all of its gates, or return which gate refuses."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import Account, AccountKey
from budget_monitor.domain.errors import (
    ConflictError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.holds.decisions import ALLOWED, Verdict
from budget_monitor.domain.holds.reservations import OPEN, Hold, Reservation
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.requests import refuse_other_content
from budget_monitor.domain.rules.budgets import ASK, BLOCK, PAUSE
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.domain.values import dataclass
from budget_monitor.ports import Document, Origin, Store
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.accounting.planner import Planner
from budget_monitor.usecases.accounting.postings import holding
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.advice import Advice
from budget_monitor.usecases.holds.decision import Decision, Reserve
from budget_monitor.usecases.holds.expire import Sweeping
from budget_monitor.usecases.holds.judge import Room, decided, passing_gates
from budget_monitor.usecases.holds.known_holds import HoldCache
from budget_monitor.usecases.holds.recent_refusals import Refusals, waits_for_holds
from budget_monitor.usecases.idempotency import keep, known

PauseWorkflow = Callable[[Plan, Verdict, Document | None], int | None]
"""Pauses the workflow that a budget refused, as `Pausing.pause_for`."""
AskPeople = Callable[[Plan, Decision, Mapping[AccountKey, Account], str | None], str | None]
"""Asks people for more limit after a refusal; returns the request's id, or None."""


@dataclass(frozen=True, slots=True)
class OnRefusal:
    """Side effects of a refusal, by the budget's action: a pause, or a request to people."""

    pause: PauseWorkflow
    ask_people: AskPeople
    refusals: Refusals


class Reserving:
    """The use case of `reserve`."""

    def __init__(
        self,
        store: Store,
        planner: Planner,
        hold_cache: HoldCache,
        sweeping: Sweeping,
        on_refusal: OnRefusal,
    ) -> None:
        self._store = store
        self._planner = planner
        self._hold_cache = hold_cache
        self._on_refusal = on_refusal
        self._refusals = on_refusal.refusals
        self._room = Room(sweeping, self._refusals)
        self._advice = Advice(store, planner)

    def reserve(self, command: Reserve) -> Decision:
        """Hold the amount at all gates in one write. If a gate refuses, nothing is held.

        A refusal by a budget with the action `pause` pauses the workflow; one with the action `ask`
        leaves a request for more limit, of which a run has one open for each budget. Raises
        IdempotencyMismatchError for a known id with other content, ConflictError for the id of
        a reservation that is no longer open, and UnknownPriceError.
        """
        try:
            return self._reserved(command)
        except (UnknownPriceError, ValidationError) as fault:
            return self._taken_before(command, fault)

    def _reserved(self, command: Reserve) -> Decision:
        ask, accounts = command.ask, dict[AccountKey, Account]()
        plan = self._planner.plan(ask.tenant_id, ask.labels, ask.estimate)
        plan = replace(plan, wrap_up=ask.wrap_up)
        swept, would, spared = False, list[str](), list[Standing]()
        refused = self._refused_again(command, plan)
        if refused:
            return refused
        reads_first = self._refusals.expects(plan)
        for _ in range(MAX_ROUNDS):
            reservation = _reservation(command, plan, would)
            above = plan.policy.is_above_ceiling(reservation.hold.amount)
            takes = not (reads_first or plan.stopped or above)
            if takes and self._take(plan, reservation, command.key, accounts):
                self._refusals.alert_of_shadows(plan, spared)
                return self._granted(plan, reservation, gates=command.include_gates)
            command = command.known_as(known(self._store, command.key))
            name = (plan.tenant_id, command.reservation_id)
            seen = self._store.snapshot(
                plan.refusal_accounts, reservation=name, document=plan.workflow_document
            )
            if seen.reservation:
                return self._replayed(command, seen.reservation)
            followed, accounts = self._planner.follow(plan, seen.accounts), dict(seen.accounts)
            if followed == plan:
                decision = decided(plan, accounts, reservation.hold.amounts)
                allowed = decision.verdict.allowed
                if not self._room.made(plan, decision, accounts, swept=swept) and not allowed:
                    decision = replace(decision, quote=reservation.hold.quote)
                    decision = self._asking(command, plan, decision, accounts)
                    refused = self._refused(plan, decision, seen.document)
                    if refused:
                        self._refusals.keep(plan, decision, accounts, self._store.writes)
                        return self._advice.given(plan, refused, accounts)
                reads_first = False
                swept, would = swept or not allowed, decision.would_block
                spared = [one for one in decision.standings or () if one.would_block]
                followed = replace(plan, passing_gates=passing_gates(decision))
            plan = followed
        raise too_many_rounds()

    def _refused_again(self, command: Reserve, plan: Plan) -> Decision | None:
        """Return the refusal by what was read within the last second; None: ask the store.

        `as_of` says when that was. A request that may be a repeat is looked up first.
        """
        found = (
            None if command.may_repeat else self._refusals.accounts_for(plan, self._store.writes)
        )
        if found is None:
            return None
        read_at, accounts = found
        plan = self._planner.follow(plan, accounts)
        _, bill = plan.priced
        decision = decided(plan, accounts, bill.amounts)
        if decision.verdict.action != BLOCK or (waits_for_holds(decision) and not plan.stopped):
            return None
        if any(one.budget.action == ASK for one in decision.standings or ()):
            return None  # the answer names the request, which may be decided by now
        decision = replace(decision, origin=Origin(read_at), quote=bill.kept_quote)
        return self._advice.given(plan, decision, accounts)

    def _take(
        self,
        plan: Plan,
        reservation: Reservation,
        key: IdempotencyKey | None,
        known: Mapping[AccountKey, Account],
    ) -> bool:
        """Write and cache the hold; False if a condition failed. `known`: accounts already read."""
        beginnings = self._planner.beginnings
        marked = beginnings.of_hold(plan, reservation.hold.amounts, known)
        done = self._store.commit(
            Transaction(postings=holding(reservation, marked), opens=reservation, idempotency=key)
        )
        if done:
            beginnings.written(marked)
            self._hold_cache.keep(reservation)
        return done

    def _refused(self, plan: Plan, decision: Decision, decided: Document | None) -> Decision | None:
        """Return the refusal, and pause the workflow if the budget requires it.

        Returns None if the workflow or a budget changed meanwhile.
        """
        if decision.verdict.action != PAUSE or plan.stopped:
            if decision.request_id is None:  # the request has an alert of its own
                self._refusals.alert(plan, decision)
            return decision
        pause = self._on_refusal.pause(plan, decision.verdict, decided)
        return None if pause is None else replace(decision, pause_id=pause)

    def _asking(
        self,
        command: Reserve,
        plan: Plan,
        refused: Decision,
        accounts: Mapping[AccountKey, Account],
    ) -> Decision:
        """Return the refusal with the request that it left, if its budget asks people."""
        if plan.stopped or all(one.budget.action != ASK for one in refused.standings or ()):
            return refused
        request_id = self._on_refusal.ask_people(plan, refused, accounts, command.principal)
        return replace(refused, request_id=request_id)

    def _granted(
        self, plan: Plan, reservation: Reservation, *, gates: bool, replayed: bool = False
    ) -> Decision:
        told = Origin(reservation.hold.created_at)  # a replay has the first answer's time
        standings = self._planner.standings(plan) if gates else None
        status = plan.status_in(standings)
        granted = Decision(ALLOWED, told, standings, status, reservation, replayed)
        return self._advice.given(plan, replace(granted, matched=plan.matched))

    def _taken_before(self, command: Reserve, fault: Exception) -> Decision:
        command = command.known_as(known(self._store, command.key))
        taken = self._store.reservation(command.ask.tenant_id, command.reservation_id)
        if taken is None:
            raise fault
        return self._replayed(command, taken)

    def _replayed(self, command: Reserve, reservation: Reservation) -> Decision:
        refuse_other_content(reservation.request, command.request, "reservation_id")
        state = reservation.state_at(self._planner.now())
        if state != OPEN:
            raise ConflictError(
                f"reservation {command.reservation_id} is {state} and holds no money; "
                "send a new attempt with a new id"
            )
        keep(self._store, command.key)
        hold = reservation.hold
        plan = self._planner.booked(hold.tenant_id, hold.labels, hold.booking)
        return self._granted(plan, reservation, gates=command.include_gates, replayed=True)


def _reservation(command: Reserve, plan: Plan, would: Collection[str]) -> Reservation:
    """Return the requested reservation. `would`: shadow budgets that would have refused it."""
    _, bill = plan.priced
    hold = Hold(
        reservation_id=command.reservation_id,
        tenant_id=plan.tenant_id,
        labels=plan.labels,
        amount=bill.amount,
        quote=bill.kept_quote,
        estimate=bill.estimate,
        booking=plan.booking,
        created_at=plan.at,
        accounts=plan.gated_accounts,
        on_expiry=command.on_expiry,
        principal=command.principal,
    )
    passed = (gate.budget for gate in plan.gates if gate.id in plan.passing_gates)
    would_block = tuple(sorted({one.budget_id for one in passed if one.budget_id in would}))
    return Reservation(hold, plan.at + command.life, command.request, would_block=would_block)
