"""The operations that list a tenant's runs and reservations."""

import re
from typing import Any

from budget_monitor.domain.accounting.accounts import EXECUTION, WORKFLOW
from budget_monitor.entrypoints.door import cursors, render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.door.page_size import fitting
from budget_monitor.entrypoints.reporting.services import Services, page_limit
from budget_monitor.usecases.reports import hold_list
from budget_monitor.usecases.reports.run_list import (
    ORDERS,
    RECENT,
    SPEND,
    STATES,
    ListedRun,
    RunFilter,
)

_Context = RequestContext[Services]

RUN_STATES = {EXECUTION: tuple(one for one in STATES if one != "paused"), WORKFLOW: STATES}
_BY_SPEND = re.compile(r"-?[0-9]{1,26}(\.[0-9]{1,12})?#[^#]{1,1024}")
_BY_TIME = re.compile(r"([0-9T:.-]{26}Z)?#[^#]{1,1024}")
"""Position of a run: its spend or its beginning, and its account."""


def list_executions(context: _Context, fields: Fields) -> Answer:
    """List a tenant's agent executions, the latest or the largest first.

    A page may have fewer items than asked for where a filter leaves many out: go on with `cursor`.
    """
    return _runs(context, fields, EXECUTION, "agent")


def list_workflows(context: _Context, fields: Fields) -> Answer:
    """List a tenant's workflow executions, the latest or the largest first.

    A page may have fewer items than asked for where a filter leaves many out: go on with `cursor`.
    """
    return _runs(context, fields, WORKFLOW, "workflow")


def _runs(context: _Context, fields: Fields, scope: str, name: str) -> Answer:
    tenant_id, limit = fields.tenant(), page_limit(fields)
    order = fields.choice("order", ORDERS) or RECENT
    wanted = RunFilter(
        scope,
        order,
        fields.choice("state", RUN_STATES[scope]),
        fields.name(name),
        fields.truth("paused") if scope == WORKFLOW else None,
    )
    query = ("runs", tenant_id, scope, order, wanted.state, wanted.name, str(wanted.paused))
    form = _BY_SPEND if order == SPEND else _BY_TIME
    after = read_cursor(fields.opaque("cursor"), form, *query)
    fields.finish()
    page = context.services.views.runs.page(tenant_id, wanted, limit, after)
    items = [_run(one, name) for one in page.runs]
    return Answer({"items": items, "cursor": write_cursor(page.resume_at, *query)})


def _run(one: ListedRun, name: str) -> dict[str, Any]:
    labels = one.labels
    return {
        **render.status(one.standing),
        "agent_execution_id": labels.agent_execution_id,
        "workflow_execution_id": labels.workflow_execution_id,
        "parent_execution_id": labels.parent_execution_id,
        name: one.account.name,
        "began_at": one.began_at,
        **render.run_state(one.standing, one.account.terms),
    }


def list_reservations(context: _Context, fields: Fields) -> Answer:
    """List a tenant's reservations, the latest first.

    A page may have fewer items than asked for where a filter leaves many out: go on with `cursor`.
    """
    tenant_id, limit = fields.tenant(), page_limit(fields)
    wanted = hold_list.HoldFilter(fields.choice("state", hold_list.STATES), fields.name("agent"))
    query = ("reservations", tenant_id, wanted.state, wanted.agent)
    after = read_cursor(fields.opaque("cursor"), cursors.MOMENT, *query)
    fields.finish()
    page = context.services.views.holds.page(tenant_id, wanted, limit, after)
    items = [render.reservation(one, context.clock.now()) for one in page.holds]
    count, resume_at = fitting(items), page.resume_at
    if count < len(items):
        resume_at = page.holds[count - 1].hold.position
    return Answer({"items": items[:count], "cursor": write_cursor(resume_at, *query)})


_TENANT = "/tenants/{tenant_id}"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("list_executions", "GET", f"{_TENANT}/executions", list_executions),
    Operation("list_workflows", "GET", f"{_TENANT}/workflows", list_workflows),
    Operation("list_reservations", "GET", f"{_TENANT}/reservations", list_reservations),
)
