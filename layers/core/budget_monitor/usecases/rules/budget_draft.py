"""What somebody wants a budget to be, and whether that can be held to."""

from dataclasses import dataclass, replace
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    SYSTEM_SCOPE,
    TAG,
    TENANT,
    USER,
    WORKFLOW,
)
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import MONTH, RUN
from budget_monitor.domain.rules.budgets import (
    BLOCK,
    BLOCK_NEW,
    DEFAULT_THRESHOLDS,
    ENFORCE,
    Budget,
)
from budget_monitor.domain.rules.rollovers import Rollover
from budget_monitor.usecases.rules.rulebook import RulesSnapshot

_OF_RUNS = {WORKFLOW, EXECUTION, AGENT}
_NAMED = {AGENT, MODEL, USER, TAG}


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole budget as it was asked for; None: what its id or its kind makes of it."""

    budget_id: str
    limit: Decimal | None
    scope: str | None = None
    scope_id: str | None = None
    period: str | None = None
    action: str | None = None
    thresholds: tuple[int, ...] | None = None
    enforcement: str | None = None
    rollover: Decimal | None = None
    """The most that a month carries into the next, in USD; None: nothing."""


def budget_of(draft: Draft, ruling: RulesSnapshot, inherited: Budget | None) -> Budget:
    """The budget that the draft asks for, in place of one that the owner inherits or of none.

    Raises ValidationError for one that cannot be held to.
    """
    overridden = _overridden(draft, ruling, inherited)
    scope, period = _kept(draft, overridden)
    scope_id = _scope_id(draft, scope, period, ruling, overridden)
    _possible(draft, scope, period, ruling)
    rollover = _rollover(draft, scope_id, period, ruling)
    usual = DEFAULT_THRESHOLDS if period != RUN else ()
    known = ruling.rules.budgets.get(draft.budget_id) or overridden
    same = known and (known.scope, known.scope_id, known.period) == (scope, scope_id, period)
    new_life = f"{ruling.rules.source[0]}{ruling.rules.version + 1}"
    return Budget(
        budget_id=draft.budget_id,
        scope=scope,
        limit=draft.limit,
        action=draft.action or (overridden.action if overridden else BLOCK),
        enforcement=draft.enforcement or ENFORCE,
        period=period,
        scope_id=scope_id,
        thresholds=usual if draft.thresholds is None else draft.thresholds,
        created_at=(known.created_at if known and same else None) or ruling.at,
        source=ruling.rules.source,
        life=known.life if known and same else new_life,
        rollover=rollover if not (rollover and known and same) else _going_on(rollover, known),
    )


def _rollover(
    draft: Draft, scope_id: str | None, period: str, ruling: RulesSnapshot
) -> Rollover | None:
    """The rule, from this month on. Raises ValidationError for a budget with many accounts."""
    if draft.rollover is None:
        return None
    if period != MONTH or draft.limit is None:
        raise ValidationError("rollover_usd goes with period month and a limit_usd", "rollover_usd")
    if ruling.rules.source == "system" or scope_id == "*":
        raise ValidationError("rollover_usd is set for one tenant and one name", "rollover_usd")
    return Rollover(draft.rollover, ruling.policy.calendar.name(MONTH, ruling.at))


def _going_on(rollover: Rollover, known: Budget) -> Rollover:
    """The rule with the first month that it had before."""
    return replace(rollover, since=known.rollover.since) if known.rollover else rollover


def _overridden(draft: Draft, ruling: RulesSnapshot, inherited: Budget | None) -> Budget | None:
    """The inherited budget, unless it is the system's own and the tenant had that id before."""
    if not inherited or inherited.scope != SYSTEM_SCOPE or ruling.rules.source == "system":
        return inherited
    if draft.budget_id in ruling.rules.budgets:
        return None
    raise ValidationError(
        f"budget_id {draft.budget_id} is the system's: it is set at /system/budgets", "budget_id"
    )


def _kept(draft: Draft, overridden: Budget | None) -> tuple[str, str]:
    """The scope and period: the overridden budget's, or those that were asked for."""
    if overridden:
        for field, asked, kept in (
            ("scope", draft.scope, overridden.scope),
            ("period", draft.period, overridden.period),
        ):
            if asked not in {None, kept}:
                raise ValidationError(f"{field} of {draft.budget_id} stays {kept}", field)
        return overridden.scope, overridden.period
    if draft.scope is None:
        raise ValidationError("scope is required", "scope")
    if draft.period is None:
        raise ValidationError("period is required", "period")
    return draft.scope, draft.period


def _scope_id(
    draft: Draft, scope: str, period: str, ruling: RulesSnapshot, overridden: Budget | None
) -> str | None:
    """The name that the budget is for, None where it is for everyone."""
    owner = {TENANT: ruling.rules.owner_id, SYSTEM_SCOPE: "system"}.get(scope)
    if overridden and draft.scope_id not in {None, overridden.scope_id, owner}:
        raise ValidationError(f"scope_id of {draft.budget_id} cannot change", "scope_id")
    if overridden:
        return overridden.scope_id
    if scope in {TENANT, SYSTEM_SCOPE}:
        if draft.scope_id not in {None, owner}:
            raise ValidationError(f"scope_id has no place in a budget of scope {scope}", "scope_id")
        return None
    if draft.scope_id is None and (scope in _NAMED or (scope == WORKFLOW and period != RUN)):
        raise ValidationError(f"scope_id is required: the name of the {scope}", "scope_id")
    return draft.scope_id


def _possible(draft: Draft, scope: str, period: str, ruling: RulesSnapshot) -> None:
    if scope == SYSTEM_SCOPE and ruling.rules.source == "tenant":
        raise ValidationError("scope system is set at /system/budgets", "scope")
    if period == RUN and scope not in _OF_RUNS:
        raise ValidationError(
            f"period run goes with scope workflow, execution or agent, not {scope}", "period"
        )
    if scope == EXECUTION and period != RUN:
        raise ValidationError("period of a budget of executions is run", "period")
    if draft.action == BLOCK_NEW and period == RUN:
        raise ValidationError(
            "action block_new lets running runs finish: it has no meaning within a run", "action"
        )
