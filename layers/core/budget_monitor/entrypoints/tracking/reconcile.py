"""The operation `reconcile` of the tracking function."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from budget_monitor.domain.accounting.accounts import SYSTEM, AccountKey
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.render import time
from budget_monitor.ports import Relay
from budget_monitor.ports.metrics import Metrics
from budget_monitor.usecases.reconcile.differences import Difference, Rebuild, Report, Skipped
from budget_monitor.usecases.reconcile.reconcile import Compared, Reconciling
from budget_monitor.usecases.tenant_jobs import MAX_TENANTS, TenantJob

MAX_NAMED = 1000
"""Maximum of accounts of each kind in an answer; the metrics count all."""


@dataclass(frozen=True, slots=True)
class Services:
    """What `reconcile` works with."""

    reconciling: Reconciling
    relay: Relay
    metrics: Metrics


def reconcile(services: Services, fields: Fields) -> dict[str, Any]:
    """Compare a tenant's month with its ledger, or every tenant's and the system's.

    - Differences are in the answer and counted in the metric `ReconcileDifferences`.
    - Accounts that could not be compared are in `skipped` and counted in `ReconcileSkipped`.
    - Tenants that could not be read are in `failed` and counted in `ReconcileFailures`.
    """
    reconciling = services.reconciling
    tenant_id, month = fields.optional_id("tenant_id"), fields.month("month")
    tenants, rebuild = fields.ids("tenants", MAX_TENANTS), _read_rebuild(fields)
    fields.finish()
    if tenant_id is None:
        if rebuild:
            raise fields.missing("tenant_id")
        return _many(services, month or reconciling.month(SYSTEM), tenants)
    if tenants is not None:
        raise ValidationError("send tenants or tenant_id, not both", "tenants")
    found = reconciling.tenant(tenant_id, month or reconciling.month(tenant_id), rebuild)
    signer = {"principal": rebuild.principal} if rebuild else {}
    return {"tenant_id": tenant_id, **_answer(services.metrics, [found], found.month), **signer}


def _read_rebuild(fields: Fields) -> Rebuild | None:
    wanted = fields.flag("rebuild", default=False)
    by, reason = fields.optional_text("by"), fields.optional_text("reason")
    if not wanted:
        if by or reason:
            raise ValidationError("by and reason are only for rebuild: true", "rebuild")
        return None
    if by is None or reason is None:
        raise fields.missing("by" if by is None else "reason")
    return Rebuild(by, reason, fields.principal)


def _many(services: Services, month: str, tenants: Sequence[str] | None) -> dict[str, Any]:
    """The report of these tenants, or of the system and this invocation's share of all."""
    reconciling = services.reconciling
    walk = TenantJob(services.relay, {"operation": "reconcile", "month": month})
    passed_on, begun = 0, list[Compared]()
    if tenants is None:
        everybody = reconciling.tenants(month)
        mine = walk.shared(everybody)
        passed_on, tenants = len(everybody) - len(mine), (SYSTEM, *mine)

    def begin(one: str) -> None:
        begun.append(reconciling.begin(one, month))

    walked = walk.each(tenants, begin, reconciling.enough(begun))
    finished = reconciling.finish(begun)
    failed = [*walked.failed, *finished.failed]
    services.metrics.count("ReconcileFailures", len(failed), month)
    return {
        "tenants": len({*tenants} - {SYSTEM}) - walked.passed_on,
        "failed": failed,
        "passed_on": passed_on + walked.passed_on,
        **_answer(services.metrics, finished.reports, month),
    }


def _answer(metrics: Metrics, reports: Sequence[Report], month: str) -> dict[str, Any]:
    differences = [one for report in reports for one in report.differences]
    skipped = [one for report in reports for one in report.skipped]
    not_compared = [one for report in reports for one in report.not_compared]
    age = max((report.age.total_seconds() for report in reports), default=0)
    metrics.count("ReconcileDifferences", len(differences), month)
    metrics.count("ReconcileSkipped", len(skipped), month)
    metrics.seconds("ReconcileAge", age, month)
    return {
        "month": month,
        "accounts": sum(report.accounts for report in reports),
        "differences": [_difference(one) for one in differences[:MAX_NAMED]],
        "skipped": [_skipped(one) for one in skipped[:MAX_NAMED]],
        "not_compared": [_named(one) for one in not_compared[:MAX_NAMED]],
        "rebuilt": any(report.rebuilt for report in reports),
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
    return {**_named(one.account), "counters": shown}


def _skipped(one: Skipped) -> dict[str, Any]:
    return {
        **_named(one.account),
        "reason": one.reason,
        "last_compared_at": time(one.last_compared_at),
    }


def _named(account: AccountKey) -> dict[str, Any]:
    return {
        "tenant_id": None if account.tenant_id == SYSTEM else account.tenant_id,
        "scope": account.scope,
        "scope_id": account.scope_id or None,
        "period": account.period,
    }


def _shown(value: Any) -> Any:  # noqa: ANN401 - an amount or a count
    return value if isinstance(value, int) else render(value)
