"""Edits of a budget that keep the rest of it: patches, raises taken back, and their warnings."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ConflictError, NotFoundError, ValidationError
from budget_monitor.domain.money import parse_amount, render
from budget_monitor.domain.periods import RUN, render_instant
from budget_monitor.domain.rules.budgets import SHADOW, Budget
from budget_monitor.domain.rules.limits import KINDS
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.rulebook import Rules
from budget_monitor.domain.units import CALLS
from budget_monitor.usecases.rules.budget_draft import Draft, budget_of
from budget_monitor.usecases.rules.rulebook import RulesSnapshot


def period_now(budget: Budget, calendar: Calendar, at: datetime) -> str:
    """The name of the budget's present period."""
    return RUN if budget.period == RUN else calendar.name(budget.period, at)


def patched(
    found: Budget, given: Mapping[str, Any], before: RulesSnapshot, inherited: Budget | None
) -> Budget:
    """The budget with the given fields of a draft; the others stay, and so do live raises.

    Raises named by the present period end where the budget gets another kind of period.
    Raises ValidationError for a budget that cannot be held to.
    """
    named = {name: one for name, one in given.items() if name not in _COUNTED}
    whole = replace(_draft_of(found), **named, counted=_counted(found, given))
    budget = budget_of(whole, before, inherited)
    here = period_now(found, before.policy.calendar, before.at)
    live = (one for one in found.raises if not one.is_over(before.at, here))
    same_period = budget.period == found.period
    return replace(budget, raises=tuple(one for one in live if same_period or one.until))


def _draft_of(found: Budget) -> Draft:
    return Draft(
        budget_id=found.budget_id,
        limit=found.limit,
        scope=found.scope,
        scope_id=found.scope_id,
        period=found.period,
        action=found.action,
        thresholds=found.thresholds,
        enforcement=found.enforcement,
        rollover=found.rollover.most if found.rollover else None,
        counted=found.counted,
        reserve_percent=found.reserve_percent,
        downgrade=found.downgrade,
    )


_COUNTED = {"tokens": set(KINDS.values()), "calls": {CALLS}}
"""The units whose limits each of these replaces."""


def _counted(found: Budget, given: Mapping[str, Any]) -> dict[str, Decimal]:
    """The limits in tokens and calls: those of a kind that is given replace all of that kind."""
    replaced = {unit for name, units in _COUNTED.items() if name in given for unit in units}
    kept = {unit: limit for unit, limit in found.counted.items() if unit not in replaced}
    new = {unit: limit for name in _COUNTED for unit, limit in given.get(name, {}).items()}
    return kept | new


def keeping_grants(found: Budget | None, budget: Budget) -> Budget:
    """The budget with the grants of the one that it replaces.

    Raises ConflictError where they would be lost with the account that they are spent from.
    """
    if found is None or not found.balance.grants:
        return budget
    if budget.life != found.life or budget.limit is None:
        raise ConflictError(
            f"{budget.budget_id} has grants: its scope, scope_id and period stay, and limit_usd "
            "cannot be null"
        )
    return replace(budget, balance=found.balance)


def without_raise(
    found: Budget, raise_id: str, until: datetime | None, before: RulesSnapshot
) -> Rules:
    """The rules without a raise, or with one that ends at `until` instead.

    Raises NotFoundError for one that is not live, ConflictError for one of an inherited budget
    that the system made, and ValidationError for an end that is past or not an earlier one.
    """
    rules, budget_id = before.rules, found.budget_id
    own = rules.budgets.get(budget_id)
    kept = own.raises if own else rules.raises.get(budget_id, ())
    here = period_now(found, before.policy.calendar, before.at)
    live = {one.raise_id: one for one in found.raises if not one.is_over(before.at, here)}
    if raise_id not in live:
        raise NotFoundError(f"no raise {raise_id} of {budget_id}")
    taken = live[raise_id]
    if taken not in kept:
        raise ConflictError(f"raise {raise_id} of {budget_id} is the system's")
    others = tuple(one for one in kept if one != taken)
    shorter = (_until(taken, until, found, before),) if until else ()
    return rules.with_raises(budget_id, (*others, *shorter))


def _until(taken: Raise, until: datetime, found: Budget, before: RulesSnapshot) -> Raise:
    if until <= before.at:
        raise ValidationError("until must be in the future", "until")
    end = taken.until
    if end is None and found.period != RUN:
        end = before.policy.calendar.end(found.period, before.at)
    if end is not None and until >= end:
        raise ValidationError(f"until must be before {render_instant(end)}", "until")
    return replace(taken, until=until)


def warnings(
    before: Budget | None, after: Budget | None, calendar: Calendar, at: datetime
) -> tuple[str, ...]:
    """What an edit ends without saying so: live raises, and a budget that refused nothing."""
    if before is None or after is None:
        return ()
    here, kept = period_now(before, calendar, at), {one.raise_id for one in after.raises}
    dropped = [
        f"raise {one.raise_id} of {render(one.amount)} USD {_lasted(one)} ended with this edit"
        for one in before.raises
        if one.raise_id not in kept and not one.is_over(at, here)
    ]
    if after.enforces and before.enforcement == SHADOW:
        dropped.append(f"{after.budget_id} was a shadow and is enforced from now on")
    elif after.enforces and not before.enforces:
        dropped.append(f"{after.budget_id} only sent alerts and refuses from now on")
    return tuple(dropped)


def _lasted(one: Raise) -> str:
    return f"until {render_instant(one.until)}" if one.until else f"for {one.period}"


def shown_in_history(found: Budget) -> dict[str, Any]:
    """A budget as the history of changes keeps it, with what its months got from earlier ones."""
    carried = {month: render(amount) for month, amount in found.carried.items()}
    return {**found.dump(), "source": found.source, **({"carried": carried} if carried else {})}


def loaded_from_history(budget_id: str, dumped: Mapping[str, Any] | None) -> Budget | None:
    """The budget that the history kept, or None. Raises ValueError for anything else."""
    if dumped is None:
        return None
    carried = dumped.get("carried", {})
    amounts = {month: parse_amount(amount, "carried") for month, amount in carried.items()}
    return replace(Budget.load(budget_id, dumped["source"], dumped), carried=amounts)
