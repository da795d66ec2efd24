"""List, set, delete and raise budgets. Counters of accounts do not change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM_SCOPE, WORKFLOW
from budget_monitor.domain.accounting.labels import MAX_ANCESTORS, MAX_TAGS
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.periods import parse_instant
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.reach import MAX_REACH, reach
from budget_monitor.domain.rules.rulebook import MAX_BUDGETS, MAX_RAISES, Rules
from budget_monitor.domain.units import CALLS
from budget_monitor.usecases.authority import refuse_own_raise
from budget_monitor.usecases.rules.balances import Balances
from budget_monitor.usecases.rules.budget_draft import Draft, budget_of
from budget_monitor.usecases.rules.budget_edits import (
    keeping_grants,
    loaded_from_history,
    patched,
    period_now,
    shown_in_history,
    warnings,
    without_raise,
)
from budget_monitor.usecases.rules.grants import AddGrant, with_grant
from budget_monitor.usecases.rules.raises import LimitRaise, made_raise
from budget_monitor.usecases.rules.rulebook import (
    Beside,
    ChangeRules,
    Revise,
    Rulebook,
    RulesSnapshot,
)

_EDITS = {"set_budget", "update_budget"}


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget as it applies now to a tenant or to the system."""

    tenant_id: str
    budget: Budget
    at: datetime
    version: int
    calendar: Calendar
    replayed: bool = False
    name: str | None = None
    """Id of the change that is shown (`raise_id`), if it has one."""
    warnings: tuple[str, ...] = ()
    """What the edit ended that its request did not name."""
    before: Budget | None = None
    """What applied before an edit."""
    after: Budget | None = None
    """What applies after an edit; None: nothing of that id, or there was no edit."""
    owner: str | None = None
    """Whom to ask about the tenant's money."""
    principal: str | None = None
    """The signer of the edit that is shown."""
    private: bool = False
    """True if its amounts are the platform's own and its owner does not see them."""


class Budgeting:
    """The use cases of budgets."""

    def __init__(self, rulebook: Rulebook, balances: Balances) -> None:
        self._rulebook = rulebook
        self._balances = balances

    def list_budgets(self, tenant_id: str) -> Sequence[BudgetView]:
        """Return every budget that applies, the built-in ones first."""
        ruling = self._rulebook.ruling(tenant_id)
        return [_shown(ruling, self._balanced(ruling, one)) for one in ruling.policy.budgets]

    def _balanced(self, ruling: RulesSnapshot, budget: Budget) -> Budget:
        """The budget with what its expired grants and ended months leave in its limit."""
        if not budget.keeps_balance:
            return budget
        calendar = ruling.policy.calendar
        return self._balances.budget(budget, ruling.rules.tenant_id, calendar, ruling.at)

    def get_budget(self, tenant_id: str, budget_id: str) -> BudgetView:
        """Return one budget that applies. Raises NotFoundError."""
        ruling = self._rulebook.ruling(tenant_id)
        return _shown(ruling, self._balanced(ruling, _get(ruling, budget_id)))

    def set_budget(self, command: ChangeRules, draft: Draft) -> BudgetView:
        """Replace the budget of this id. Its raises end.

        Raises ValidationError, ConflictError and ForbiddenError.
        """

        def revise(before: RulesSnapshot) -> Rules:
            inherited = self._inherited(before, draft.budget_id)
            found = _find(before, draft.budget_id)
            found = self._balanced(before, found) if found else None
            budget = keeping_grants(found, budget_of(draft, before, inherited))
            for replaced in _replaced(before, budget):
                _refuse_own_raise(command, before, replaced, budget)
            rules = before.rules.with_budget(budget)
            _bound(rules, budget)
            return rules

        return self._change(command, draft.budget_id, revise)

    def update_budget(
        self, command: ChangeRules, budget_id: str, given: Mapping[str, Any]
    ) -> BudgetView:
        """Change the given fields of a draft and keep the others, and the live raises.

        A budget that is inherited becomes the owner's own. Raises NotFoundError, ValidationError.
        """

        def revise(before: RulesSnapshot) -> Rules:
            found, inherited = _get(before, budget_id), self._inherited(before, budget_id)
            found = self._balanced(before, found)
            budget = keeping_grants(found, patched(found, given, before, inherited))
            for replaced in _replaced(before, budget):
                _refuse_own_raise(command, before, replaced, budget)
            rules = before.rules.with_budget(budget)
            _bound(rules, budget)
            return rules

        return self._change(command, budget_id, revise)

    def add_grant(self, command: ChangeRules, budget_id: str, grant: AddGrant) -> BudgetView:
        """Add prepaid money to a budget. Raises NotFoundError, ValidationError, ConflictError."""

        def revise(before: RulesSnapshot) -> Rules:
            found = self._balanced(before, _get(before, budget_id))
            spent = self._balances.spent(found, before.rules.tenant_id)
            budget = with_grant(found, grant, command.who, spent, before.at)
            _refuse_own_raise(command, before, found, budget)
            return before.rules.with_budget(budget)

        return self._change(command, budget_id, revise)

    def delete_raise(
        self, command: ChangeRules, budget_id: str, raise_id: str, until: datetime | None
    ) -> BudgetView:
        """Take a raise back, at once or from `until` on. Raises NotFoundError."""

        def revise(before: RulesSnapshot) -> Rules:
            found = _get(before, budget_id)
            rules = without_raise(found, raise_id, until, before)
            after = _find(self._rulebook.with_policy(rules, before.system, before.at), budget_id)
            _refuse_own_raise(command, before, found, after)
            return rules

        return self._change(command, budget_id, revise)

    def delete_budget(self, command: ChangeRules, budget_id: str) -> BudgetView:
        """Delete a budget. The budget that it overrode applies again.

        Raises NotFoundError, and ConflictError for an inherited budget that is not overridden.
        """

        def revise(before: RulesSnapshot) -> Rules:
            found = _find(before, budget_id)
            if found is None:
                raise NotFoundError(f"no budget {budget_id}")
            if budget_id not in before.rules.budgets:
                raise ConflictError(f"{budget_id} is a default that is not overridden here")
            _refuse_own_raise(command, before, found, self._inherited(before, budget_id))
            return before.rules.without(budget_id)

        return self._change(command, budget_id, revise)

    def raise_limit(
        self,
        command: ChangeRules,
        budget_id: str,
        lift: LimitRaise,
        beside: Beside | None = None,
    ) -> BudgetView:
        """Raise a limit for a while. The raise ends by itself.

        `beside`: further writes of the transaction. Raises ValidationError, NotFoundError,
        ConflictError and ForbiddenError.
        """

        def revise(before: RulesSnapshot) -> Rules:
            budget, now = _get(before, budget_id), before.at
            made = made_raise(command, budget, lift, before)
            raised = replace(budget, raises=(*budget.raises, made))
            _refuse_own_raise(command, before, budget, raised)
            own = before.rules.budgets.get(budget_id)
            kept = own.raises if own else before.rules.raises.get(budget_id, ())
            here = period_now(budget, before.policy.calendar, now)
            kept = tuple(one for one in kept if not one.is_over(now, here))
            if len(kept) >= MAX_RAISES:
                raise ConflictError(
                    f"{budget_id} has {MAX_RAISES} live raises: wait until one ends"
                )
            return before.rules.with_raises(budget_id, (*kept, made))

        return self._change(command, budget_id, revise, beside)

    def _change(
        self, command: ChangeRules, budget_id: str, revise: Revise, beside: Beside | None = None
    ) -> BudgetView:
        def show(ruling: RulesSnapshot) -> Mapping[str, Any] | None:
            found = _find(ruling, budget_id)
            return shown_in_history(self._balanced(ruling, found)) if found else None

        made = self._rulebook.change(replace(command, budget_id=budget_id), revise, show, beside)
        change = made.change
        was, after = (loaded_from_history(budget_id, change[side]) for side in ("before", "after"))
        at, calendar = parse_instant(change["at"], "at"), made.ruling.policy.calendar
        return BudgetView(
            command.tenant_id,
            after or was or _get(made.ruling, budget_id),
            at,
            made.version,
            calendar,
            made.replayed,
            made.name,
            warnings(was, after, calendar, at) if command.operation in _EDITS else (),
            was,
            after,
            made.ruling.rules.owner,
            change["principal"],
        )

    def _inherited(self, ruling: RulesSnapshot, budget_id: str) -> Budget | None:
        """Return the inherited budget of this id, or None."""
        rules = ruling.rules.without(budget_id)
        return _find(self._rulebook.with_policy(rules, ruling.system, ruling.at), budget_id)


