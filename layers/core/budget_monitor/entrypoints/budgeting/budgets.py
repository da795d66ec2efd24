"""The operations of budgets: a tenant's and the system's."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM, SYSTEM_SCOPE, TENANT
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.periods import RUN
from budget_monitor.domain.requests import Request
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES, Budget
from budget_monitor.domain.rules.limits import dump_counted
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.entrypoints.budgeting import history
from budget_monitor.entrypoints.budgeting.limit_fields import (
    read_downgrade,
    read_limits,
    read_reserve,
)
from budget_monitor.entrypoints.budgeting.request import Services, versioned, with_name
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.formats.tables import BUDGET, items_table, read_format
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.door.render import time, usd
from budget_monitor.usecases.rules.budget_draft import Draft
from budget_monitor.usecases.rules.budget_usage import in_usd
from budget_monitor.usecases.rules.budgets import BudgetView
from budget_monitor.usecases.rules.raises import LimitRaise

MAX_THRESHOLDS, MAX_THRESHOLD = 10, 1000

_Context = RequestContext[Services]


def list_budgets(context: _Context, fields: Fields) -> Answer:
    """List every budget that applies to a tenant, with its present limit."""
    return _list(context, fields, fields.tenant())


def list_system_budgets(context: _Context, fields: Fields) -> Answer:
    """List the system's budgets and the defaults of all tenants."""
    return _list(context, fields, SYSTEM)


