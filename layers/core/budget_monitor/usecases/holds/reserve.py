"""May this run spend x? Decides, and takes holds."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from budget_monitor.domain.accounting.accounts import SYSTEM, Account, AccountKey, Move
from budget_monitor.domain.errors import (
    ConflictError,
    UnavailableError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor.domain.holds.decisions import ALLOWED
from budget_monitor.domain.holds.reservations import OPEN, Hold, Reservation
from budget_monitor.domain.requests import refuse_other_content
from budget_monitor.domain.rules.budgets import PAUSE
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction
from budget_monitor.ports import Document, Store
from budget_monitor.ports.recency import Origin
from budget_monitor.usecases.accounting.plan import Plan
from budget_monitor.usecases.alerts.notices import AlertWriter, blocked
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.holds.decision import Ask, Decision, Reserve
from budget_monitor.usecases.holds.expire import Sweeping
from budget_monitor.usecases.holds.judge import Room, decided, passing_gates
from budget_monitor.usecases.holds.known_holds import HoldCache
from budget_monitor.usecases.idempotency import keep, known
from budget_monitor.usecases.prices.pricing import Pricing
from budget_monitor.usecases.reports.reader import copies_suffice
from budget_monitor.usecases.workflows.pause import Pausing


class Checking:
    """The use cases of the checking function."""

    def __init__(
        self,
        store: Store,
        pricing: Pricing,
        remembered: HoldCache,
        sweeping: Sweeping,
        pausing: Pausing,
    ) -> None:
        self._store = store
        self._notices = AlertWriter(store)
        self._planner = pricing.planner
        self._room = Room(sweeping)
        self._pausing = pausing
        self._remembered = remembered
        self._pricing = pricing

    def check(self, ask: Ask) -> Decision:
        """What `reserve` would answer now. One batch read; a refusal first frees expired holds.

        Far from every limit a copy may answer; else the store decides. Raises UnknownPriceError
        where the estimate is a usage that has no price, and TooManyHoldsError as `reserve` does.
        """
        plan, told = self._planner.recently(ask.tenant_id, ask.labels)
        seen = self._store.recent(plan.gated_accounts)
        origin = told.joined(seen.origin)
        copied = self._copied(ask, plan, seen.accounts) if origin.cached else None
        if copied:
            return replace(copied, origin=origin)
        if self._look_ahead(ask) or told.cached:
            plan = self._planner.plan(ask.tenant_id, ask.labels)
        return self._checked(ask, plan, {} if seen.origin.cached else seen.accounts)

    def _copied(
        self, ask: Ask, plan: Plan, accounts: Mapping[AccountKey, Account]
    ) -> Decision | None:
        """The answer by copies, where they allow it beyond doubt."""
        try:
            bill = self._pricing.bill(ask.estimate, plan, plan.at)
        except (UnknownPriceError, ValidationError, UnavailableError):
            return None
        above = plan.policy.is_above_ceiling(bill.amount)
        if above or not copies_suffice(plan, accounts, bill.amount):
            return None
        return replace(decided(plan, accounts, bill.amount), quote=bill.kept_quote)

    def _checked(self, ask: Ask, plan: Plan, accounts: Mapping[AccountKey, Account]) -> Decision:
        """The store's answer; `accounts` are those that it told already."""
        for _ in range(MAX_ROUNDS):
            if not accounts.keys() >= set(plan.gated_accounts):
                accounts = self._store.accounts(plan.gated_accounts)
            plan = self._planner.follow(plan, accounts)
            if accounts.keys() >= set(plan.gated_accounts):
                break
        bill = self._pricing.bill(ask.estimate, plan, plan.at)
        swept = False
        for _ in range(MAX_ROUNDS):
            decision = decided(plan, accounts, bill.amount)
            made = self._room.made(plan, decision, accounts, swept=swept)
            unexplained = decision.refused_by_month and plan.late not in accounts
            if not made and not unexplained:
                return replace(decision, quote=bill.kept_quote)
            swept = swept or not decision.verdict.allowed
            accounts = self._store.accounts(plan.refusal_accounts if swept else plan.gated_accounts)
        raise too_many_rounds()

    def _look_ahead(self, ask: Ask) -> bool:
        return self._pricing.look_ahead(ask.tenant_id, [(ask.estimate, ask.labels, None)])

    def _plan(self, ask: Ask) -> Plan:
        self._look_ahead(ask)
        return self._planner.plan(ask.tenant_id, ask.labels)

    def reserve(self, order: Reserve) -> Decision:
        """Hold the amount at every gate at once, or say which gate refuses and move nothing.

        A refusal by a budget that pauses leaves the workflow paused. Raises
        IdempotencyMismatchError for a known id with other content, ConflictError for the id of
        a reservation that is no longer open, and UnknownPriceError.
        """
        plan, accounts = self._plan(order.ask), dict[AccountKey, Account]()
        swept, would = False, list[str]()
        for _ in range(MAX_ROUNDS):
            try:
                reservation = self._reservation(order, plan, would)
            except (UnknownPriceError, ValidationError) as fault:
                return self._taken_before(order, fault)
            if plan.may_take(reservation) and self._take(plan, reservation, order.names, accounts):
                return self._granted(plan, reservation, gates=order.include_gates)
            order = order.known_as(known(self._store, order.names))
            name = (plan.tenant_id, order.reservation_id)
            seen = self._store.snapshot(plan.refusal_accounts, reservation=name, document=plan.run)
            if seen.reservation:
                return self._replayed(order, seen.reservation)
            followed, accounts = self._planner.follow(plan, seen.accounts), dict(seen.accounts)
            if followed == plan:
                decision = decided(plan, accounts, reservation.hold.amount)
                allowed = decision.verdict.allowed
                if not self._room.made(plan, decision, accounts, swept=swept) and not allowed:
                    decision = replace(decision, quote=reservation.hold.quote)
                    refused = self._refused(plan, decision, seen.document)
                    if refused:
                        return refused
                swept, would = swept or not allowed, decision.would_block
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
        """Whether the hold was taken, and is remembered; `known`: accounts read before."""
        beginnings = self._planner.beginnings
        marked = beginnings.of_hold(plan, reservation.hold.amount, known)
        done = self._store.commit(_taking(marked, reservation, names))
        if done:
            beginnings.written(marked)
            self._remembered.keep(reservation)
        return done

    def _refused(self, plan: Plan, decision: Decision, decided: Document | None) -> Decision | None:
        """The refusal, with the workflow paused where it says so; None where others decided."""
        if decision.verdict.action != PAUSE or plan.stopped:
            self._tell(plan, decision)
            return decision
        pause = self._pausing.pause_for(plan, decision.verdict, decided)
        return None if pause is None else replace(decision, pause_id=pause)

    def _tell(self, plan: Plan, decision: Decision) -> None:
        """Have people told of a budget's first refusal in a period."""
        verdict = decision.verdict
        named = (one for one in decision.standings or () if not one.allowed)
        standing = next((o for o in named if o.budget.budget_id == verdict.budget_id), None)
        if standing is None or plan.stopped:
            return
        owner_id = SYSTEM if standing.gate.account.tenant_id == SYSTEM else plan.tenant_id
        person = None if owner_id == SYSTEM else plan.policy.owner
        alert = blocked(owner_id, standing, verdict, person, plan.at)
        if alert:
            self._notices.store(alert)

    def _reservation(self, order: Reserve, plan: Plan, would: Collection[str]) -> Reservation:
        """What the order asks for; `would`: the shadow budgets that would have refused it."""
        bill = self._pricing.bill(order.ask.estimate, plan, plan.at)
        hold = Hold(
            reservation_id=order.reservation_id,
            tenant_id=plan.tenant_id,
            labels=plan.labels,
            amount=bill.amount,
            quote=bill.kept_quote,
            booking=plan.booking,
            created_at=plan.at,
            accounts=plan.gated_accounts,
        )
        passed = (gate.budget for gate in plan.gates if gate.id in plan.passing_gates)
        would_block = tuple(sorted(one.budget_id for one in passed if one.budget_id in would))
        life = plan.at + order.life
        return Reservation(hold, life, order.request, would_block=would_block)

    def _granted(
        self, plan: Plan, reservation: Reservation, *, gates: bool, replayed: bool = False
    ) -> Decision:
        told = Origin(reservation.hold.created_at)  # a replay says what was said first
        standings = self._planner.standings(plan) if gates else None
        return Decision(ALLOWED, told, standings, plan.status_in(standings), reservation, replayed)

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


def _taking(plan: Plan, reservation: Reservation, names: IdempotencyKey | None) -> Transaction:
    move, ceilings = Move(held=reservation.hold.amount, holds=1), plan.ceilings
    postings = {
        account: Posting(
            move,
            limit,
            within=account not in ceilings,
            ceiling=ceilings.get(account),
            holds_below=plan.policy.max_holds if account == plan.tenant_month else None,
            lineage=plan.lineage_of(account),
            name=plan.name_of(account),
            began_over=plan.beginnings.get(account),
            terms=plan.terms if account == plan.workflow else None,
            policy_version=plan.version_of(account),
        )
        for account, limit in plan.limits.items()
    }
    return Transaction(postings=postings, opens=reservation, idempotency=names)
