"""The operation `list_tenants`."""

import re
from typing import Any

from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.reporting.services import page_limit
from budget_monitor.usecases.reports.tenant_list import STATES, TenantList

TENANT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}", re.ASCII)


def list_tenants(tenants: TenantList, fields: Fields) -> dict[str, Any]:
    """A page of tenants by id."""
    state = fields.choice("state", STATES)
    limit = page_limit(fields)
    query = ("list_tenants", state)
    after = read_cursor(fields.opaque("cursor"), TENANT_ID, *query)
    fields.finish()
    page = tenants.page(state, limit, after)
    items = [
        {"tenant_id": one.tenant_id, "state": one.state, "last_month": one.last_month}
        for one in page.items
    ]
    return {"items": items, "cursor": write_cursor(page.resume_after, *query)}
