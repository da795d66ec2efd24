"""A page of the changes of a document."""

from typing import Any

from budget_monitor.domain.documents import DocumentKey
from budget_monitor.entrypoints.budgeting.request import Services
from budget_monitor.entrypoints.door.cursors import VERSION, read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import RequestContext
from budget_monitor.entrypoints.door.page_size import fitting
from budget_monitor.usecases.rules.history import Wanted

MAX_CHANGES, DEFAULT_CHANGES = 1000, 100


def page(
    context: RequestContext[Services],
    fields: Fields,
    document: DocumentKey,
    query: tuple[str | None, ...],
    wanted: Wanted = bool,
) -> dict[str, Any]:
    """A page of the document's changes, the latest first. Its cursor is valid for `query` only."""
    most = fields.count("limit", 1, MAX_CHANGES) or DEFAULT_CHANGES
    after = read_cursor(fields.opaque("cursor"), VERSION, *query)
    fields.finish()
    before = int(after) if after else None
    found = context.services.histories.of(document, most, before, wanted)
    items = [{k: v for k, v in one.items() if k != "edit_id"} for one in found.items]
    count, cursor = fitting(items), found.resume_before
    if count < len(items):
        cursor = items[count - 1]["version"]
    resume_before = None if cursor is None else str(cursor)
    return {"items": items[:count], "cursor": write_cursor(resume_before, *query)}
