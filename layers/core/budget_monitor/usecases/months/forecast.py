"""Forecast of a tenant's month, and an alert if the forecast is above the limit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, TENANT, listing, tenant_key
from budget_monitor.domain.alerts.alerts import FORECAST_EXCEEDED, Alert
from budget_monitor.domain.money import render
from budget_monitor.domain.months.forecasts import WINDOW, Forecast, Series, forecast_of
from budget_monitor.domain.periods import DAY, MONTH, days_of
from budget_monitor.domain.rules.gates import UTC_CALENDAR
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Clock, Policies, Store
from budget_monitor.usecases.months.close import FIRST, LAST


@dataclass(frozen=True, slots=True)
class Outlook:
    """The forecast of a tenant's current month."""

    tenant_id: str
    month: str
    at: datetime
    days_left: int
    """Days of the month after today."""
    forecast: Forecast


class Forecasting:
    """The use cases of `forecast`, which only reads, and `forecast_all`."""

    def __init__(self, store: Store, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._policies = policies
        self._clock = clock

    def tenants(self) -> list[str]:
        """Return the tenants active in a month that is the current one in any time zone."""
        now = self._clock.now()
        months = {UTC_CALENDAR.name(MONTH, moment) for moment in (now - LAST, now, now + FIRST)}
        lists = [self._store.listed(listing(SYSTEM, TENANT, month)) for month in sorted(months)]
        return sorted({one.tenant_id for found in lists for one in found})

    @deadline.unit_of_work()
    def forecast(self, tenant_id: str) -> Outlook:
        """Return the forecast of the tenant's current month."""
        self._policies.forget(tenant_id)
        policy, now = self._policies.for_tenant(tenant_id), self._clock.now()
        month, series = self._series(tenant_id, policy, now)
        limit = policy.tenant_gate(tenant_id, month, now).budget.limit
        return Outlook(tenant_id, month, now, len(series.left), forecast_of(series, limit))

    @deadline.unit_of_work()
    def warn(self, tenant_id: str) -> bool:
        """Store an alert if the forecast is above the limit; True if stored. Once per month."""
        outlook = self.forecast(tenant_id)
        if not outlook.forecast.exceeds:
            return False
        return self._store.commit(Transaction(alerts=(_alert(outlook),)))

    def _series(self, tenant_id: str, policy: Policy, now: datetime) -> tuple[str, Series]:
        calendar = policy.calendar
        month, today = calendar.name(MONTH, now), calendar.name(DAY, now)
        days = days_of(month)
        back = date.fromisoformat(today)
        before = [(back - timedelta(days=n)).isoformat() for n in range(WINDOW, 0, -1)]
        wanted = dict.fromkeys((*before, *(one for one in days if one <= today)))
        keys = {one: tenant_key(tenant_id, one) for one in (month, *wanted)}
        found = self._store.accounts(keys.values())
        spent = {one: found[key].totals.spent for one, key in keys.items()}
        return month, Series(
            before=[(one, spent[one]) for one in before],
            past=[(one, spent[one]) for one in days if one < today],
            today=(today, spent[today]),
            left=[one for one in days if one > today],
            spent=spent[month],
        )


def _alert(outlook: Outlook) -> Alert:
    found = outlook.forecast
    figures = {
        "limit_usd": found.limit,
        "spent_usd": found.spent,
        "estimate_usd": found.estimate,
        "low_usd": found.low,
        "high_usd": found.high,
    }
    return Alert(
        tenant_id=outlook.tenant_id,
        kind=FORECAST_EXCEEDED,
        once=(outlook.month,),
        at=outlook.at,
        scope=TENANT,
        scope_id=outlook.tenant_id,
        period=outlook.month,
        facts={
            **{name: render(value) for name, value in figures.items() if value is not None},
            "limit_reached_on": found.reached_on,
            "days_used": found.days_used,
        },
    )
