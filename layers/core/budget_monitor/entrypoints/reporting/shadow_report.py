"""The operations `shadow_report` and `system_shadow_report`."""

from typing import Any

from budget_monitor.domain.money import render as usd
from budget_monitor.domain.periods import render_instant
from budget_monitor.entrypoints.door.cursors import MOMENT, read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.reporting.services import page_limit
from budget_monitor.entrypoints.reporting.tenant_list import TENANT_ID
from budget_monitor.usecases.holds.shadow_report import Shadowing
from budget_monitor.usecases.holds.system_shadow_report import ShadowedRun, SystemShadowing

MAX_TENANTS, DEFAULT_TENANTS = 100, 25
MAX_DAYS, DEFAULT_DAYS = 366, 30


def of_tenant(shadowing: Shadowing, fields: Fields) -> dict[str, Any]:
    """A page of the tenant's runs that shadow budgets would have refused, with the amounts."""
    tenant_id = fields.tenant()
    limit = page_limit(fields)
    days = fields.count("days", 1, MAX_DAYS) or DEFAULT_DAYS
    query = ("shadow_report", tenant_id, str(days))
    after = read_cursor(fields.opaque("cursor"), MOMENT, *query)
    fields.finish()
    report = shadowing.report(tenant_id, days, limit, after)
    items = [
        {
            **one.labels.public(),
            "budget_id": one.budget_id,
            "times": one.times,
            "amount_usd": usd(one.amount),
            "first_at": render_instant(one.first_at),
            "last_at": render_instant(one.last_at),
        }
        for one in report.items
    ]
    return {"days": days, "items": items, "cursor": write_cursor(report.resume_at, *query)}


def of_system(shadowing: SystemShadowing, fields: Fields) -> dict[str, Any]:
    """A page of tenants with what each shadow budget would have refused, and its summary."""
    days = fields.count("days", 1, MAX_DAYS) or DEFAULT_DAYS
    limit = fields.count("limit", 1, MAX_TENANTS) or DEFAULT_TENANTS
    query = ("system_shadow_report", str(days))
    after = read_cursor(fields.opaque("cursor"), TENANT_ID, *query)
    fields.finish()
    report = shadowing.report(days, limit, after)
    return {
        "days": days,
        "summary": {"tenants": report.tenants, **_spared(report.total)},
        "items": [
            {"tenant_id": tenant_id, "budget_id": budget_id, **_spared(one)}
            for (tenant_id, budget_id), one in report.items.items()
        ],
        "cursor": write_cursor(report.resume_after, *query),
    }


def _spared(found: ShadowedRun) -> dict[str, Any]:
    return {"runs": len(found.runs), "times": found.times, "amount_usd": usd(found.amount)}
