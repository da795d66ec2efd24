"""Adding a grant to a budget: prepaid money, with who and why."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.errors import ConflictError, ValidationError
from budget_monitor.domain.money import CEILING
from budget_monitor.domain.periods import TOTAL
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.grants import Balance, Grant, Tally
from budget_monitor.usecases.authority import Who

MAX_GRANTS = 50
"""Grants of a budget that are in force."""


@dataclass(frozen=True, slots=True)
class AddGrant:
    """A prepaid amount in USD, with an expiry or without."""

    grant_id: str
    amount: Decimal
    expires_at: datetime | None = None
    priority: int = 0


def with_grant(
    budget: Budget, command: AddGrant, who: Who, spent: Decimal, now: datetime
) -> Budget:
    """Return the budget with one more grant. `spent`: the account's spend so far, in USD.

    What is spent already stays with the older grants. Raises ValidationError, and ConflictError
    where the budget can have no grants, or no more.
    """
    _possible(budget, command, now)
    balance = budget.balance
    tally = (balance.tally or Tally(now, spent)).spread(balance.grants, spent, now)
    grant = Grant(
        command.grant_id,
        command.amount,
        who.by,
        who.reason,
        now,
        command.expires_at,
        command.priority,
        who.principal,
    )
    tally, kept = tally.without_expired([*balance.grants, grant], MAX_GRANTS)
    if len(kept) > MAX_GRANTS:
        raise ConflictError(f"{budget.budget_id} has {MAX_GRANTS} grants that did not expire")
    return replace(budget, balance=Balance(tuple(kept), tally))


def _possible(budget: Budget, command: AddGrant, now: datetime) -> None:
    if budget.source != "tenant" or budget.scope_id == "*":
        raise ConflictError(f"{budget.budget_id} is not one tenant's own budget for one name")
    if budget.period != TOTAL or budget.limit is None:
        raise ConflictError(
            f"{budget.budget_id} cannot have grants: they need period total and a limit_usd, "
            "which may be 0"
        )
    if command.amount <= 0:
        raise ValidationError("amount_usd must be above zero", "amount_usd")
    if command.expires_at is not None and command.expires_at <= now:
        raise ValidationError("expires_at must be in the future", "expires_at")
    if (budget.at(now, TOTAL).limit or budget.limit) + command.amount >= CEILING:
        raise ValidationError("amount_usd would make a limit of 1000000000000 USD", "amount_usd")
