"""Answers of the operations `alerts` and `system_alerts`."""

from datetime import datetime
from typing import Any

from budget_monitor.domain.periods import month_of
from budget_monitor.entrypoints.door import cursors, render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.page_size import fitting
from budget_monitor.entrypoints.reporting.services import page_limit
from budget_monitor.ports.alerts import Alerts


def alerts(stored: Alerts, fields: Fields, tenant_id: str, now: datetime) -> dict[str, Any]:
    """A page of an owner's alerts of a month, the latest first; of the present one by default."""
    month = fields.month("month") or month_of(now, "UTC")
    limit = page_limit(fields)
    query = ("alerts", tenant_id, month)
    before = read_cursor(fields.opaque("cursor"), cursors.MOMENT, *query)
    fields.finish()
    page = stored.of_month(tenant_id, month, limit, before)
    found = stored.read((tenant_id, one) for one in page.entry_ids)
    items, resume_at = [render.alert(one) for one in found], page.resume_at
    count = fitting(items)
    if count < len(items):
        resume_at = found[count - 1].alert.position
    return {"month": month, "items": items[:count], "cursor": write_cursor(resume_at, *query)}
