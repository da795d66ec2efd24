"""The operations of the reporting function."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render as render_usd
from budget_monitor.domain.periods import render_instant
from budget_monitor.entrypoints.door import cursors, render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.reporting import alerts as sent
from budget_monitor.entrypoints.reporting import headroom as runs
from budget_monitor.entrypoints.reporting import platform, prices
from budget_monitor.entrypoints.reporting import statements as months
from budget_monitor.entrypoints.reporting.csv_ledger import to_csv
from budget_monitor.entrypoints.reporting.page_size import fitting
from budget_monitor.ports.alerts import Alerts
from budget_monitor.usecases.holds.headroom import Headroom
from budget_monitor.usecases.holds.shadow_report import Shadowing
from budget_monitor.usecases.holds.system_shadow_report import SystemShadowing
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.months.statements import Statements
from budget_monitor.usecases.prices.quote import Quoting
from budget_monitor.usecases.reports.report import Breakdown, Run, Sourced
from budget_monitor.usecases.reports.tenant_list import TenantList
from budget_monitor.usecases.reports.usage import Reporting

MAX_ITEMS, DEFAULT_ITEMS = 1000, 100
MAX_DAYS, DEFAULT_DAYS = 366, 30
FORMATS = ("json", "csv")


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the reporting function."""

    reporting: Reporting
    shadowing: Shadowing
    alerts: Alerts
    statements: Statements
    forecasting: Forecasting
    openapi: Callable[[], Mapping[str, Any]]
    """Builds the OpenAPI document. It is loaded only when it is asked for."""
    quoting: Quoting
    headroom: Headroom
    tenants: TenantList
    system_shadowing: SystemShadowing


_Desk = RequestContext[Services]


def tenant_usage(desk: _Desk, fields: Fields) -> Answer:
    """Return what a tenant spent and holds in a month, and its limit."""
    tenant_id, month = fields.tenant(), fields.month("month")
    fields.finish()
    shown = desk.services.reporting.tenant_usage(tenant_id, month)
    return Answer(render.status(shown.found) | render.origin(shown.origin))


def system_usage(desk: _Desk, fields: Fields) -> Answer:
    """Return what all tenants together spent and hold in a month, with a page of tenants."""
    return Answer(platform.system_usage(desk.services.reporting, fields))


def agent_costs(desk: _Desk, fields: Fields) -> Answer:
    """Break a tenant's month down by agent."""
    return _breakdown(fields, desk.services.reporting.agent_costs)


def model_costs(desk: _Desk, fields: Fields) -> Answer:
    """Break a tenant's month down by model."""
    return _breakdown(fields, desk.services.reporting.model_costs)


def daily_costs(desk: _Desk, fields: Fields) -> Answer:
    """Break a tenant's month down by day."""
    return _breakdown(fields, desk.services.reporting.daily_costs)


def _breakdown(fields: Fields, read: Callable[[str, str | None], Sourced[Breakdown]]) -> Answer:
    tenant_id, month = fields.tenant(), fields.month("month")
    fields.finish()
    shown = read(tenant_id, month)
    found = shown.found
    items = [render.share(name, account, found.total) for name, account in found.items]
    if found.spellings is not None:
        items = [{**one, "spellings": [*found.spellings[one["name"]]]} for one in items]
    answer = {"month": found.month, "items": items, "total_usd": render_usd(found.total)}
    return Answer(answer | render.origin(shown.origin))


def execution(desk: _Desk, fields: Fields) -> Answer:
    """Return one agent execution: its total with its children's, and its own entries."""
    return _run(fields, "agent_execution_id", desk.services.reporting.execution)


def workflow(desk: _Desk, fields: Fields) -> Answer:
    """Return one workflow execution: its total, and its own and its agents' entries."""
    return _run(fields, "workflow_execution_id", desk.services.reporting.workflow)


def _run(
    fields: Fields, kind: str, read: Callable[[str, str, int, str | None], Sourced[Run]]
) -> Answer:
    tenant_id, name, limit = fields.tenant(), fields.id_in_path(kind), _limit(fields)
    query = (kind, tenant_id, name)
    after = read_cursor(fields.opaque("cursor"), cursors.ENTRY, *query)
    fields.finish()
    shown = read(tenant_id, name, limit, after)
    run = shown.found
    labels, (items, cursor) = run.labels, _entries(run.entries, run.resume_at, *query)
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


