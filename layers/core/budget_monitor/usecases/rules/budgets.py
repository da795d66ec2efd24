"""Budgets as people set them: replaced, deleted, raised; money is never touched."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM_SCOPE, WORKFLOW
from budget_monitor.domain.accounting.labels import MAX_TAGS
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.money import CEILING
from budget_monitor.domain.periods import HOUR, RUN, parse_instant
from budget_monitor.domain.rules.budgets import Budget, Raise
from budget_monitor.domain.rules.matching import most_accounts
from budget_monitor.domain.rules.rulebook import MAX_ACCOUNTS, MAX_BUDGETS, MAX_RAISES, Rules
from budget_monitor.usecases.rules.authority import refuse_own_raise
from budget_monitor.usecases.rules.budget_draft import Draft, budget_of
from budget_monitor.usecases.rules.rulebook import ChangeRules, Decide, Rulebook, RulesSnapshot


@dataclass(frozen=True, slots=True)
class LimitRaise:
    """More limit, in USD, until a moment or, without one, for the present period.

    That of single runs is every run's, until the budget is set anew.
    """

    raise_id: str
    amount: Decimal
    until: datetime | None


@dataclass(frozen=True, slots=True)
class BudgetView:
    """A budget as it applies now to its owner."""

    owner_id: str
    budget: Budget
    at: datetime
    version: int
    calendar: Calendar
    replayed: bool = False
    name: str | None = None
    """The id of the decision that is shown, where it has one."""


class Budgeting:
    """The use cases of budgets."""

    def __init__(self, governing: Rulebook) -> None:
        self._governing = governing

    def list_budgets(self, owner_id: str) -> Sequence[BudgetView]:
        """Every budget that applies to the owner, the defaults first."""
        ruling = self._governing.ruling(owner_id)
        return [_shown(ruling, one) for one in ruling.policy.budgets]

    def get_budget(self, owner_id: str, budget_id: str) -> BudgetView:
        """One budget that applies to the owner. Raises NotFoundError."""
        ruling = self._governing.ruling(owner_id)
        return _shown(ruling, _get(ruling, budget_id))

    def set_budget(self, order: ChangeRules, draft: Draft) -> BudgetView:
        """Put a budget in place of any of its id; its raises end. Raises ValidationError."""

        def decide(before: RulesSnapshot) -> Rules:
            inherited = self._inherited(before, draft.budget_id)
            budget = budget_of(draft, before, inherited)
            for replaced in _replaced(before, budget):
                refuse_own_raise(order.who, before.rules, replaced, budget)
            rules = before.rules.with_budget(budget)
            _bound(rules)
            return rules

        return self._change(order, draft.budget_id, decide)

    def delete_budget(self, order: ChangeRules, budget_id: str) -> BudgetView:
        """Remove a budget: what it overrode applies again.

        Raises NotFoundError, and ConflictError for one that is inherited and not overridden.
        """

        def decide(before: RulesSnapshot) -> Rules:
            found = _find(before, budget_id)
            if found is None:
                raise NotFoundError(f"no budget {budget_id}")
            if budget_id not in before.rules.budgets:
                raise ConflictError(f"{budget_id} is a default that is not overridden here")
            refuse_own_raise(order.who, before.rules, found, self._inherited(before, budget_id))
            return before.rules.without(budget_id)

        return self._change(order, budget_id, decide)

    def raise_limit(self, order: ChangeRules, budget_id: str, lift: LimitRaise) -> BudgetView:
        """More limit for a while; time takes it back by itself. Raises ValidationError."""

        def decide(before: RulesSnapshot) -> Rules:
            budget, now = _get(before, budget_id), before.at
            made = _raise(order, budget, lift, before)
            raised = replace(budget, raises=(*budget.raises, made))
            refuse_own_raise(order.who, before.rules, budget, raised, now)
            own = before.rules.budgets.get(budget_id)
            kept = own.raises if own else before.rules.raises.get(budget_id, ())
            here = _period(before, budget)
            kept = tuple(one for one in kept if not one.is_over(now, here))
            if len(kept) >= MAX_RAISES:
                raise ConflictError(f"{budget_id} has {MAX_RAISES} raises that are not over")
            return before.rules.with_raises(budget_id, (*kept, made))

        return self._change(order, budget_id, decide)

    def _change(self, order: ChangeRules, budget_id: str, decide: Decide) -> BudgetView:
        def show(ruling: RulesSnapshot) -> Mapping[str, Any] | None:
            found = _find(ruling, budget_id)
            return {**found.dump(), "source": found.source} if found else None

        made = self._governing.change(replace(order, budget_id=budget_id), decide, show)
        change = made.change
        dumped = change["after"] or change["before"]
        return BudgetView(
            order.owner_id,
            Budget.load(budget_id, dumped["source"], dumped),
            parse_instant(change["at"], "at"),
            made.version,
            made.ruling.policy.calendar,
            made.replayed,
            made.name,
        )

    def _inherited(self, ruling: RulesSnapshot, budget_id: str) -> Budget | None:
        """The budget of that id that applies to the owner without having been set by him."""
        rules = ruling.rules.without(budget_id)
        return _find(self._governing.made(rules, ruling.system, ruling.at), budget_id)


def _bound(rules: Rules) -> None:
    """Raises ConflictError for too many budgets, ValidationError for too many accounts of them."""
    custom = [one for one in rules.budgets.values() if not one.is_default]
    if len(custom) > MAX_BUDGETS:
        raise ConflictError(f"there are {MAX_BUDGETS} custom budgets already: delete one")
    accounts = sum(map(most_accounts, custom))
    if accounts > MAX_ACCOUNTS:
        raise ValidationError(
            f"scope_id: one request could move {accounts} accounts of custom budgets, and at most "
            f"{MAX_ACCOUNTS} fit: a budget of scope tag for each name counts as {MAX_TAGS}",
            "scope_id",
        )


def _raise(order: ChangeRules, budget: Budget, lift: LimitRaise, ruling: RulesSnapshot) -> Raise:
    now, period = ruling.at, _period(ruling, budget)
    if ruling.rules.source == "tenant" and budget.scope == SYSTEM_SCOPE:
        raise ValidationError(f"{budget.budget_id} is the system's", "budget_id")
    if budget.limit is None:
        raise ConflictError(f"{budget.budget_id} has no limit that could be raised")
    if lift.amount <= 0:
        raise ValidationError("amount_usd must be above zero", "amount_usd")
    if lift.until is not None and lift.until <= now:
        raise ValidationError("until must be in the future", "until")
    raised = budget.at(now, period).limit or budget.limit
    if raised + lift.amount >= CEILING:
        raise ValidationError("amount_usd would make a limit of 1000000000000 USD", "amount_usd")
    until, who = lift.until, order.who
    if until is None and budget.period == HOUR:  # which has another name in each time zone
        until = ruling.policy.calendar.end(HOUR, now)
    named = None if until else period
    return Raise(lift.raise_id, lift.amount, who.by, who.reason, now, named, until)


def _period(ruling: RulesSnapshot, budget: Budget) -> str:
    """The name of the budget's present period."""
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
    owner_id, version = ruling.rules.owner_id, ruling.rules.version
    return BudgetView(owner_id, budget, ruling.at, version, ruling.policy.calendar)
