"""The page of a tenant: its month, budgets, breakdowns, runs, costs, alerts and statements."""

from typing import Any

from budget_monitor.domain.accounting.accounts import (
    AGENT,
    EXECUTION,
    MODEL,
    TAG,
    USER,
    WORKFLOW,
    WORKFLOW_NAME,
)
from budget_monitor.domain.holds.reservations import OPEN
from budget_monitor.domain.periods import DAY
from budget_monitor.entrypoints.dashboard import charts, shared_parts
from budget_monitor.entrypoints.dashboard.figures import Bar
from budget_monitor.entrypoints.dashboard.services import Context
from budget_monitor.entrypoints.dashboard.shared_parts import ITEMS
from budget_monitor.usecases.reports.breakdowns import DAYS, Cut
from budget_monitor.usecases.reports.hold_list import HoldFilter
from budget_monitor.usecases.reports.run_list import RunFilter

BREAKDOWNS = (
    ("Agents", AGENT),
    ("Models", MODEL),
    ("Users", USER),
    ("Tags", TAG),
    ("Workflows", WORKFLOW_NAME),
)


def tenant_view(context: Context, tenant_id: str) -> dict[str, Any]:
    """Return the data of the page. Its requests do not grow with the number of entries."""
    reports, now = context.services.reports, context.clock.now()
    standing = reports.reporting.tenant_usage(tenant_id, None).found
    policy = reports.policies.for_tenant(tenant_id)
    month = standing.gate.account.period
    return {
        "tenant_id": tenant_id,
        "zone": policy.calendar.zone_at(now),
        "now": now,
        "month": month,
        "owner": policy.owner,
        "suspended": policy.suspended,
        "standing": standing,
        "bar": Bar.of(standing),
        "budgets": shared_parts.budget_lines(reports, tenant_id),
        "breakdowns": [
            (title, shared_parts.lines_of(reports, tenant_id, scope, month))
            for title, scope in BREAKDOWNS
        ],
        "paused": reports.runs.page(tenant_id, RunFilter(WORKFLOW, paused=True), ITEMS, None).runs,
        "runs": reports.runs.page(tenant_id, RunFilter(EXECUTION), ITEMS, None).runs,
        "workflows": reports.runs.page(tenant_id, RunFilter(WORKFLOW), ITEMS, None).runs,
        "holds": reports.holds.page(tenant_id, HoldFilter(OPEN), ITEMS, None).holds,
        "entries": reports.reporting.latest(tenant_id, ITEMS),
        "requests": reports.requests.still_open(tenant_id, ITEMS),
        "alerts": shared_parts.alerts_of(reports, now, tenant_id),
        "statements": shared_parts.statements_of(reports, tenant_id),
        **_outlook(context, tenant_id, month),
    }


def _outlook(context: Context, tenant_id: str, month: str) -> dict[str, Any]:
    reports = context.services.reports
    calendar = reports.policies.for_tenant(tenant_id).calendar
    cut = Cut(DAYS, month, shared_parts.MAX_DAYS, None)
    found = reports.breakdowns.costs(tenant_id, cut).found
    days = {name: account.totals.spent for name, account in found.items if name}
    every, today = calendar.days(month), calendar.name(DAY, context.clock.now())
    forecast = reports.forecasting.forecast(tenant_id).forecast
    return {
        "forecast": forecast,
        "days_chart": charts.daily(f"Spend of each day of {month} in USD", days, every),
        "limit_chart": charts.towards_limit(
            f"Spend of {month} in USD, with forecast and limit", days, every, today, forecast
        ),
    }
