"""The owner rule: a tenant's owner cannot loosen what limits the tenant."""

from datetime import datetime

from budget_monitor.domain.errors import ForbiddenError, UnavailableError
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.rules.budgets import BLOCK_NEW, Budget
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.rules.rulebook import Rules
from budget_monitor.domain.rules.wind_down import Rung
from budget_monitor.domain.signers import Owners
from budget_monitor.domain.units import USD
from budget_monitor.domain.values import dataclass


@dataclass(frozen=True, slots=True)
class Who:
    """Who makes a change and why, and the signer if there is one."""

    by: str
    reason: str
    principal: str | None = None
    is_owner: bool = False
    """True if the signer's token gives the role of the tenant's owner."""
    link: str | None = None
    """Nonce of the signed link that was used; None: an operation was called."""


def refuse_own_raise(
    who: Who,
    rules: Rules,
    before: Budget | None,
    after: Budget | None,
    present: tuple[datetime, str],
) -> None:
    """Raise ForbiddenError if the tenant's owner would loosen a budget of the tenant.

    `present`: the current instant, and the name of the current period of `before`.
    """
    if before is not None and _looser(before, after, *present):
        refuse_owner(who, rules.owners, rules.tenant_id)


def refuse_owner(who: Who, owners: Owners, tenant_id: str) -> None:
    """Raise ForbiddenError if the caller is an owner of the tenant."""
    if who.is_owner or owners.include(who.by, who.principal):
        raise ForbiddenError(
            f"{who.by} owns {tenant_id} and cannot change this: ask an administrator", "by"
        )


def owners_of(policy: Policy, tenant_id: str) -> Owners:
    """Return the tenant's owners. Raises UnavailableError if they cannot be read."""
    if policy.damaged or policy.doubtful:
        raise UnavailableError(f"the stored rules of {tenant_id} cannot be read")
    return Owners(policy.owner, policy.owner_principals)


def _looser(before: Budget, after: Budget | None, at: datetime, period: str) -> bool:
    if not before.enforces or not before.limits:
        return False
    if after is None or not after.enforces:
        return True
    higher = any(
        unit not in after.limits or (unit != USD and after.limits[unit] > limit)
        for unit, limit in before.limits.items()
    )
    gentler = after.action == BLOCK_NEW != before.action
    elsewhere = before.budget_id == after.budget_id and _place(before) != _place(after)
    carries = after.rollover.most if after.rollover else ZERO
    carried = before.rollover.most if before.rollover else ZERO
    freer = after.reserve_percent < before.reserve_percent or _eased(before, after)
    looser = higher or gentler or elsewhere or freer or carries > carried
    return looser or (before.limit is not None and _ever_higher(before, after, at, period))


def _eased(before: Budget, after: Budget) -> bool:
    """True if the refusing part of the downgrade ladder changed or was removed."""
    return bool(_thresholds(before)) and _thresholds(before) != _thresholds(after)


def _thresholds(budget: Budget) -> tuple[Rung, ...]:
    """The part of its downgrade ladder that refuses."""
    return tuple(rung for rung in budget.downgrade if rung.at_percent is not None)


def _ever_higher(before: Budget, after: Budget, at: datetime, period: str) -> bool:
    """True if the limit is higher now or at any later moment, including live raises."""
    ends = {one.until for one in (*before.raises, *after.raises) if one.until and one.until > at}
    return any(
        (after.at(moment, name).limit or ZERO) > (before.at(moment, name).limit or ZERO)
        for moment in {at, *ends}
        for name in (period, "")
    )


def _place(budget: Budget) -> tuple[str, str | None, str]:
    """Return what the budget limits: scope, name and period."""
    return budget.scope, budget.scope_id, budget.period