def _bound(rules: Rules, budget: Budget) -> None:
    """Raise ConflictError for too many custom budgets: each may add an account to a request.

    And ValidationError for a budget with which one request could move too many accounts.
    """
    if sum(not one.is_default for one in rules.budgets.values()) > MAX_BUDGETS:
        raise ConflictError(f"there are already {MAX_BUDGETS} custom budgets: delete one first")
    accounts = reach(rules.budgets.values())
    if accounts > MAX_REACH:
        field = "scope_id"
        if budget.counted:
            field = "limit_calls" if CALLS in budget.counted else "limit_tokens"
        raise ValidationError(
            f"{field}: one request could move {accounts} accounts of these budgets, and at most "
            f"{MAX_REACH} fit. A budget for each tag counts {MAX_TAGS} times, a limit in tokens or "
            f"calls of executions {1 + MAX_ANCESTORS} times",
            field,
        )


def _refuse_own_raise(
    command: ChangeRules, before: RulesSnapshot, was: Budget | None, after: Budget | None
) -> None:
    """Raise ForbiddenError where a tenant's owner would loosen the tenant's own budget."""
    here = period_now(was, before.policy.calendar, before.at) if was else ""
    refuse_own_raise(command.who, before.rules, was, after, (before.at, here))


def _find(ruling: RulesSnapshot, budget_id: str) -> Budget | None:
    return next((one for one in ruling.policy.budgets if one.budget_id == budget_id), None)


def _get(ruling: RulesSnapshot, budget_id: str) -> Budget:
    found = _find(ruling, budget_id)
    if found is None:
        raise NotFoundError(f"no budget {budget_id}")
    return found


def _replaced(ruling: RulesSnapshot, budget: Budget) -> list[Budget | None]:
    """Return what it replaces: its id's budget, the default for runs, `*` budgets for its name."""
    found, policy = _find(ruling, budget.budget_id), ruling.policy
    if found and found.enforces and _place(found) == _place(budget):
        return [found]
    replaced: list[Budget | None] = [found, *policy.matcher.replaced_by(budget)]
    if budget.takes_the_defaults_place and not (found and found.takes_the_defaults_place):
        replaced.append(policy.workflow if budget.scope == WORKFLOW else policy.execution)
    return replaced


def _place(budget: Budget) -> tuple[str, str | None, str]:
    return budget.scope, budget.scope_id, budget.period


def _shown(ruling: RulesSnapshot, budget: Budget) -> BudgetView:
    tenant_id, version = ruling.rules.tenant_id, ruling.rules.version
    private = budget.scope == SYSTEM_SCOPE and ruling.policy.hides_system
    calendar = ruling.policy.calendar
    owner = ruling.rules.owner
    return BudgetView(tenant_id, budget, ruling.at, version, calendar, owner=owner, private=private)