def _entries(
    entries: Sequence[Entry], resume_at: str | None, *query: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """As many entries as one answer holds, and the cursor of the next."""
    items = [render.entry(one) for one in entries]
    count = fitting(items)
    last = resume_at if count == len(items) else entries[count - 1].position
    return items[:count], write_cursor(last, *query)


def ledger(desk: _Desk, fields: Fields) -> Answer:
    """List a tenant's ledger entries, the oldest first, as JSON or CSV."""
    tenant_id, limit = fields.tenant(), _limit(fields)
    start, end = fields.instant("from"), fields.instant("to")
    if start and end and end < start:
        raise ValidationError("to must not be before from", "to")
    wanted = fields.choice("format", FORMATS) or "json"
    span = [None if moment is None else render_instant(moment) for moment in (start, end)]
    query = ("ledger", tenant_id, *span)
    after = read_cursor(fields.opaque("cursor"), cursors.ENTRY, *query)
    fields.finish()
    page = desk.services.reporting.ledger(tenant_id, start, end, limit, after)
    items, cursor = _entries(page.entries, page.resume_at, *query)
    if wanted == "json":
        return Answer({"items": items, "cursor": cursor})
    text = to_csv(items)
    headers = {"content-type": "text/csv; charset=utf-8"}
    if cursor:
        headers["x-next-cursor"] = cursor
    return Answer({"csv": text, "cursor": cursor}, headers=headers, text=text)


def shadow_report(desk: _Desk, fields: Fields) -> Answer:
    """List the runs that shadow budgets would have refused, with the amounts."""
    tenant_id, limit = fields.tenant(), _limit(fields)
    days = fields.count("days", 1, MAX_DAYS) or DEFAULT_DAYS
    query = ("shadow_report", tenant_id, str(days))
    after = read_cursor(fields.opaque("cursor"), cursors.MOMENT, *query)
    fields.finish()
    report = desk.services.shadowing.report(tenant_id, days, limit, after)
    items = [
        {
            **one.labels.public(),
            "budget_id": one.budget_id,
            "times": one.times,
            "amount_usd": render_usd(one.amount),
            "first_at": render_instant(one.first_at),
            "last_at": render_instant(one.last_at),
        }
        for one in report.items
    ]
    return Answer({"days": days, "items": items, "cursor": write_cursor(report.resume_at, *query)})


def system_shadow_report(desk: _Desk, fields: Fields) -> Answer:
    """What shadow budgets would have blocked of all tenants: how many runs, whose, how much."""
    return Answer(platform.system_shadow_report(desk.services.system_shadowing, fields))


def list_tenants(desk: _Desk, fields: Fields) -> Answer:
    """The tenants that held or spent anything of late, with their state."""
    return Answer(platform.list_tenants(desk.services.tenants, fields))


def alerts(desk: _Desk, fields: Fields) -> Answer:
    """List a tenant's alerts of a month, the latest first, and whether they were sent."""
    return Answer(sent.alerts(desk.services.alerts, fields, fields.tenant(), desk.clock.now()))


def system_alerts(desk: _Desk, fields: Fields) -> Answer:
    """List the system's alerts of a month, the latest first."""
    return Answer(sent.alerts(desk.services.alerts, fields, SYSTEM, desk.clock.now()))


def statements(desk: _Desk, fields: Fields) -> Answer:
    """List a tenant's statements of closed months, the latest first."""
    return Answer(months.of_tenant(desk.services.statements, fields))


def system_statements(desk: _Desk, fields: Fields) -> Answer:
    """List the system's statements of closed months, the latest first."""
    return Answer(months.of_system(desk.services.statements, fields))


def forecast(desk: _Desk, fields: Fields) -> Answer:
    """Forecast a tenant's spend at the end of the month, with the method."""
    return Answer(months.outlook(desk.services.forecasting, fields))


def openapi(desk: _Desk, fields: Fields) -> Answer:
    """Return this API's OpenAPI document."""
    fields.finish()
    return Answer(desk.services.openapi())


def headroom(desk: _Desk, fields: Fields) -> Answer:
    """How much is left for these labels."""
    return Answer(runs.headroom(desk.services.headroom, fields))


def _limit(fields: Fields) -> int:
    return fields.count("limit", 1, MAX_ITEMS) or DEFAULT_ITEMS


def quote(desk: _Desk, fields: Fields) -> Answer:
    """What `record_cost` would book for this body, and why. Nothing is booked."""
    return prices.quote(desk.services.quoting, fields)


def price_models(desk: _Desk, fields: Fields) -> Answer:
    """Every model that the price list knows, with the list's version and date."""
    return prices.price_models(desk.services.quoting, fields)


def match_prices(desk: _Desk, fields: Fields) -> Answer:
    """Which price each of up to 100 names would get."""
    return prices.match_prices(desk.services.quoting, fields)


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
    Operation("agent_costs", "GET", f"{_USAGE}/agents", agent_costs),
    Operation("model_costs", "GET", f"{_USAGE}/models", model_costs),
    Operation("daily_costs", "GET", f"{_USAGE}/days", daily_costs),
    Operation("execution", "GET", "/tenants/{tenant_id}/executions/{id}", execution),
    Operation("workflow", "GET", "/tenants/{tenant_id}/workflows/{id}", workflow),
    Operation("ledger", "GET", "/tenants/{tenant_id}/costs", ledger, negotiates=True),
    Operation("alerts", "GET", "/tenants/{tenant_id}/alerts", alerts),
    Operation("system_alerts", "GET", "/system/alerts", system_alerts),
    Operation("shadow_report", "GET", "/tenants/{tenant_id}/shadow-report", shadow_report),
    Operation("statements", "GET", "/tenants/{tenant_id}/statements", statements),
    Operation("system_statements", "GET", "/system/statements", system_statements),
    Operation("system_shadow_report", "GET", "/system/shadow-report", system_shadow_report),
    Operation("list_tenants", "GET", "/tenants", list_tenants),
    Operation("forecast", "GET", "/tenants/{tenant_id}/forecast", forecast),
    Operation("openapi", "GET", "/openapi.json", openapi),
    Operation("headroom", "GET", "/tenants/{tenant_id}/headroom", headroom),
)
