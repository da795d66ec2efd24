"""The operations that break a month down: of a tenant, and of all tenants together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    MODEL,
    PROVIDER,
    RANKED_NAMES,
    SYSTEM,
    TAG,
    USER,
    WORKFLOW_NAME,
)
from budget_monitor.domain.accounting.labels import parts
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render as render_usd
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.formats.tables import BREAKDOWN, items_table, read_format
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.reporting.services import MAX_ITEMS, Services
from budget_monitor.usecases.reports.breakdowns import DAYS, Cut
from budget_monitor.usecases.reports.report import Breakdown, Sourced
from budget_monitor.usecases.reports.system_breakdowns import parts_of_pair

_Context = RequestContext[Services]

_USD = r"-?[0-9]{1,26}(\.[0-9]{1,12})?"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DAY_OF_TENANT = re.compile(rf"{_DAY.pattern}#[A-Za-z0-9._:-]{{1,128}}", re.ASCII)
_LINE = re.compile(rf"{_USD}#n?#[^#]{{0,4096}}")
"""The position of a line of a breakdown that is read whole: its spend and its name."""
GROUPS = ("tenant",)
"""Further groupings of the system's breakdowns."""
_NO_PAIRS = (
    "group_by: a tenant's breakdowns are by one label, because no account counts two. The system's "
    "breakdowns take group_by=tenant. For pairs of labels export the ledger (GET .../costs as CSV, "
    "or export_month)"
)
_BY = {DAYS: "day", WORKFLOW_NAME: "workflow"}
"""Column names of these scopes in tables."""
_RANKED = re.compile(rf"({_USD}%23[^#]{{1,4096}})?#(shown)?")
"""The position of a line in a list by spend, and whether the line without a name was shown."""


def _tenant(context: _Context, fields: Fields, scope: str) -> Answer:
    tenant_id = fields.tenant()
    position = _RANKED if scope in RANKED_NAMES else _LINE
    read = partial(context.services.views.breakdowns.costs, tenant_id)
    try:
        return _answer(fields, (scope, tenant_id), position, read)
    except ValidationError as fault:
        if fault.field != "group_by":
            raise
        raise ValidationError(_NO_PAIRS, "group_by") from fault


def _system(context: _Context, fields: Fields, scope: str) -> Answer:
    by_tenant = fields.choice("group_by", GROUPS) is not None
    read = context.services.views.system_breakdowns.costs
    if not by_tenant:
        return _answer(fields, (scope, SYSTEM), _LINE, read)
    whose = (scope, SYSTEM, *GROUPS)
    form = _DAY_OF_TENANT if scope == DAYS else _LINE
    return _answer(fields, whose, form, lambda cut: read(replace(cut, by_tenant=True)))


def _of_tenant(item: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """A line of a breakdown by name and tenant."""
    if scope == DAYS:
        day, tenant_id = parts(item["name"])
        return {**item, "name": day, "tenant_id": tenant_id}
    tenant_id, name = parts_of_pair(item["name"])
    return {**item, "name": name, "tenant_id": tenant_id}


def _answer(
    fields: Fields,
    whose: tuple[str, ...],
    position: re.Pattern[str],
    read: Callable[[Cut], Sourced[Breakdown]],
) -> Answer:
    scope = whose[0]
    month, limit = fields.month("month"), fields.count("limit", 1, MAX_ITEMS) or MAX_ITEMS
    query = ("breakdown", *whose, month)
    by_tenant = len(whose) > len((scope, SYSTEM))
    form = _DAY if scope == DAYS and not by_tenant else position
    after, wanted = read_cursor(fields.opaque("cursor"), form, *query), read_format(fields)
    fields.finish()
    shown = read(Cut(scope, month, limit, after))
    found = shown.found
    items = [render.share(name, account, found.total) for name, account in found.items]
    if found.spellings is not None:
        items = [{**one, "spellings": [*found.spellings[one["name"]]]} for one in items]
    if by_tenant:
        items = [_of_tenant(one, scope) for one in items]
    cursor = write_cursor(found.resume_at, *query)
    if wanted:
        tenant_id = None if whose[1] == SYSTEM else whose[1]
        same = {"tenant_id": tenant_id, "month": found.month, "by": _BY.get(scope, scope)}
        return items_table(wanted, BREAKDOWN, items, cursor, **same)
    return Answer(
        {
            "month": found.month,
            "items": items,
            "total_usd": render_usd(found.total),
            "cursor": cursor,
            **render.origin(shown.origin),
        }
    )


def agent_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by agent."""
    return _tenant(context, fields, AGENT)


def model_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by model."""
    return _tenant(context, fields, MODEL)


def daily_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by day."""
    return _tenant(context, fields, DAYS)


def user_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by user."""
    return _tenant(context, fields, USER)


def tag_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by tag.

    A cost with several tags counts in each of them, so the items may add up to more than the month.
    """
    return _tenant(context, fields, TAG)


def workflow_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by workflow name.

    For single workflow executions see `list_workflows`.
    """
    return _tenant(context, fields, WORKFLOW_NAME)


def provider_costs(context: _Context, fields: Fields) -> Answer:
    """Break a tenant's month down by provider."""
    return _tenant(context, fields, PROVIDER)


def system_agent_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by agent: tenants' agents of one name are one line."""
    return _system(context, fields, AGENT)


def system_model_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by model."""
    return _system(context, fields, MODEL)


def system_daily_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by day, each day in its tenant's time zone."""
    return _system(context, fields, DAYS)


def system_user_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by user: tenants' users of one name are one line."""
    return _system(context, fields, USER)


def system_tag_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by tag.

    A cost with several tags counts in each of them, so the items may add up to more than the month.
    """
    return _system(context, fields, TAG)


def system_workflow_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by workflow name: those of one name are one line."""
    return _system(context, fields, WORKFLOW_NAME)


def system_provider_costs(context: _Context, fields: Fields) -> Answer:
    """Break the system's month down by provider."""
    return _system(context, fields, PROVIDER)


_USAGE, _SYSTEM = "/tenants/{tenant_id}/usage", "/system/usage"


def _read(name: str, path: str, run: Callable[[_Context, Fields], Answer]) -> Operation[Services]:
    return Operation(name, "GET", path, run, negotiates=True)


OPERATIONS: tuple[Operation[Services], ...] = (
    _read("agent_costs", f"{_USAGE}/agents", agent_costs),
    _read("model_costs", f"{_USAGE}/models", model_costs),
    _read("daily_costs", f"{_USAGE}/days", daily_costs),
    _read("user_costs", f"{_USAGE}/users", user_costs),
    _read("tag_costs", f"{_USAGE}/tags", tag_costs),
    _read("workflow_costs", f"{_USAGE}/workflows", workflow_costs),
    _read("provider_costs", f"{_USAGE}/providers", provider_costs),
    _read("system_agent_costs", f"{_SYSTEM}/agents", system_agent_costs),
    _read("system_model_costs", f"{_SYSTEM}/models", system_model_costs),
    _read("system_daily_costs", f"{_SYSTEM}/days", system_daily_costs),
    _read("system_user_costs", f"{_SYSTEM}/users", system_user_costs),
    _read("system_tag_costs", f"{_SYSTEM}/tags", system_tag_costs),
    _read("system_workflow_costs", f"{_SYSTEM}/workflows", system_workflow_costs),
    _read("system_provider_costs", f"{_SYSTEM}/providers", system_provider_costs),
)
