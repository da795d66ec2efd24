"""Requested raises and temporary decreases of a limit."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import SYSTEM_SCOPE
from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.money import CEILING
from budget_monitor.domain.periods import HOUR, MINUTE
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.usecases.rules.budget_edits import period_now
from budget_monitor.usecases.rules.rulebook import ChangeRules, RulesSnapshot


@dataclass(frozen=True, slots=True)
class LimitRaise:
    """More limit, in USD, until a moment or, without one, for the present period.

    A raise of single runs is every run's, until the budget is replaced. An amount below zero
    lowers the limit until a moment.
    """

    raise_id: str
    amount: Decimal
    until: datetime | None

    def __post_init__(self) -> None:
        """Raise ValidationError for a decrease without an end."""
        if self.amount < 0 and self.until is None:
            raise ValidationError(
                "amount_usd below zero lowers the limit until a moment: it needs until",
                "amount_usd",
            )


def made_raise(
    command: ChangeRules, budget: Budget, lift: LimitRaise, ruling: RulesSnapshot
) -> Raise:
    """Return the raise, or the decrease, if the budget can have it.

    Raises ValidationError, and ConflictError for a budget without a limit.
    """
    now, period = ruling.at, period_now(budget, ruling.policy.calendar, ruling.at)
    if ruling.rules.source == "tenant" and budget.scope == SYSTEM_SCOPE:
        raise ValidationError(f"{budget.budget_id} is the system's", "budget_id")
    if budget.limit is None:
        raise ConflictError(f"{budget.budget_id} has no limit in USD that could be raised")
    _refuse_amount(lift, budget.limit)
    if lift.until is not None and lift.until <= now:
        raise ValidationError("until must be in the future", "until")
    raised = budget.at(now, period).limit or budget.limit
    if raised + lift.amount >= CEILING:
        raise ValidationError("amount_usd would make a limit of 1000000000000 USD", "amount_usd")
    until, who = lift.until, command.who
    if until is None and budget.period in {HOUR, MINUTE}:  # their names differ by time zone
        until = ruling.policy.calendar.end(budget.period, now)
    named = None if until else period
    said = (who.by, who.reason, now, named, until, who.principal)
    return Raise(lift.raise_id, lift.amount, *said)


def _refuse_amount(lift: LimitRaise, limit: Decimal) -> None:
    if lift.amount == 0:
        raise ValidationError("amount_usd must not be zero", "amount_usd")
    if limit + lift.amount < 0:
        raise ValidationError("amount_usd would make a limit below zero", "amount_usd")
