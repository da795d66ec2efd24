"""The operations of the resetting function: months are closed, and forecasts watched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.ports import Relay
from budget_monitor.usecases.months.close import ALREADY, CLOSED, TOO_EARLY, MonthClose
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.tenant_jobs import MAX_TENANTS, JobResult, TenantJob


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the resetting function."""

    closing: MonthClose
    forecasting: Forecasting
    relay: Relay
    prices_from: date
    """The day on which the published prices were locked."""


_Desk = RequestContext[Services]


def close_month(desk: _Desk, fields: Fields) -> Answer:
    """Write a statement for every tenant whose month ended, and for the system.

    Without a month: the one that ended lately. Tenants at which it failed are named, and met again
    by the next run; they are counted in the metric `CloseFailures`.
    """
    closing = desk.services.closing
    said, tenants = fields.month("month"), fields.ids("tenants", MAX_TENANTS)
    fields.finish()
    month = closing.ended(said) if said else closing.lately()
    if month is None:
        return Answer(_closed(None, JobResult(), 0))
    walk = TenantJob(desk.services.relay, {"operation": "close_month", "month": month})
    first = (SYSTEM,) if tenants is None else ()
    mine, passed_on = _part(walk, tenants, lambda: closing.tenants(month))
    walked = walk.each((*first, *mine), lambda one: closing.close(one, month))
    desk.metrics.count("CloseFailures", len(walked.failed), month)
    return Answer(_closed(month, walked, passed_on))


def forecast_all(desk: _Desk, fields: Fields) -> Answer:
    """Leave an alert for every tenant whose forecast is above its limit, once in a month."""
    forecasting = desk.services.forecasting
    tenants = fields.ids("tenants", MAX_TENANTS)
    fields.finish()
    walk = TenantJob(desk.services.relay, {"operation": "forecast_all"})
    mine, passed_on = _part(walk, tenants, forecasting.tenants)
    walked = walk.each(mine, forecasting.warn)
    desk.metrics.count("ForecastFailures", len(walked.failed))
    if tenants is None:
        desk.metrics.seconds("PublishedPricesAge", _age(desk))
    return Answer(
        {
            "tenants": len(walked.done),
            "alerts": sum(walked.done),
            "failed": list(walked.failed),
            "passed_on": passed_on + walked.passed_on,
        }
    )


def _age(desk: _Desk) -> float:
    """Seconds since the published prices were locked."""
    locked = datetime.combine(desk.services.prices_from, time(), UTC)
    return max(0.0, (desk.clock.now() - locked).total_seconds())


def _part(
    walk: TenantJob, named: Sequence[str] | None, everybody: Callable[[], Sequence[str]]
) -> tuple[Sequence[str], int]:
    """The tenants of this invocation, and how many others were asked to do."""
    if named is not None:
        return named, 0
    every = everybody()
    mine = walk.shared(every)
    return mine, len(every) - len(mine)


def _closed(month: str | None, walked: JobResult[str], passed_on: int) -> dict[str, object]:
    return {
        "month": month,
        "statements": walked.done.count(CLOSED),
        "already_closed": walked.done.count(ALREADY),
        "too_early": walked.done.count(TOO_EARLY),
        "failed": list(walked.failed),
        "passed_on": passed_on + walked.passed_on,
    }


OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("close_month", DIRECT, "", close_month),
    Operation("forecast_all", DIRECT, "", forecast_all),
)
