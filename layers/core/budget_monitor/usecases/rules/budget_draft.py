"""Validate a requested budget and build it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    PROVIDER,
    SYSTEM_SCOPE,
    TAG,
    TENANT,
    USER,
    WORKFLOW,
)
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.names import EACH, is_family
from budget_monitor.domain.periods import MINUTE, MONTH, RUN
from budget_monitor.domain.rules.budgets import (
    ASK,
    BLOCK,
    BLOCK_NEW,
    DEFAULT_THRESHOLDS,
    ENFORCE,
    Budget,
)
from budget_monitor.domain.rules.matching import EACH_SCOPES
from budget_monitor.domain.rules.rollovers import Rollover
from budget_monitor.domain.rules.wind_down import Rung
from budget_monitor.usecases.rules.rulebook import RulesSnapshot

_OF_RUNS = {WORKFLOW, EXECUTION, AGENT}
_NAMED = {AGENT, MODEL, USER, TAG, PROVIDER}


@dataclass(frozen=True, slots=True)
class Draft:
    """A budget as requested. None: the overridden budget's value, or the default."""

    budget_id: str
    limit: Decimal | None
    scope: str | None = None
    scope_id: str | None = None
    period: str | None = None
    action: str | None = None
    thresholds: tuple[int, ...] | None = None
    enforcement: str | None = None
    counted: Mapping[str, Decimal] = field(default_factory=dict)
    """The limits in tokens and calls, by unit."""
    reserve_percent: int = 0
    downgrade: tuple[Rung, ...] = ()
    rollover: Decimal | None = None
    """Maximum that a month carries into the next, in USD; None: nothing."""


def budget_of(draft: Draft, ruling: RulesSnapshot, inherited: Budget | None) -> Budget:
    """Return the requested budget. It may override an inherited one.

    Raises ValidationError if it cannot be enforced or changes a fixed field.
    """
    overridden = _overridden(draft, ruling, inherited)
    scope, period = _kept(draft, overridden)
    scope_id = _scope_id(draft, scope, period, ruling, overridden)
    _possible(draft, scope, period, ruling)
    rollover = _rollover(draft, scope_id, period, ruling)
    usual = DEFAULT_THRESHOLDS if period not in {RUN, MINUTE} else ()
    known = ruling.rules.budgets.get(draft.budget_id) or overridden
    same = known and (known.scope, known.scope_id, known.period) == (scope, scope_id, period)
    action = draft.action or (overridden.action if overridden else BLOCK)
    if action == ASK:
        _refuse_unaskable(draft, scope, scope_id, period)
    new_life = f"{ruling.rules.source[0]}{ruling.rules.version + 1}"
    return Budget(
        budget_id=draft.budget_id,
        scope=scope,
        limit=draft.limit,
        action=action,
        enforcement=draft.enforcement or ENFORCE,
        period=period,
        scope_id=scope_id,
        thresholds=usual if draft.thresholds is None else draft.thresholds,
        created_at=(known.created_at if known and same else None) or ruling.at,
        source=ruling.rules.source,
        life=known.life if known and same else new_life,
        counted=draft.counted,
        counted_since=_since(draft, known if same else None, ruling.at),
        reserve_percent=draft.reserve_percent,
        downgrade=draft.downgrade,
        rollover=rollover if not (rollover and known and same) else _going_on(rollover, known),
    )


def _since(draft: Draft, known: Budget | None, now: datetime) -> dict[str, datetime]:
    """Return when each limit in tokens or calls was set: now, unless the budget had one before."""
    before = known.counted_since if known else {}
    return {unit: before.get(unit, now) for unit in draft.counted}


def _rollover(
    draft: Draft, scope_id: str | None, period: str, ruling: RulesSnapshot
) -> Rollover | None:
    """Return the rollover. Raises ValidationError for a budget with many accounts."""
    if draft.rollover is None:
        return None
    if period != MONTH or draft.limit is None:
        raise ValidationError("rollover_usd needs period month and a limit_usd", "rollover_usd")
    if ruling.rules.source == "system" or scope_id == "*":
        raise ValidationError("rollover_usd is set for one tenant and one name", "rollover_usd")
    return Rollover(draft.rollover, ruling.policy.calendar.name(MONTH, ruling.at))


def _going_on(rollover: Rollover, known: Budget) -> Rollover:
    """The rule with the first month that it had before."""
    return replace(rollover, since=known.rollover.since) if known.rollover else rollover


