"""The operations that change parts of a budget, of a tenant or of the system."""

from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.budgets import ACTIONS, ENFORCEMENTS, PERIODS, SCOPES
from budget_monitor.entrypoints.budgeting.budgets import (
    MAX_THRESHOLD,
    MAX_THRESHOLDS,
    edited,
    owner_of,
    with_usage,
)
from budget_monitor.entrypoints.budgeting.limit_fields import (
    read_counted,
    read_downgrade,
    read_reserve,
)
from budget_monitor.entrypoints.budgeting.request import Services, command_of, versioned, with_name
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.rules.grants import AddGrant

MAX_PRIORITY = 1000

_Context = RequestContext[Services]


def update_budget(context: _Context, fields: Fields) -> Answer:
    """Change the fields of a budget that are given; the others stay, and so do live raises."""
    return _update(context, fields, owner_of(fields))


def update_system_budget(context: _Context, fields: Fields) -> Answer:
    """Change fields of a budget of the system, or of a default for every tenant."""
    return _update(context, fields, SYSTEM)


def _update(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    budget_id, given = fields.id("budget_id"), _given(fields)
    command = versioned(fields, tenant_id, "update_budget")
    if not given:
        raise ValidationError("send at least one field of the budget to change", "limit_usd")
    made = context.services.budgeting.update_budget(command, budget_id, given)
    named = bool(given.keys() & {"scope", "scope_id"})
    warning = context.services.seen.warning(made) if named else None
    return Answer({**edited(context, made), "warning": warning})


def _given(fields: Fields) -> dict[str, Any]:
    """Return the given fields of a draft; null removes a limit or a rollover."""
    read = {
        "limit": fields.optional_amount("limit_usd"),
        "scope": fields.choice("scope", SCOPES),
        "scope_id": fields.name("scope_id"),
        "period": fields.choice("period", PERIODS),
        "action": fields.choice("action", ACTIONS),
        "thresholds": fields.counts("thresholds", MAX_THRESHOLDS, MAX_THRESHOLD),
        "enforcement": fields.choice("enforcement", ENFORCEMENTS),
        "rollover": fields.optional_amount("rollover_usd"),
    }
    nulls = {"limit": "limit_usd", "rollover": "rollover_usd"}
    taken_back = {name: None for name, field in nulls.items() if fields.says_none(field)}
    given = {name: value for name, value in read.items() if value is not None}
    return given | taken_back | read_counted(fields) | _winding_down(fields)


def _winding_down(fields: Fields) -> dict[str, Any]:
    none = fields.says_none("downgrade")
    reserve, downgrade = read_reserve(fields), () if none else read_downgrade(fields)
    read = {"reserve_percent": reserve, "downgrade": downgrade}
    return {name: value for name, value in read.items() if value is not None}


def add_grant(context: _Context, fields: Fields) -> Answer:
    """Add prepaid money to a budget of period total, with who and why."""
    tenant_id, budget_id = fields.tenant(), fields.id("budget_id")
    make = fields.key_or("add_grant", context.ids.new)
    given = fields.caller_id("grant_id", canonical=False)
    grant = AddGrant(
        given or make(),
        fields.amount("amount_usd"),
        fields.instant("expires_at"),
        fields.count("priority", 0, MAX_PRIORITY) or 0,
    )
    command = with_name(
        command_of(fields, tenant_id, "add_grant"), "grant_id", given, grant.grant_id
    )
    services = context.services
    view = services.limit_watch.edited(services.budgeting.add_grant(command, budget_id, grant))
    standings = services.budget_usage.of([view]).get(budget_id, ())
    body = {**with_usage(view, standings), "grant_id": view.name, "principal": view.principal}
    return Answer(body, 200 if view.replayed else 201)


def delete_raise(context: _Context, fields: Fields) -> Answer:
    """Remove a raise, at once or from `until` on, with who and why."""
    return _delete_raise(context, fields, owner_of(fields))


def delete_system_raise(context: _Context, fields: Fields) -> Answer:
    """Remove a raise of a system budget, or of a default for every tenant."""
    return _delete_raise(context, fields, SYSTEM)


def _delete_raise(context: _Context, fields: Fields, tenant_id: str) -> Answer:
    budget_id, raise_id = fields.id("budget_id"), fields.id("raise_id")
    until = fields.instant("until")
    command = versioned(fields, tenant_id, "delete_raise")
    shown = context.services.budgeting.delete_raise(command, budget_id, raise_id, until)
    return Answer(edited(context, shown))


_ONE, _TENANT = "/budgets/{budget_id}", "/tenants/{tenant_id}"
_RAISE = f"{_ONE}/raises/{{raise_id}}"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("update_budget", "PATCH", f"{_TENANT}{_ONE}", update_budget),
    Operation("add_grant", "POST", f"{_TENANT}{_ONE}/grants", add_grant),
    Operation("delete_raise", "DELETE", f"{_TENANT}{_RAISE}", delete_raise),
    Operation("update_system_budget", "PATCH", f"/system{_ONE}", update_system_budget),
    Operation("delete_system_raise", "DELETE", f"/system{_RAISE}", delete_system_raise),
)
