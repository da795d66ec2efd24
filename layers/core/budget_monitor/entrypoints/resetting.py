"""The operations of the resetting function: monthly close and forecast alerts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from budget_monitor.domain.accounting.accounts import SYSTEM
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.ports import Relay
from budget_monitor.usecases.months.close import ALREADY, CLOSED, TOO_EARLY, MonthClose
from budget_monitor.usecases.months.forecast import Forecasting
from budget_monitor.usecases.prices.price_lists import PriceWatch
from budget_monitor.usecases.tenant_jobs import MAX_TENANTS, JobResult, TenantJob

if TYPE_CHECKING:
    from budget_monitor.usecases.exports.export_month import MonthExport


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the resetting function."""

    closing: MonthClose
    forecasting: Forecasting
    relay: Relay
    prices: PriceWatch
    exporting: "Callable[[], MonthExport]"
    """Built, and its modules imported, on first use."""


_Context = RequestContext[Services]


def close_month(context: _Context, fields: Fields) -> Answer:
    """Write a statement for every tenant whose month ended, and for the system.

    Tenants for which this failed are listed in `failed`, counted in the metric `CloseFailures`, and
    tried again by the next run.
    """
    closing = context.services.closing
    said, tenants = fields.month("month"), fields.ids("tenants", MAX_TENANTS)
    fields.finish()
    month = closing.ended(said) if said else closing.lately()
    if month is None:
        return Answer(_closed(None, JobResult(), 0))
    first = (SYSTEM,) if tenants is None else ()
    job = {"operation": "close_month", "month": month}
    return _close(context, job, tenants, first, closing.close)


def close_fiscal_months(context: _Context, fields: Fields) -> Answer:
    """Write the statements of tenants whose months begin on another day than the first.

    Without a month: the last one of the calendar, which ends for them within this month.
    """
    closing = context.services.closing
    month, tenants = fields.month("month") or closing.last(), fields.ids("tenants", MAX_TENANTS)
    fields.finish()
    job = {"operation": "close_fiscal_months", "month": month}
    return _close(context, job, tenants, (), closing.close_fiscal)


def _close(
    context: _Context,
    job: dict[str, str],
    tenants: Sequence[str] | None,
    first: Sequence[str],
    close: Callable[[str, str], str],
) -> Answer:
    """Close the job's month for these tenants, or for all that have it."""
    closing, month = context.services.closing, job["month"]
    walk = TenantJob(context.services.relay, job)
    mine, passed_on = _part(walk, tenants, lambda: closing.tenants(month))
    walked = walk.each((*first, *mine), lambda one: close(one, month))
    context.metrics.count("CloseFailures", len(walked.failed), month)
    return Answer(_closed(month, walked, passed_on))


def forecast_all(context: _Context, fields: Fields) -> Answer:
    """Store an alert, once a month, for every tenant whose forecast is above its limit."""
    forecasting = context.services.forecasting
    tenants = fields.ids("tenants", MAX_TENANTS)
    fields.finish()
    walk = TenantJob(context.services.relay, {"operation": "forecast_all"})
    mine, passed_on = _part(walk, tenants, forecasting.tenants)
    walked = walk.each(mine, forecasting.warn)
    context.metrics.count("ForecastFailures", len(walked.failed))
    return Answer(
        {
            "tenants": len(walked.done),
            "alerts": sum(walked.done),
            "failed": list(walked.failed),
            "passed_on": passed_on + walked.passed_on,
        }
    )


def export_month(context: _Context, fields: Fields) -> Answer:
    """Write a month's ledger to the stack's bucket: CSV, JSON Lines and FOCUS, with a manifest.

    Without a month: the last one of the calendar. Tenants for which it failed are listed in
    `failed`; those whose entries do not add up to their month in `differing`. Both are counted in
    the metric `ExportFailures`.
    """
    closing, export = context.services.closing, context.services.exporting().export
    month, only = fields.month("month") or closing.last(), fields.optional_tenant()
    tenants = fields.ids("tenants", MAX_TENANTS)
    fields.finish()
    walk = TenantJob(context.services.relay, {"operation": "export_month", "month": month})
    named = [only] if only else tenants
    mine, passed_on = _part(walk, named, lambda: closing.tenants(month))
    walked = walk.each(mine, lambda one: export(one, month))
    differing = [one.tenant_id for one in walked.done if not one.adds_up]
    context.metrics.count("ExportFailures", len(walked.failed) + len(differing), month)
    return Answer(
        {
            "month": month,
            "tenants": len(walked.done),
            "entries": sum(one.entries for one in walked.done),
            "differing": differing,
            "failed": list(walked.failed),
            "passed_on": passed_on + walked.passed_on,
        }
    )


def watch_prices(context: _Context, fields: Fields) -> Answer:
    """Return the age of the price list in force; store an alert if it is over 30 days."""
    fields.finish()
    version, dated, days = context.services.prices.watch()
    context.metrics.count("PriceListAgeDays", days)
    return Answer({"version": version, "dated": dated.isoformat(), "age_days": days})


def _part(
    walk: TenantJob, named: Sequence[str] | None, everybody: Callable[[], Sequence[str]]
) -> tuple[Sequence[str], int]:
    """The tenants of this invocation, and how many were passed on to others."""
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
    Operation("close_fiscal_months", DIRECT, "", close_fiscal_months),
    Operation("forecast_all", DIRECT, "", forecast_all),
    Operation("export_month", DIRECT, "", export_month),
    Operation("watch_prices", DIRECT, "", watch_prices),
)
