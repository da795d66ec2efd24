"""The operation that lists the names of a budget for each name."""

import re

from budget_monitor.entrypoints.budgeting.request import Services
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext

MAX_NAMES, DEFAULT_NAMES = 1000, 100
_POSITION = re.compile(r"[^#]{0,4096}#(-?[0-9]{1,26}(\.[0-9]{1,12})?)?#[^#]{0,1024}")
"""The position of a name: start of its batch of 1,000, its spend, and the name."""


def budget_names(context: RequestContext[Services], fields: Fields) -> Answer:
    """List what each name spent under a `*` budget, in its present period."""
    tenant_id, budget_id = fields.tenant(), fields.id("budget_id")
    limit = fields.count("limit", 1, MAX_NAMES) or DEFAULT_NAMES
    query = ("budget_names", tenant_id, budget_id)
    after = read_cursor(fields.opaque("cursor"), _POSITION, *query)
    fields.finish()
    view = context.services.budgeting.get_budget(tenant_id, budget_id)
    page = context.services.names.page(view, limit, after)
    items = [{"name": one.gate.each, **render.status(one)} for one in page.standings]
    return Answer({"items": items, "cursor": write_cursor(page.resume_at, *query)})


OPERATIONS: tuple[Operation[Services], ...] = (
    Operation(
        "budget_names", "GET", "/tenants/{tenant_id}/budgets/{budget_id}/names", budget_names
    ),
)
