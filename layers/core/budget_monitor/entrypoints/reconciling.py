"""The operation `reconcile` of the tracking function."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from budget_monitor.domain.accounts import SYSTEM
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.entrypoints import metrics
from budget_monitor.entrypoints.fields import Fields
from budget_monitor.ports import Relay
from budget_monitor.usecases.reconciling import Difference, Rebuild, Reconciling, Report
from budget_monitor.usecases.walking import AT_MOST, Walk


@dataclass(frozen=True, slots=True)
class Services:
    """What reconciling works with."""

    reconciling: Reconciling
    relay: Relay


def reconcile(services: Services, fields: Fields) -> dict[str, Any]:
    """Compare a tenant's month with its ledger, or every tenant's and the system's.

    Each difference is in the answer and counted in the metric `ReconcileDifferences`; tenants that
    could not be compared are named and counted in `ReconcileFailures`.
    """
    reconciling = services.reconciling
    tenant_id, month = fields.optional_id("tenant_id"), fields.month("month")
    tenants, rebuild = fields.ids("tenants", AT_MOST), _read_rebuild(fields)
    fields.finish()
    if tenant_id is None:
        if rebuild:
            raise fields.missing("tenant_id")
        return _many(services, month or reconciling.month(SYSTEM), tenants)
    if tenants is not None:
        raise ValidationError("tenants and tenant_id are one too many", "tenants")
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


def _many(services: Services, month: str, tenants: Sequence[str] | None) -> dict[str, Any]:
    """The named tenants' report; without names, the system's and that of a part of all tenants."""
    reconciling = services.reconciling
    walk = Walk(services.relay, {"operation": "reconcile", "month": month})
    everybody, passed_on = list[str](), 0
    if tenants is None:
        everybody = list(reconciling.tenants(month))
        mine = walk.shared(everybody)
        passed_on, tenants = len(everybody) - len(mine), (SYSTEM, *mine)

    def compare(one: str) -> Report:
        return reconciling.system(month) if one == SYSTEM else reconciling.tenant(one, month)

    walked = walk.each(tenants, compare)
    differences = [one for report in walked.done for one in report.differences]
    whole = Report(month, sum(report.accounts for report in walked.done), differences)
    metrics.count("ReconcileFailures", len(walked.failed), month)
    return {
        "tenants": len({*tenants} - {SYSTEM}) - walked.passed_on,
        "failed": walked.failed,
        "passed_on": passed_on + walked.passed_on,
        **_report(whole),
    }


def _report(found: Report) -> dict[str, Any]:
    metrics.count("ReconcileDifferences", len(found.differences), found.month)
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
