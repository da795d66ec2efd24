"""Approve or deny a request. It gets one outcome, in one transaction with the raise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from hashlib import sha256

from budget_monitor.domain.approvals.outcomes import APPROVED, DENIED, OPEN, Outcome
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.errors import ConflictError, ForbiddenError, ValidationError
from budget_monitor.domain.money import render
from budget_monitor.domain.names import one_spelling
from budget_monitor.domain.transactions import IdempotencyKey, Transaction
from budget_monitor.ports import Store
from budget_monitor.usecases.approvals.ask import Answered
from budget_monitor.usecases.approvals.own_limits import OwnLimits, resumed
from budget_monitor.usecases.approvals.stored import StoredRequests, written
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.idempotency import keep, known_decision
from budget_monitor.usecases.rules.budget_edits import period_now
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.raises import LimitRaise
from budget_monitor.usecases.rules.rulebook import ChangeRules, Rulebook, RulesSnapshot
from budget_monitor.usecases.workflows.pause import Pausing

APPROVE, DENY = "approve", "deny"


@dataclass(frozen=True, slots=True)
class Decide:
    """Command: approve or deny a request."""

    command: ChangeRules
    request_id: str
    amount: Decimal | None = None
    """By how much to raise the limit, in USD; None: by what was asked."""

    @property
    def tenant_id(self) -> str:
        """The tenant."""
        return self.command.tenant_id

    @property
    def who(self) -> Who:
        """Who decides, and why."""
        return self.command.who

    @property
    def key(self) -> IdempotencyKey | None:
        """Idempotency key of the decision."""
        return self.command.key


@dataclass(frozen=True, slots=True)
class Deciding:
    """The use cases `approve` and `deny`."""

    store: Store
    stored: StoredRequests
    rulebook: Rulebook
    budgeting: Budgeting
    pausing: Pausing
    four_eyes: bool

    def approve(self, order: Decide) -> Answered:
        """Raise the limit, by less than was asked if `amount` says so, and close the request.

        A workflow that waits for this goes on: its state machines are called back after the write,
        as `resume` does. Raises NotFoundError, ConflictError for a request that was answered or
        expired, ForbiddenError and ValidationError.
        """
        found = self.stored.get(order.tenant_id, order.request_id)
        raising = self._own_limit if found.target.of_run else self._raise
        return self._answered(order, APPROVED, raising)

    def deny(self, order: Decide) -> Answered:
        """Close the request without a raise. Raises NotFoundError and ConflictError."""
        return self._answered(order, DENIED, self._deny)

    def _answered(
        self, order: Decide, state: str, attempt: Callable[[Decide, RaiseRequest], bool]
    ) -> Answered:
        """Try until the request has an outcome; a repeat of the decision that closed it replays."""
        for _ in range(MAX_ROUNDS):
            known = known_decision(self.store, order.key)
            found = self.stored.get(order.tenant_id, order.request_id)
            if known is not None or _is_repeat(order, found, state):
                keep(self.store, order.key)
                self._call_back(found)
                return Answered(found, replayed=True)
            self._must_be_open(found, self.stored.now())
            if attempt(order, found):
                ended = self.stored.get(order.tenant_id, order.request_id)
                self._call_back(ended)
                return Answered(ended)
        raise too_many_rounds()

    def _call_back(self, found: RaiseRequest) -> None:
        flow, ended = found.labels.workflow_execution_id, found.outcome
        if flow and ended and ended.state == APPROVED:
            self.pausing.call_back(found.tenant_id, flow)

    def _deny(self, order: Decide, found: RaiseRequest) -> bool:
        who = order.who
        outcome = Outcome(DENIED, self.stored.now(), who.by, who.reason, who.principal)
        change = written(found.ended(outcome), DENY)
        return self.store.commit(Transaction(document_change=change, idempotency=order.key))

    def _raise(self, order: Decide, found: RaiseRequest) -> bool:
        """Raise the budget's limit for its present period."""
        outcome, target = self._outcome(order, found, self.stored.now()), found.target
        lift = LimitRaise(outcome.raise_id or "", outcome.amount or Decimal(0), None)

        def beside(before: RulesSnapshot) -> Transaction:
            current = self.stored.get(order.tenant_id, order.request_id)
            self._must_be_open(current, before.at)
            budget = next(one for one in before.policy.budgets if one.budget_id == target.budget_id)
            if not target.is_still(budget, period_now(budget, before.policy.calendar, before.at)):
                raise ConflictError(
                    f"{target.budget_id} was changed since, or its period is over: deny the request"
                )
            ended = current.ended(replace(outcome, at=before.at))
            waking = resumed(self.pausing, ended, order.who, before.at)
            return replace(waking, further_changes=(written(ended, APPROVE),))

        self.budgeting.raise_limit(order.command, target.budget_id, lift, beside)
        return True

    def _own_limit(self, order: Decide, found: RaiseRequest) -> bool:
        """Give the run a limit of its own, above the one that it has."""
        ruling = self.rulebook.ruling(order.tenant_id)
        self._must_be_open(found, ruling.at)
        outcome = self._outcome(order, found, ruling.at)
        made = OwnLimits(self.store, self.pausing).raised(found, outcome, order.who, ruling)
        return self.store.commit(replace(made, idempotency=order.key))

    def _outcome(self, order: Decide, found: RaiseRequest, at: datetime) -> Outcome:
        """Return the approval. Raises ForbiddenError and ValidationError."""
        who, amount = order.who, found.amount if order.amount is None else order.amount
        if self.four_eyes:
            _refuse_asker(who, found)
        if not 0 < amount <= found.amount:
            raise ValidationError(
                f"amount_usd must be above zero and at most what was asked, "
                f"{render(found.amount)} USD",
                "amount_usd",
            )
        raise_id = None if found.target.of_run else _raise_id(found.request_id)
        return Outcome(APPROVED, at, who.by, who.reason, who.principal, amount, raise_id)

    def _must_be_open(self, found: RaiseRequest, now: datetime) -> None:
        state = found.state_at(now)
        if state != OPEN:
            ended = found.outcome
            by = f" by {ended.by}" if ended and ended.by else ""
            raise ConflictError(f"request {found.request_id} is {state}{by}")


def _is_repeat(order: Decide, found: RaiseRequest, state: str) -> bool:
    """True if the request was closed by this very decision, whose answer may have been lost."""
    ended, who = found.outcome, order.who
    if ended is None or (ended.state, ended.by, ended.reason) != (state, who.by, who.reason):
        return False
    asked = found.amount if order.amount is None else order.amount
    return state == DENIED or ended.amount == asked


def _refuse_asker(who: Who, found: RaiseRequest) -> None:
    askers = {one_spelling(one).casefold() for one in found.asker.names}
    approvers = {one_spelling(one).casefold() for one in (who.by, who.principal) if one}
    if askers & approvers:
        raise ForbiddenError(f"{who.by} made this request: another person must approve it", "by")


def _raise_id(request_id: str) -> str:
    """The id of the raise that a request makes. It fits an id, however long the request's is."""
    return f"request:{sha256(request_id.encode()).hexdigest()[:40]}"
