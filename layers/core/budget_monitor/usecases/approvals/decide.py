"""Approve or deny a request. It gets one outcome, in one transaction with the raise."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.approvals.authority import APPROVE, DENY
from budget_monitor.domain.approvals.outcomes import APPROVED, DENIED, OPEN, Approval, Outcome
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.money import ZERO, render
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Store
from budget_monitor.usecases.alerts.request_notices import second_approver_needed
from budget_monitor.usecases.approvals.ask import Answered
from budget_monitor.usecases.approvals.decision import (
    AgainError,
    Decide,
    decided_in,
    is_repeat,
    raise_id,
    refuse_asker,
    refuse_used_link,
    state_words,
)
from budget_monitor.usecases.approvals.judge import authority_in, effective, refuse_stranger
from budget_monitor.usecases.approvals.own_limits import OwnLimits, denied, resumed
from budget_monitor.usecases.approvals.stored import StoredRequests, written
from budget_monitor.usecases.attempts import MAX_ROUNDS, too_many_rounds
from budget_monitor.usecases.authority import refuse_owner
from budget_monitor.usecases.idempotency import keep, known_decision
from budget_monitor.usecases.rules.budget_edits import period_now
from budget_monitor.usecases.rules.budgets import Budgeting
from budget_monitor.usecases.rules.raises import LimitRaise
from budget_monitor.usecases.rules.rulebook import Rulebook, RulesSnapshot
from budget_monitor.usecases.workflows.pause import Pausing


@dataclass(frozen=True, slots=True)
class Deciding:
    """The use cases `approve` and `deny`."""

    store: Store
    stored: StoredRequests
    rulebook: Rulebook
    budgeting: Budgeting
    pausing: Pausing
    four_eyes: bool

    def approve(self, command: Decide) -> Answered:
        """Raise the limit, by less than was asked if `amount` says so, and close the request.

        Above the authority's amount for four eyes, the first approval leaves the request open for
        a second approver, who completes it. A workflow that waits for this goes on: its state
        machines are called back after the write, as `resume` does. Raises NotFoundError,
        ConflictError for a request that was answered or expired or a link that was used,
        ForbiddenError and ValidationError.
        """
        found = self.stored.get(command.tenant_id, command.request_id)
        raising = self._own_limit if found.target.of_run else self._raise
        return self._answered(command, APPROVED, raising)

    def deny(self, command: Decide) -> Answered:
        """Close the request without a raise. Who waits for its answer fails with RequestDenied.

        Raises NotFoundError, ConflictError, and ForbiddenError if the authority names others.
        """
        return self._answered(command, DENIED, self._deny)

    def _answered(
        self, command: Decide, state: str, attempt: Callable[[Decide, RaiseRequest], bool]
    ) -> Answered:
        """Try until the decision is stored; a repeat of the decision that was stored replays."""
        for _ in range(MAX_ROUNDS):
            known = known_decision(self.store, command.key)
            found = self.stored.get(command.tenant_id, command.request_id)
            if known is not None or is_repeat(command, found, state):
                keep(self.store, command.key)
                self._call_back(found)
                return Answered(found, replayed=True)
            self._must_be_open(command, found, self.stored.now())
            if attempt(command, found):
                ended = self.stored.get(command.tenant_id, command.request_id)
                self._call_back(ended)
                return Answered(ended)
        raise too_many_rounds()

    def _call_back(self, found: RaiseRequest) -> None:
        flow, ended = found.labels.workflow_execution_id, found.outcome
        if flow and ended:
            self.pausing.call_back(found.tenant_id, flow)

    def _deny(self, command: Decide, found: RaiseRequest) -> bool:
        who, ruling = command.who, self.rulebook.ruling(command.tenant_id)
        if not command.unattended:
            refuse_stranger(authority_in(ruling), who)
        outcome = Outcome(DENIED, ruling.at, who.by, who.reason, who.principal)
        ended = found.ended(outcome)
        waking = denied(self.pausing, ended, who, ruling.at)
        changes = (written(ended, DENY),)
        whole = replace(waking, further_changes=changes, idempotency=command.key)
        return self.store.commit(decided_in(command, whole, ruling))

    def _raise(self, command: Decide, found: RaiseRequest) -> bool:
        """Raise the budget's limit for its present period."""
        ruling, target = self.rulebook.ruling(command.tenant_id), found.target
        amount = self._amount(command, found, ruling)
        if amount is None:
            return self._first(command, found, ruling)

        def beside(before: RulesSnapshot) -> Transaction:
            current = self.stored.get(command.tenant_id, command.request_id)
            self._must_be_open(command, current, before.at)
            if self._amount(command, current, before) != amount:
                raise AgainError
            budget = next(one for one in before.policy.budgets if one.budget_id == target.budget_id)
            if not target.is_still(budget, period_now(budget, before.policy.calendar, before.at)):
                raise ConflictError(
                    f"{target.budget_id} was changed since, or its period is over: deny the request"
                )
            ended = current.ended(_approved(command, current, amount, before.at))
            waking = resumed(self.pausing, ended, command.who, before.at)
            whole = replace(waking, further_changes=(written(ended, APPROVE),))
            whole = decided_in(command, whole, before)
            own = rules_key(command.tenant_id)  # the change of the rules has this condition itself
            versions = {name: one for name, one in whole.counts_on.items() if name != own}
            return replace(whole, counts_on=versions)

        lift = LimitRaise(raise_id(found.request_id), amount, None)
        try:
            self.budgeting.raise_limit(command.change, target.budget_id, lift, beside)
        except AgainError:
            return False
        return True

    def _own_limit(self, command: Decide, found: RaiseRequest) -> bool:
        """Raise the run's own limit."""
        ruling = self.rulebook.ruling(command.tenant_id)
        self._must_be_open(command, found, ruling.at)
        amount = self._amount(command, found, ruling)
        if amount is None:
            return self._first(command, found, ruling)
        outcome = _approved(command, found, amount, ruling.at)
        made = OwnLimits(self.store, self.pausing).raised(found, outcome, command.who, ruling)
        whole = decided_in(command, replace(made, idempotency=command.key), ruling)
        return self.store.commit(whole)

    def _first(self, command: Decide, found: RaiseRequest, ruling: RulesSnapshot) -> bool:
        """Store the approval of the first of two approvers, and ask for the second."""
        who = command.who
        refuse_owner(who, ruling.rules.owners, command.tenant_id)
        amount = command.asked_of(found)
        approval = Approval(ruling.at, who.by, who.reason, who.principal, amount, who.link)
        after = found.approved_by(approval)
        whole = Transaction(
            document_change=written(after, APPROVE, approval),
            idempotency=command.key,
            alerts=(second_approver_needed(after, ruling.policy.owner),),
        )
        return self.store.commit(decided_in(command, whole, ruling))

    def _amount(
        self, command: Decide, found: RaiseRequest, ruling: RulesSnapshot
    ) -> Decimal | None:
        """Return by how much to raise the limit now; None if a second approver is needed.

        Raises ForbiddenError and ValidationError.
        """
        amount, authority = command.asked_of(found), authority_in(ruling)
        if command.unattended:
            out = authority.time_out
            if out is None or out.decision != APPROVE:
                raise ConflictError("the authority does not approve by default any more")
            return min(found.amount, out.up_to or ZERO)
        if self.four_eyes:
            refuse_asker(command.who, found)
        if not 0 < amount <= found.amount:
            raise ValidationError(
                f"amount_usd must be above zero and at most what was asked, "
                f"{render(found.amount)} USD",
                "amount_usd",
            )
        return effective(authority, command.who, found, amount)

    def _must_be_open(self, command: Decide, found: RaiseRequest, now: datetime) -> None:
        """Raise ConflictError if the request was answered, or the signed link was used before."""
        if found.state_at(now) != OPEN:
            raise ConflictError(f"request {found.request_id} is {state_words(found, now)}")
        refuse_used_link(self.store, command)


def _approved(command: Decide, found: RaiseRequest, amount: Decimal, at: datetime) -> Outcome:
    who = command.who
    made = None if found.target.of_run else raise_id(found.request_id)
    return Outcome(APPROVED, at, who.by, who.reason, who.principal, amount, made)