def _list(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    wanted = read_format(fields)
    fields.finish()
    found = context.services.budgeting.list_budgets(tenant_id)
    usage = context.services.budget_usage.of(found)
    items = [with_usage(one, usage.get(one.budget.budget_id, ())) for one in found]
    return items_table(wanted, BUDGET, items) if wanted else Answer({"items": items})


def get_budget(context: _Context, fields: Fields) -> Answer:
    """Return a budget as it applies now, with what is spent, held and left of it."""
    return _get(context, fields, owner_of(fields))


def get_system_budget(context: _Context, fields: Fields) -> Answer:
    """Return a budget of the system, or a default that applies to each tenant."""
    return _get(context, fields, SYSTEM)


def _get(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    budget_id, name = fields.id("budget_id"), fields.name("name")
    fields.finish()
    found = context.services.budgeting.get_budget(tenant_id, budget_id)
    one = found.budget
    if name is not None and not (one.is_each or one.period == RUN):
        raise ValidationError(f"name: {budget_id} has one account for all, and no names", "name")
    standings = context.services.budget_usage.of([found], name).get(budget_id, ())
    return Answer({**with_usage(found, standings), **({"name": name} if name else {})})


def set_budget(context: _Context, fields: Fields) -> Answer:
    """Create a budget, or replace the one with this id."""
    return _set(context, fields, owner_of(fields))


def set_system_budget(context: _Context, fields: Fields) -> Answer:
    """Create or replace a budget of the system, or a default for all tenants."""
    return _set(context, fields, SYSTEM)


def owner_of(fields: Fields) -> str:
    """The tenant; SYSTEM for a direct invocation that names none and asks for a system budget."""
    tenant_id = fields.optional_tenant()
    if tenant_id is not None:
        return tenant_id
    if fields.choice("scope", SCOPES) == SYSTEM_SCOPE or fields.id("budget_id") == "system-month":
        return SYSTEM
    raise fields.missing("tenant_id")


def _set(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    limit, counted = read_limits(fields)
    draft = Draft(
        budget_id=fields.id("budget_id"),
        limit=limit,
        scope=fields.choice("scope", SCOPES),
        scope_id=fields.name("scope_id"),
        period=fields.choice("period", PERIODS),
        action=fields.choice("action", ACTIONS),
        thresholds=fields.counts("thresholds", MAX_THRESHOLDS, MAX_THRESHOLD),
        enforcement=fields.choice("enforcement", ENFORCEMENTS),
        counted=counted,
        reserve_percent=read_reserve(fields) or 0,
        downgrade=read_downgrade(fields) or (),
        rollover=fields.optional_amount("rollover_usd"),
    )
    command = versioned(fields, tenant_id, "set_budget")
    made = context.services.budgeting.set_budget(command, draft)
    return Answer({**edited(context, made), "warning": context.services.seen.warning(made)})


def delete_budget(context: _Context, fields: Fields) -> Answer:
    """Delete a budget. A default that it replaced applies again."""
    return _delete(context, fields, owner_of(fields))


def delete_system_budget(context: _Context, fields: Fields) -> Answer:
    """Delete a budget of the system. A default that it replaced applies again."""
    return _delete(context, fields, SYSTEM)


def _delete(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    budget_id = fields.id("budget_id")
    command = versioned(fields, tenant_id, "delete_budget")
    shown = context.services.budgeting.delete_budget(command, budget_id)
    return Answer({**edited(context, shown), "deleted": True})


def raise_limit(context: _Context, fields: Fields) -> Answer:
    """Raise a limit for the present period, or until a moment."""
    return _raise(context, fields, owner_of(fields))


def raise_system_limit(context: _Context, fields: Fields) -> Answer:
    """Raise a limit of the system, or a default of all tenants, for a while."""
    return _raise(context, fields, SYSTEM)


def _raise(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    budget_id = fields.id("budget_id")
    make = fields.key_or("raise_limit", context.ids.new)
    given = fields.caller_id("raise_id", canonical=False)
    lift = LimitRaise(
        given or make(), fields.amount("amount_usd", signed=True), fields.instant("until")
    )
    command = with_name(
        versioned(fields, tenant_id, "raise_limit"), "raise_id", given, lift.raise_id
    )
    shown = context.services.budgeting.raise_limit(command, budget_id, lift)
    body = {**edited(context, shown), "raise_id": shown.name}
    return Answer(body, 200 if shown.replayed else 201)


def budget_history(context: _Context, fields: Fields) -> Answer:
    """List the changes of a budget, the latest first: who, when, why, before and after."""
    return _history(context, fields, owner_of(fields), fields.id("budget_id"))


def system_budget_history(context: _Context, fields: Fields) -> Answer:
    """List the changes of a budget of the system, the latest first."""
    return _history(context, fields, SYSTEM, fields.id("budget_id"))


def tenant_history(context: _Context, fields: Fields) -> Answer:
    """List all changes of a tenant's budgets, prices and settings, the latest first."""
    return _history(context, fields, fields.tenant(), None)


def system_history(context: _Context, fields: Fields) -> Answer:
    """List all changes of the system's budgets and prices, the latest first."""
    return _history(context, fields, SYSTEM, None)


def _history(context: _Context, fields: Fields, tenant_id: str, budget_id: str | None) -> Answer:
    query = ("history", tenant_id, budget_id)

    def of_it(change: Request) -> bool:
        return budget_id in {None, change.get("budget_id")}

    return Answer(history.page(context, fields, rules_key(tenant_id), query, of_it))


def edited(context: _Context, shown: BudgetView) -> dict[str, Any]:
    """Return a budget after an edit; alert people if its limit fell below the present spend."""
    told = context.services.limit_watch.edited(shown)
    return {**budget(told), "principal": told.principal}


def budget(shown: BudgetView) -> dict[str, Any]:
    """The answer of a budget, as it applies now."""
    one, at = shown.budget, shown.at
    period = RUN if one.period == RUN else shown.calendar.name(one.period, at)
    raised = one.at(at, period)
    owners = {TENANT: shown.tenant_id, SYSTEM_SCOPE: "system"}
    own = budget_account(one, shown.tenant_id, period).scope == "budget" and one.period != RUN
    live = [r.dump() for r in one.raises if r.applies(at, period)]
    return {
        "budget_id": one.budget_id,
        "tenant_id": None if shown.tenant_id == SYSTEM else shown.tenant_id,
        "scope": one.scope,
        "scope_id": one.scope_id or owners.get(one.scope),
        "period": one.period,
        "limit_usd": _usd(raised.limit),
        "base_limit_usd": _usd(one.limit),
        **_counted(one),
        "reserve_percent": one.reserve_percent,
        "downgrade": [rung.dump() for rung in one.downgrade],
        "raises": live,
        "action": one.action,
        "thresholds": list(one.thresholds),
        "enforcement": one.enforcement,
        "rollover_usd": usd(one.rollover.most) if one.rollover else None,
        "carried_usd": usd(one.carried[period]) if period in one.carried else None,
        "source": one.source,
        "counting_since": time(one.created_at) if own else None,
        "warnings": list(shown.warnings),
        "version": shown.version,
        "replayed": shown.replayed,
        "hidden": shown.private,
        **(_HIDDEN if shown.private else {}),
    }


_AMOUNTS = ("limit_usd", "base_limit_usd", "limit_tokens", "limit_calls")
_HIDDEN: dict[str, Any] = {
    **dict.fromkeys((*_AMOUNTS, "rollover_usd", "carried_usd")),
    "raises": [],
}
"""The fields that a tenant sees of a budget with hidden amounts."""


def _counted(one: Budget) -> dict[str, Any]:
    return {"limit_tokens": None, "limit_calls": None, **dump_counted(one.counted)}


def with_usage(shown: BudgetView, standings: Sequence[Standing]) -> dict[str, Any]:
    """A budget with what is spent, held and left in each unit; null without an account.

    `used_percent` is that of the first unit that it limits, USD before tokens before calls.
    """
    known: dict[str, Any] = dict.fromkeys(render.USAGE)
    for one in reversed(standings):
        known |= render.usage(one)
    return {**budget(shown), **known, "grants": grants(shown, in_usd(standings))}


def grants(shown: BudgetView, standing: Standing | None) -> list[dict[str, Any]]:
    """The grants of a budget with what is left of each, in the order in which they are spent."""
    balance, at = shown.budget.balance, shown.at
    spent = standing.totals.spent if standing else ZERO
    return [
        {**one.dump(), "left_usd": usd(balance.left(one, spent, at))}
        for one in sorted(balance.grants, key=lambda grant: grant.rank)
    ]


def _usd(limit: Decimal | None) -> str | None:
    return None if limit is None else usd(limit)


_BUDGETS, _ONE = "/budgets", "/budgets/{budget_id}"
_TENANT = "/tenants/{tenant_id}"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("list_budgets", "GET", f"{_TENANT}{_BUDGETS}", list_budgets, negotiates=True),
    Operation("get_budget", "GET", f"{_TENANT}{_ONE}", get_budget),
    Operation("set_budget", "PUT", f"{_TENANT}{_ONE}", set_budget),
    Operation("delete_budget", "DELETE", f"{_TENANT}{_ONE}", delete_budget),
    Operation("raise_limit", "POST", f"{_TENANT}{_ONE}/raises", raise_limit),
    Operation("budget_history", "GET", f"{_TENANT}{_ONE}/history", budget_history),
    Operation("tenant_history", "GET", f"{_TENANT}/history", tenant_history),
    Operation(
        "list_system_budgets", "GET", f"/system{_BUDGETS}", list_system_budgets, negotiates=True
    ),
    Operation("get_system_budget", "GET", f"/system{_ONE}", get_system_budget),
    Operation("set_system_budget", "PUT", f"/system{_ONE}", set_system_budget),
    Operation("delete_system_budget", "DELETE", f"/system{_ONE}", delete_system_budget),
    Operation("raise_system_limit", "POST", f"/system{_ONE}/raises", raise_system_limit),
    Operation("system_budget_history", "GET", f"/system{_ONE}/history", system_budget_history),
    Operation("system_history", "GET", "/system/history", system_history),
)