def _overridden(draft: Draft, ruling: RulesSnapshot, inherited: Budget | None) -> Budget | None:
    """Return the overridden budget, or None.

    A system budget of scope `system` cannot be overridden, unless the tenant used its id before.
    """
    if not inherited or inherited.scope != SYSTEM_SCOPE or ruling.rules.source == "system":
        return inherited
    if draft.budget_id in ruling.rules.budgets:
        return None
    raise ValidationError(
        f"budget_id {draft.budget_id} is the system's: set it at /system/budgets", "budget_id"
    )


def _kept(draft: Draft, overridden: Budget | None) -> tuple[str, str]:
    """Return scope and period: the overridden budget's, or the requested ones."""
    if overridden:
        for field, asked, kept in (
            ("scope", draft.scope, overridden.scope),
            ("period", draft.period, overridden.period),
        ):
            if asked not in {None, kept}:
                raise ValidationError(f"{field} of {draft.budget_id} must stay {kept}", field)
        return overridden.scope, overridden.period
    if draft.scope is None:
        raise ValidationError("scope is required", "scope")
    if draft.period is None:
        raise ValidationError("period is required", "period")
    return draft.scope, draft.period


def _scope_id(
    draft: Draft, scope: str, period: str, ruling: RulesSnapshot, overridden: Budget | None
) -> str | None:
    """Return the name that the budget is for; None: every one of the scope."""
    owner = {TENANT: ruling.rules.tenant_id, SYSTEM_SCOPE: "system"}.get(scope)
    if overridden and draft.scope_id not in {None, overridden.scope_id, owner}:
        raise ValidationError(f"scope_id of {draft.budget_id} cannot change", "scope_id")
    if overridden:
        return overridden.scope_id
    if scope in {TENANT, SYSTEM_SCOPE}:
        if draft.scope_id not in {None, owner}:
            raise ValidationError(f"a budget of scope {scope} takes no scope_id", "scope_id")
        return None
    if draft.scope_id is None and (scope in _NAMED or (scope == WORKFLOW and period != RUN)):
        raise ValidationError(f"scope_id is required: the name of the {scope}", "scope_id")
    _refuse_wildcard(draft, scope)
    return draft.scope_id


def _refuse_wildcard(draft: Draft, scope: str) -> None:
    """Raise ValidationError for a `*` that would match no name or cannot be enforced."""
    name = draft.scope_id or ""
    if EACH not in name:
        return
    if name == EACH and scope not in EACH_SCOPES:
        raise ValidationError(
            f"scope_id * is not allowed with scope {scope}: leave it out to mean each by itself",
            "scope_id",
        )
    family = scope == MODEL and is_family(name) and name.count(EACH) == 1
    if name != EACH and not family:
        raise ValidationError(
            "scope_id is a name, or * for each name by itself; a budget of scope model also takes "
            "families such as claude-*",
            "scope_id",
        )
    if name == EACH and draft.action == BLOCK_NEW:
        raise ValidationError(
            "action block_new is not allowed with scope_id *: which names were at their limit when "
            "a run began is not known",
            "action",
        )


def _possible(draft: Draft, scope: str, period: str, ruling: RulesSnapshot) -> None:
    if scope == SYSTEM_SCOPE and ruling.rules.source == "tenant":
        raise ValidationError("set budgets of scope system at /system/budgets", "scope")
    if period == RUN and scope not in _OF_RUNS:
        raise ValidationError(
            f"period run requires scope workflow, execution or agent, not {scope}", "period"
        )
    if scope == EXECUTION and period != RUN:
        raise ValidationError("a budget of scope execution must have period run", "period")
    if draft.action == BLOCK_NEW and period == RUN:
        raise ValidationError(
            "action block_new lets running runs finish, so it cannot be used with period run",
            "action",
        )


def _refuse_unaskable(draft: Draft, scope: str, scope_id: str | None, period: str) -> None:
    """Raise ValidationError for a budget that no approval can raise for one run."""
    if draft.limit is None or draft.counted:
        raise ValidationError(
            "action ask raises a limit in USD: set limit_usd, and no limit_tokens or limit_calls",
            "action",
        )
    if scope == SYSTEM_SCOPE:
        raise ValidationError(
            "action ask is not allowed with scope system: a tenant cannot get its money",
            "action",
        )
    if scope_id == EACH and period != RUN:
        raise ValidationError(
            "action ask is not allowed with scope_id *: a raise would apply to every name", "action"
        )
