"""The page of the system: the month, its tenants, what is held, and alerts."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from budget_monitor.domain.accounting.accounts import MODEL, SYSTEM
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import ZERO
from budget_monitor.domain.months.forecasts import WINDOW, Forecast, Series, forecast_of
from budget_monitor.domain.periods import DAY
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.entrypoints.dashboard import charts, shared_parts
from budget_monitor.entrypoints.dashboard.figures import Bar, share
from budget_monitor.entrypoints.dashboard.services import Context, Reports
from budget_monitor.usecases.reports.breakdowns import DAYS, Cut

TENANTS = 100
"""Maximum of tenants that the page lists, and for which it sums their days."""


def system_view(context: Context) -> dict[str, Any]:
    """Return the data of the page. Its requests grow with the tenants, never with their entries."""
    reports, now = context.services.reports, context.clock.now()
    usage = reports.reporting.system_usage(None, TENANTS, None).found
    month = usage.standing.gate.account.period
    most = max((one.totals.spent for one in usage.tenants), default=ZERO)
    tenants = [(one, share(one.totals.spent, most)) for one in usage.tenants]
    largest = [one.key.tenant_id for one in usage.tenants[: shared_parts.ITEMS]]
    few = usage.resume_at is None
    models = reports.system_breakdowns.costs(Cut(MODEL, month, shared_parts.ITEMS, None)).found
    return {
        "zone": "UTC",
        "now": now,
        "month": month,
        "standing": usage.standing,
        "bar": Bar.of(usage.standing),
        "tenants": tenants,
        "more_tenants": not few,
        "models": shared_parts.lines(models.items, models.total if models.resume_at else None),
        "alerts": shared_parts.alerts_of(reports, now, SYSTEM, *largest),
        "budgets": shared_parts.budget_lines(reports, SYSTEM),
        "statements": shared_parts.statements_of(reports, SYSTEM),
        **(_outlook(reports, usage.standing, UTC_CALENDAR.name(DAY, now)) if few else _UNKNOWN),
    }


_UNKNOWN: dict[str, Any] = {"forecast": None, "days_chart": None, "limit_chart": None}
"""Shown instead of a forecast if there are too many tenants to sum their days."""


def _outlook(reports: Reports, standing: Standing, today: str) -> dict[str, Any]:
    month = standing.gate.account.period
    earlier = (date.fromisoformat(f"{month}-01") - timedelta(days=1)).strftime("%Y-%m")
    days = _days(reports, earlier) | _days(reports, month)
    every = UTC_CALENDAR.days(month)
    found = _forecast(days, every, today, standing)
    return {
        "forecast": found,
        "days_chart": charts.daily(f"Spend of each day of {month} in USD", days, every),
        "limit_chart": charts.towards_limit(
            f"Spend of {month} in USD, with forecast and limit", days, every, today, found
        ),
    }


def _days(reports: Reports, month: str) -> dict[str, Decimal]:
    cut = Cut(DAYS, month, shared_parts.MAX_DAYS, None)
    found = reports.system_breakdowns.costs(cut).found
    return {name: account.totals.spent for name, account in found.items if name}


def _forecast(
    days: dict[str, Decimal], every: list[str], today: str, standing: Standing
) -> Forecast:
    """The same forecast as a tenant's, from the days of all tenants, named in their zones."""
    back = date.fromisoformat(today)
    before = [(back - timedelta(days=n)).isoformat() for n in range(WINDOW, 0, -1)]
    series = Series(
        before=[(one, days.get(one, ZERO)) for one in before],
        past=[(one, days.get(one, ZERO)) for one in every if one < today],
        today=(today, days.get(today, ZERO)),
        left=[one for one in every if one > today],
        spent=standing.totals.spent,
    )
    return forecast_of(series, standing.budget.limit)
