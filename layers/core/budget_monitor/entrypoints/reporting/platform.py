"""The operations about all tenants: their list, and what shadows would have refused them."""

import re
from typing import Any

from budget_monitor.domain.money import render as usd
from budget_monitor.entrypoints.door import cursors, render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.usecases.holds.system_shadow_report import Spared, SystemShadowing
from budget_monitor.usecases.reports.report import SystemUsage
from budget_monitor.usecases.reports.tenant_list import STATES, TenantList
from budget_monitor.usecases.reports.usage import Reporting

MAX_ITEMS, DEFAULT_ITEMS = 1000, 100
MAX_TENANTS, DEFAULT_TENANTS = 100, 25
MAX_DAYS, DEFAULT_DAYS = 366, 30

_TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)


def system_usage(reporting: Reporting, fields: Fields) -> dict[str, Any]:
    """The system's month, and a page of its tenants, the largest first."""
    month, limit = fields.month("month"), fields.count("limit", 1, MAX_ITEMS) or DEFAULT_ITEMS
    query = ("system_usage", month)
    after = read_cursor(fields.opaque("cursor"), cursors.TENANT, *query)
    fields.finish()
    shown = reporting.system_usage(month, limit, after)
    usage = shown.found
    return {
        **render.status(usage.standing),
        "tenants": _tenants(usage),
        "cursor": write_cursor(usage.resume_at, *query),
        **render.origin(shown.origin),
    }


def _tenants(usage: SystemUsage) -> list[dict[str, Any]]:
    total = usage.standing.totals.spent
    return [
        {
            "tenant_id": one.key.tenant_id,
            "held_usd": usd(one.totals.held),
            **render.portion(one, total),
        }
        for one in usage.tenants
    ]


def list_tenants(tenants: TenantList, fields: Fields) -> dict[str, Any]:
    """A page of tenants by id."""
    state = fields.choice("state", STATES)
    limit = fields.count("limit", 1, MAX_ITEMS) or DEFAULT_ITEMS
    query = ("list_tenants", state)
    after = read_cursor(fields.opaque("cursor"), _TENANT_ID, *query)
    fields.finish()
    page = tenants.page(state, limit, after)
    items = [
        {"tenant_id": one.tenant_id, "state": one.state, "last_month": one.last_month}
        for one in page.items
    ]
    return {"items": items, "cursor": write_cursor(page.resume_after, *query)}


def system_shadow_report(shadowing: SystemShadowing, fields: Fields) -> dict[str, Any]:
    """A page of tenants with what each shadow budget would have refused, and its summary."""
    days = fields.count("days", 1, MAX_DAYS) or DEFAULT_DAYS
    limit = fields.count("limit", 1, MAX_TENANTS) or DEFAULT_TENANTS
    query = ("system_shadow_report", str(days))
    after = read_cursor(fields.opaque("cursor"), _TENANT_ID, *query)
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


def _spared(found: Spared) -> dict[str, Any]:
    return {"runs": len(found.runs), "times": found.times, "amount_usd": usd(found.amount)}
