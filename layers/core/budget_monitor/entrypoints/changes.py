"""Who decided what: a page of the changes of a document, the same for all of them."""

from typing import Any

from budget_monitor.domain.transactions import DocumentKey
from budget_monitor.entrypoints.cursors import VERSION, read_cursor, write_cursor
from budget_monitor.entrypoints.decisions import Services
from budget_monitor.entrypoints.fields import Fields
from budget_monitor.entrypoints.operations import Desk
from budget_monitor.usecases.histories import Wanted

MOST_CHANGES, USUAL_CHANGES = 1000, 100


def page(
    desk: Desk[Services],
    fields: Fields,
    document: DocumentKey,
    query: tuple[str | None, ...],
    wanted: Wanted = bool,
) -> dict[str, Any]:
    """A page of the document's changes, the latest first; `query` is what its cursors are for."""
    most = fields.count("limit", 1, MOST_CHANGES) or USUAL_CHANGES
    after = read_cursor(fields.opaque("cursor"), VERSION, *query)
    fields.finish()
    before = int(after) if after else None
    found = desk.services.histories.of(document, most, before, wanted)
    cursor = None if found.resume_before is None else str(found.resume_before)
    items = [{k: v for k, v in one.items() if k != "edit_id"} for one in found.items]
    return {"items": items, "cursor": write_cursor(cursor, *query)}
