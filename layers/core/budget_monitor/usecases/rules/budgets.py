"""List, set, delete and raise budgets. Counters of accounts do not change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM_SCOPE, WORKFLOW
from budget_monitor.domain.accounting.labels import MAX_ANCESTORS, MAX_TAGS
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.money import CEILING
from budget_monitor.domain.periods import HOUR, MINUTE, RUN, parse_instant
from budget_monitor.domain.rules.budgets import Budget, Raise
from budget_monitor.domain.rules.reach import MAX_REACH, reach
from budget_monitor.domain.rules.rulebook import MAX_BUDGETS, MAX_RAISES, Rules
from budget_monitor.domain.units import CALLS
from budget_monitor.usecases.rules.authority import refuse_own_raise
from budget_monitor.usecases.rules.budget_draft import Draft, budget_of
from budget_monitor.usecases.rules.rulebook import ChangeRules, Decide, Rulebook, RulesSnapshot


@dataclass(frozen=True, slots=True)
class LimitRaise:
    """A requested raise of a limit, in USD: until an instant, or for the current period.

    Without `until`, a raise of a budget of runs applies to all runs until the budget is set again.
    """

    raise_id: str
    amount: Decimal
    until: datetime | None


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


class Budgeting:
    """The use cases of budgets."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._rulebook = rulebook

    def list_budgets(self, tenant_id: str) -> Sequence[BudgetView]:
        """Return every budget that applies, the built-in ones first."""
        ruling = self._rulebook.ruling(tenant_id)
        return [_shown(ruling, one) for one in ruling.policy.budgets]

    def get_budget(self, tenant_id: str, budget_id: str) -> BudgetView:
        """Return one budget that applies. Raises NotFoundError."""
        ruling = self._rulebook.ruling(tenant_id)
        return _shown(ruling, _get(ruling, budget_id))

    def set_budget(self, command: ChangeRules, draft: Draft) -> BudgetView:
        """Replace the budget of this id. Its raises end.

        Raises ValidationError, ConflictError and ForbiddenError.
        """

        def decide(before: RulesSnapshot) -> Rules:
            inherited = self._inherited(before, draft.budget_id)
            budget = budget_of(draft, before, inherited)
            for replaced in _replaced(before, budget):
                refuse_own_raise(command.who, before.rules, replaced, budget)
            rules = before.rules.with_budget(budget)
            _bound(rules, budget)
            return rules

        return self._change(command, draft.budget_id, decide)

    def delete_budget(self, command: ChangeRules, budget_id: str) -> BudgetView:
        """Delete a budget. The budget that it overrode applies again.

        Raises NotFoundError, and ConflictError for an inherited budget that is not overridden.
        """

        def decide(before: RulesSnapshot) -> Rules:
            found = _find(before, budget_id)
            if found is None:
                raise NotFoundError(f"no budget {budget_id}")
            if budget_id not in before.rules.budgets:
                raise ConflictError(f"{budget_id} is a default that is not overridden here")
            refuse_own_raise(command.who, before.rules, found, self._inherited(before, budget_id))
            return before.rules.without(budget_id)

        return self._change(command, budget_id, decide)

    def raise_limit(self, command: ChangeRules, budget_id: str, lift: LimitRaise) -> BudgetView:
        """Raise a limit for a while. The raise ends by itself.

        Raises ValidationError, NotFoundError, ConflictError and ForbiddenError.
        """

        def decide(before: RulesSnapshot) -> Rules:
            budget, now = _get(before, budget_id), before.at
            made = _raise(command, budget, lift, before)
            raised = replace(budget, raises=(*budget.raises, made))
            refuse_own_raise(command.who, before.rules, budget, raised, now)
            own = before.rules.budgets.get(budget_id)
            kept = own.raises if own else before.rules.raises.get(budget_id, ())
            here = _period(before, budget)
            kept = tuple(one for one in kept if not one.is_over(now, here))
            if len(kept) >= MAX_RAISES:
                raise ConflictError(
                    f"{budget_id} has {MAX_RAISES} live raises: wait until one ends"
                )
            return before.rules.with_raises(budget_id, (*kept, made))

        return self._change(command, budget_id, decide)

    def _change(self, command: ChangeRules, budget_id: str, decide: Decide) -> BudgetView:
        def show(ruling: RulesSnapshot) -> Mapping[str, Any] | None:
            found = _find(ruling, budget_id)
            return {**found.dump(), "source": found.source} if found else None

        made = self._rulebook.change(replace(command, budget_id=budget_id), decide, show)
        change = made.change
        dumped = change["after"] or change["before"]
        return BudgetView(
            command.tenant_id,
            Budget.load(budget_id, dumped["source"], dumped),
            parse_instant(change["at"], "at"),
            made.version,
            made.ruling.policy.calendar,
            made.replayed,
            made.name,
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


def _raise(command: ChangeRules, budget: Budget, lift: LimitRaise, ruling: RulesSnapshot) -> Raise:
    now, period = ruling.at, _period(ruling, budget)
    if ruling.rules.source == "tenant" and budget.scope == SYSTEM_SCOPE:
        raise ValidationError(
            f"{budget.budget_id} is the system's: raise it at /system/budgets", "budget_id"
        )
    if budget.limit is None:
        raise ConflictError(f"{budget.budget_id} has no limit in USD to raise")
    if lift.amount <= 0:
        raise ValidationError("amount_usd must be above zero", "amount_usd")
    if lift.until is not None and lift.until <= now:
        raise ValidationError("until must be in the future", "until")
    raised = budget.at(now, period).limit or budget.limit
    if raised + lift.amount >= CEILING:
        raise ValidationError(
            "amount_usd would raise the limit to 1000000000000 USD or more", "amount_usd"
        )
    until, who = lift.until, command.who
    if until is None and budget.period in {HOUR, MINUTE}:  # its name depends on the time zone
        until = ruling.policy.calendar.end(budget.period, now)
    named = None if until else period
    return Raise(lift.raise_id, lift.amount, who.by, who.reason, now, named, until)


def _period(ruling: RulesSnapshot, budget: Budget) -> str:
    """Return the name of the budget's current period."""
    if budget.period == RUN:
        return RUN
    return ruling.policy.calendar.name(budget.period, ruling.at)


def _find(ruling: RulesSnapshot, budget_id: str) -> Budget | None:
    return next((one for one in ruling.policy.budgets if one.budget_id == budget_id), None)


def _get(ruling: RulesSnapshot, budget_id: str) -> Budget:
    found = _find(ruling, budget_id)
    if found is None:
        raise NotFoundError(f"no budget {budget_id}")
    return found


def _replaced(ruling: RulesSnapshot, budget: Budget) -> list[Budget | None]:
    """What it takes the place of: its id's, the default for runs, and `*` budgets for its name."""
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
    return BudgetView(tenant_id, budget, ruling.at, version, ruling.policy.calendar)
