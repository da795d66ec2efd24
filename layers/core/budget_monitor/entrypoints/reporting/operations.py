"""The operations of the reporting function."""

from collections.abc import Callable
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.money import render as render_usd
from budget_monitor.entrypoints.door import cursors, render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.reporting import alerts as sent
from budget_monitor.entrypoints.reporting import breakdowns, lists, prices, tenant_list
from budget_monitor.entrypoints.reporting import headroom as runs
from budget_monitor.entrypoints.reporting import shadow_report as shadows
from budget_monitor.entrypoints.reporting import statements as months
from budget_monitor.entrypoints.reporting.ledger import entries_page, ledger
from budget_monitor.entrypoints.reporting.services import Services, page_limit
from budget_monitor.usecases.reports.report import Run, Sourced, SystemUsage

_Context = RequestContext[Services]


def tenant_usage(context: _Context, fields: Fields) -> Answer:
    """Return what a tenant spent and holds in a month, and its limit."""
    tenant_id, month = fields.tenant(), fields.month("month")
    fields.finish()
    shown = context.services.reporting.tenant_usage(tenant_id, month)
    return Answer(render.status(shown.found) | render.origin(shown.origin))


def system_usage(context: _Context, fields: Fields) -> Answer:
    """Return what all tenants together spent and hold in a month, with a page of tenants."""
    month, limit = fields.month("month"), page_limit(fields)
    query = ("system_usage", month)
    after = read_cursor(fields.opaque("cursor"), cursors.TENANT, *query)
    fields.finish()
    shown = context.services.reporting.system_usage(month, limit, after)
    usage = shown.found
    return Answer(
        {
            **render.status(usage.standing),
            "tenants": _tenants(usage),
            "cursor": write_cursor(usage.resume_at, *query),
            **render.origin(shown.origin),
        }
    )


def _tenants(usage: SystemUsage) -> list[dict[str, Any]]:
    total = usage.standing.totals.spent
    return [
        {
            "tenant_id": one.key.tenant_id,
            "held_usd": render_usd(one.totals.held),
            **render.portion(one, total),
        }
        for one in usage.tenants
    ]


def execution(context: _Context, fields: Fields) -> Answer:
    """Return one agent execution: its total with its children's, and its own entries."""
    return _run(fields, "agent_execution_id", context.services.reporting.execution)


def workflow(context: _Context, fields: Fields) -> Answer:
    """Return one workflow execution: its total, and its own and its agents' entries."""
    return _run(fields, "workflow_execution_id", context.services.reporting.workflow)


def _run(
    fields: Fields, kind: str, read: Callable[[str, str, int, str | None], Sourced[Run]]
) -> Answer:
    tenant_id, name, limit = fields.tenant(), fields.id_in_path(kind), page_limit(fields)
    query = (kind, tenant_id, name)
    after = read_cursor(fields.opaque("cursor"), cursors.ENTRY, *query)
    fields.finish()
    shown = read(tenant_id, name, limit, after)
    run = shown.found
    labels, (items, cursor) = run.labels, entries_page(run.entries, run.resume_at, *query)
    return Answer(
        {
            **render.status(run.standing),
            "agent_execution_id": labels.agent_execution_id,
            "workflow_execution_id": labels.workflow_execution_id,
            "parent_execution_id": labels.parent_execution_id,
            **render.run_state(run.standing, run.terms),
            "items": items,
            "cursor": cursor,
            **render.origin(shown.origin),
        }
    )


def shadow_report(context: _Context, fields: Fields) -> Answer:
    """List the runs that shadow budgets would have refused, with the amounts."""
    return Answer(shadows.of_tenant(context.services.shadowing, fields))


def system_shadow_report(context: _Context, fields: Fields) -> Answer:
    """Report what shadow budgets would have blocked, by tenant: runs and amounts."""
    return Answer(shadows.of_system(context.services.system_shadowing, fields))


def list_tenants(context: _Context, fields: Fields) -> Answer:
    """List the tenants that held or spent anything recently, with their state."""
    return Answer(tenant_list.list_tenants(context.services.tenants, fields))


def alerts(context: _Context, fields: Fields) -> Answer:
    """List a tenant's alerts of a month, the latest first, and whether they were sent."""
    return Answer(
        sent.alerts(context.services.alerts, fields, fields.tenant(), context.clock.now())
    )


def system_alerts(context: _Context, fields: Fields) -> Answer:
    """List the system's alerts of a month, the latest first."""
    return Answer(sent.alerts(context.services.alerts, fields, SYSTEM, context.clock.now()))


def statements(context: _Context, fields: Fields) -> Answer:
    """List a tenant's statements of closed months, the latest first."""
    return months.of_tenant(context.services.statements, fields)


def system_statements(context: _Context, fields: Fields) -> Answer:
    """List the system's statements of closed months, the latest first."""
    return months.of_system(context.services.statements, fields)


def forecast(context: _Context, fields: Fields) -> Answer:
    """Forecast a tenant's spend at the end of the month, with the method."""
    return Answer(months.outlook(context.services.forecasting, fields))


def openapi(context: _Context, fields: Fields) -> Answer:
    """Return this API's OpenAPI document."""
    fields.finish()
    return Answer(context.services.openapi())


def headroom(context: _Context, fields: Fields) -> Answer:
    """Return how much is left for these labels."""
    return Answer(runs.headroom(context.services.headroom, fields))


def quote(context: _Context, fields: Fields) -> Answer:
    """Return what `record_cost` would book for this body, and why. Nothing is booked."""
    return prices.quote(context.services.quoting, fields)


def price_models(context: _Context, fields: Fields) -> Answer:
    """List every model of the price list, with the list's version and date."""
    return prices.price_models(context.services.quoting, fields)


def match_prices(context: _Context, fields: Fields) -> Answer:
    """Return the price that each of up to 100 names would get."""
    return prices.match_prices(context.services.quoting, fields)


_USAGE = "/tenants/{tenant_id}/usage"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("quote", "POST", "/tenants/{tenant_id}/prices/quote", quote, repeatable=True),
    Operation("price_models", "GET", "/prices/models", price_models),
    Operation(
        "match_prices",
        "POST",
        "/tenants/{tenant_id}/prices/match",
        match_prices,
        repeatable=True,
    ),
    Operation("tenant_usage", "GET", _USAGE, tenant_usage),
    Operation("system_usage", "GET", "/system/usage", system_usage),
    *breakdowns.OPERATIONS,
    *lists.OPERATIONS,
    Operation("execution", "GET", "/tenants/{tenant_id}/executions/{id}", execution),
    Operation("workflow", "GET", "/tenants/{tenant_id}/workflows/{id}", workflow),
    Operation("ledger", "GET", "/tenants/{tenant_id}/costs", ledger, negotiates=True),
    Operation("alerts", "GET", "/tenants/{tenant_id}/alerts", alerts),
    Operation("system_alerts", "GET", "/system/alerts", system_alerts),
    Operation("shadow_report", "GET", "/tenants/{tenant_id}/shadow-report", shadow_report),
    Operation("statements", "GET", "/tenants/{tenant_id}/statements", statements, negotiates=True),
    Operation("system_statements", "GET", "/system/statements", system_statements, negotiates=True),
    Operation("system_shadow_report", "GET", "/system/shadow-report", system_shadow_report),
    Operation("list_tenants", "GET", "/tenants", list_tenants),
    Operation("forecast", "GET", "/tenants/{tenant_id}/forecast", forecast),
    Operation("openapi", "GET", "/openapi.json", openapi),
    Operation("headroom", "GET", "/tenants/{tenant_id}/headroom", headroom),
)
