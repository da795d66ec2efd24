"""The operation `ledger`: by time, booked month or recording; as JSON, CSV or JSON Lines."""

import re
from collections.abc import Sequence
from typing import Any

from budget_monitor.domain.costs.ledger import FLAGS, Entry
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.periods import render_instant
from budget_monitor.entrypoints.door import cursors, render
from budget_monitor.entrypoints.door.cursors import read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.formats.tables import read_format, table
from budget_monitor.entrypoints.door.operations import CSV, Answer, RequestContext
from budget_monitor.entrypoints.door.page_size import fitting
from budget_monitor.entrypoints.reporting.services import Services, page_limit
from budget_monitor.usecases.exports.ledger_columns import COLUMNS, ledger_row
from budget_monitor.usecases.reports.ledger_list import LedgerQuery

_BOOKED = re.compile(r"[0-9T:.-]{26}Z#[A-Za-z0-9._:-]{1,160}", re.ASCII)
"""The position of an entry in the order of booking."""


def ledger(context: RequestContext[Services], fields: Fields) -> Answer:
    """List a tenant's ledger entries, the oldest first, as JSON, CSV or JSON Lines.

    A page may have fewer items than asked for where a filter leaves many out: go on with `cursor`.
    """
    tenant_id, limit = fields.tenant(), page_limit(fields)
    wanted, form = _read_query(fields), read_format(fields)
    query = ("ledger", tenant_id, *_texts(wanted))
    position = _BOOKED if wanted.by_booking else cursors.ENTRY
    after = read_cursor(fields.opaque("cursor"), position, *query)
    fields.finish()
    page = context.services.views.ledger.page(tenant_id, wanted, limit, after)
    items, cursor = entries_page(page.entries, page.resume_at, *query, booked=wanted.by_booking)
    if form:
        found = page.entries[: len(items)]
        rows = [ledger_row(one) for one in found] if form == CSV else items
        return table(form, COLUMNS, rows, cursor)
    body = {"items": items, "cursor": cursor}
    if wanted.recorded_from:
        body["recorded_until"] = render.time(page.recorded_until)
    return Answer(body)


def entries_page(
    entries: Sequence[Entry], resume_at: str | None, *query: str | None, booked: bool = False
) -> tuple[list[dict[str, Any]], str | None]:
    """Return as many entries as fit into one answer, and the cursor of the next page."""
    items = [render.entry(one) for one in entries]
    count = fitting(items)
    last = resume_at
    if count < len(items):
        cut = entries[count - 1]
        last = cut.booking_position if booked else cut.position
    return items[:count], write_cursor(last, *query)


def _read_query(fields: Fields) -> LedgerQuery:
    """Return the requested range. Raises ValidationError if two ranges are given."""
    start, end = fields.instant("from"), fields.instant("to")
    month, since = fields.month("month"), fields.instant("recorded_from")
    if start and end and end < start:
        raise ValidationError("to must not be before from", "to")
    if (start or end) and (month or since):
        field = "month" if month else "recorded_from"
        raise ValidationError(f"{field} and a range of from and to: send one of the two", field)
    return LedgerQuery(
        start,
        end,
        month,
        since,
        user=fields.name("user"),
        agent=fields.name("agent"),
        model=fields.name("model"),
        workflow=fields.name("workflow"),
        tag=fields.name("tag"),
        flag=fields.choice("flags", FLAGS),
    )


def _texts(wanted: LedgerQuery) -> list[str | None]:
    """The query as texts, for its cursors: a cursor is of one query only."""
    moments = (wanted.start, wanted.end, wanted.recorded_from)
    texts = [None if moment is None else render_instant(moment) for moment in moments]
    names = (wanted.user, wanted.agent, wanted.model, wanted.workflow, wanted.tag, wanted.flag)
    return [*texts, wanted.month, *names]
