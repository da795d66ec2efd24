"""The operation `reconcile` of the tracking function."""

from dataclasses import asdict
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.entrypoints.fields import Fields
from budget_monitor.usecases.reconciling import Difference, Rebuild, Reconciling, Report


def reconcile(reconciling: Reconciling, fields: Fields) -> dict[str, Any]:
    """Compare a tenant's month with its ledger, or every tenant's and the system's.

    Each difference is in the answer and counted in the metric `ReconcileDifferences`.
    """
    tenant_id, month = fields.optional_id("tenant_id"), fields.month("month")
    rebuild = _read_rebuild(fields)
    fields.finish()
    if tenant_id is None:
        if rebuild:
            raise fields.missing("tenant_id")
        return _all(reconciling, month or reconciling.month("*"))
    found = reconciling.tenant(tenant_id, month or reconciling.month(tenant_id), rebuild)
    return {"tenant_id": tenant_id, **_report(found)}


def _read_rebuild(fields: Fields) -> Rebuild | None:
    wanted = fields.flag("rebuild", default=False)
    by, reason = fields.optional_text("by"), fields.optional_text("reason")
    if not wanted:
        if by or reason:
            raise ValidationError("by and reason go with rebuild: true", "rebuild")
        return None
    if by is None or reason is None:
        raise fields.missing("by" if by is None else "reason")
    return Rebuild(by, reason)


def _all(reconciling: Reconciling, month: str) -> dict[str, Any]:
    tenants = reconciling.tenants(month)
    reports = [reconciling.tenant(one, month) for one in tenants]
    reports.append(reconciling.system(month))
    differences = [one for report in reports for one in report.differences]
    whole = Report(month, sum(report.accounts for report in reports), differences)
    return {"tenants": len(tenants), **_report(whole)}


def _report(found: Report) -> dict[str, Any]:
    with single_metric(
        name="ReconcileDifferences",
        unit=MetricUnit.Count,
        value=len(found.differences),
        namespace="BudgetMonitor",
    ) as metric:
        metric.add_metadata("month", found.month)
    return {
        "month": found.month,
        "accounts": found.accounts,
        "differences": [_difference(one) for one in found.differences],
        "rebuilt": found.rebuilt,
    }


def _difference(one: Difference) -> dict[str, Any]:
    expected, stored = asdict(one.expected), asdict(one.found)
    shown = {
        name: {"expected": _shown(expected[name]), "found": _shown(stored[name])}
        for name in expected
        if expected[name] != stored[name]
    }
    if one.committed_off:
        committed = one.found.committed
        shown["committed"] = {
            "expected": render(committed),
            "found": render(committed - one.committed_off),
        }
    account = one.account
    return {
        "scope": account.scope,
        "scope_id": account.scope_id or None,
        "period": account.period,
        "counters": shown,
    }


def _shown(value: Any) -> Any:  # noqa: ANN401 - an amount or a count
    return value if isinstance(value, int) else render(value)
