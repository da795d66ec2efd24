"""Forecast of a tenant's month, and an alert if the forecast is above the limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import SYSTEM, TENANT, listing, tenant_key
from budget_monitor.domain.alerts.alerts import FORECAST_EXCEEDED, Alert
from budget_monitor.domain.months.forecasts import WINDOW, Forecast, Series, forecast_of
from budget_monitor.domain.periods import DAY, MONTH
from budget_monitor.domain.rules.gates import UTC_CALENDAR, Gate
from budget_monitor.domain.rules.policy import Policy
from budget_monitor.domain.transactions import Transaction
from budget_monitor.domain.units import USD, amount_fields
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
    counted: Mapping[str, Forecast]
    """The forecast in each other unit that the month's budget limits."""


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
        month = policy.calendar.name(MONTH, now)
        by_unit = self._series(policy.tenant_gates(tenant_id, month, now), policy, now)
        found = {gate.unit: forecast_of(one, gate.budget.limit) for gate, one in by_unit}
        left = len(by_unit[0][1].left)
        return Outlook(tenant_id, month, now, left, found.pop(USD), found)

    @deadline.unit_of_work()
    def warn(self, tenant_id: str) -> bool:
        """Store an alert if the forecast is above the limit; True if stored. Once per month."""
        outlook = self.forecast(tenant_id)
        found = {USD: outlook.forecast, **outlook.counted}
        alerts = [_alert(outlook, unit, one) for unit, one in found.items() if one.exceeds]
        told = [self._store.commit(Transaction(alerts=(alert,))) for alert in alerts]
        return any(told)

    def _series(
        self, gates: Sequence[Gate], policy: Policy, now: datetime
    ) -> list[tuple[Gate, Series]]:
        """Return each day's total in the unit of each gate of the month, with one read."""
        calendar, tenant_id = policy.calendar, gates[0].account.tenant_id
        today = calendar.name(DAY, now)
        days = calendar.days(gates[0].account.period)
        back = date.fromisoformat(today)
        before = [(back - timedelta(days=n)).isoformat() for n in range(WINDOW, 0, -1)]
        wanted = dict.fromkeys((*before, *(one for one in days if one <= today)))
        keys = {one: tenant_key(tenant_id, one) for one in wanted}
        found = self._store.accounts([*keys.values(), *(gate.account for gate in gates)])

        def series(gate: Gate) -> Series:
            spent = {one: found[key].totals.counted(gate.unit) for one, key in keys.items()}
            return Series(
                before=[(one, spent[one]) for one in before],
                past=[(one, spent[one]) for one in days if one < today],
                today=(today, spent[today]),
                left=[one for one in days if one > today],
                spent=found[gate.account].totals.spent,
            )

        return [(gate, series(gate)) for gate in gates]


def figures(unit: str, found: Forecast) -> dict[str, Any]:
    """Return the amounts of a forecast as fields of answers and alerts."""
    known = {name: getattr(found, name) for name in ("estimate", "low", "high", "spent", "limit")}
    return amount_fields(unit, **known)


def _alert(outlook: Outlook, unit: str, found: Forecast) -> Alert:
    known = figures(unit, found)
    return Alert(
        tenant_id=outlook.tenant_id,
        kind=FORECAST_EXCEEDED,
        once=(outlook.month, *([] if unit == USD else [unit])),
        at=outlook.at,
        scope=TENANT,
        scope_id=outlook.tenant_id,
        period=outlook.month,
        facts={
            "unit": unit,
            **{name: value for name, value in known.items() if value is not None},
            "limit_reached_on": found.reached_on,
            "days_used": found.days_used,
        },
    )
