"""Who may decide what. Roles are known by names so far; the seam is here."""

from dataclasses import dataclass
from datetime import datetime

from budget_monitor.domain.errors import ForbiddenError, UnavailableError
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.rules.budgets import BLOCK_NEW, Budget
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules


@dataclass(frozen=True, slots=True)
class Who:
    """Who decides, and why; the authenticated principal where the door knows one."""

    by: str
    reason: str
    principal: str | None = None


def refuse_own_raise(
    who: Who,
    rules: Rules,
    before: Budget | None,
    after: Budget | None,
    present: tuple[datetime, str],
) -> None:
    """Raises ForbiddenError where a tenant's owner would loosen a budget over himself.

    `present`: this moment, and the name of the period of the budget before.
    """
    if before is not None and _looser(before, after, *present):
        refuse_owner(who, rules.owner, rules.owner_id)


def refuse_owner(who: Who, owner: str | None, tenant_id: str) -> None:
    """Raises ForbiddenError where a tenant's owner would decide what stands over himself."""
    names = {one.casefold() for one in (who.by, who.principal) if one}
    if owner is not None and owner.casefold() in names:
        raise ForbiddenError(
            f"{who.by} owns {tenant_id} and cannot decide this: ask an administrator", "by"
        )


def owner_of(policy: Policy, tenant_id: str) -> str | None:
    """Whom the tenant's money belongs to. Raises UnavailableError where that cannot be read."""
    if policy.damaged or policy.doubtful:
        raise UnavailableError(f"the stored rules of {tenant_id} cannot be read")
    return policy.owner


def _looser(before: Budget, after: Budget | None, at: datetime, period: str) -> bool:
    if not before.enforces or before.limit is None:
        return False
    if after is None or not after.enforces or after.limit is None:
        return True
    gentler = after.action == BLOCK_NEW != before.action
    elsewhere = before.budget_id == after.budget_id and _place(before) != _place(after)
    carries = after.rollover.most if after.rollover else ZERO
    carried = before.rollover.most if before.rollover else ZERO
    rolls = carries > carried
    return gentler or elsewhere or rolls or _ever_higher(before, after, at, period)


def _ever_higher(before: Budget, after: Budget, at: datetime, period: str) -> bool:
    """Whether the limit is higher now or at any later moment, by whatever raises are live then."""
    ends = {one.until for one in (*before.raises, *after.raises) if one.until and one.until > at}
    return any(
        (after.at(moment, name).limit or ZERO) > (before.at(moment, name).limit or ZERO)
        for moment in {at, *ends}
        for name in (period, "")
    )


def _place(budget: Budget) -> tuple[str, str | None, str]:
    """Whose money it limits, and in which period."""
    return budget.scope, budget.scope_id, budget.period
