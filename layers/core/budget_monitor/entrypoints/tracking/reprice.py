"""The operation `reprice` of the tracking function."""

from dataclasses import replace
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import render_instant
from budget_monitor.domain.requests import OPERATION
from budget_monitor.entrypoints.door.cursors import ENTRY, read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.idempotency import keyed
from budget_monitor.usecases.costs.reprice import Reprice, Repriced, RepricedPage, Repricing

MAX_ENTRIES, DEFAULT_ENTRIES = 1000, 100


def reprice(repricing: Repricing, fields: Fields) -> dict[str, Any]:
    """Compute a page of costs again; books the differences only if `dry_run` is false."""
    start, end = fields.instant("from"), fields.instant("to")
    if start is None:
        raise fields.missing("from")
    if end is None:
        raise fields.missing("to")
    if end < start:
        raise ValidationError("to must not be before from", "to")
    command = Reprice(
        tenant_id=fields.tenant(),
        start=start,
        end=end,
        by=fields.text("by"),
        reason=fields.text("reason"),
        dry_run=fields.flag("dry_run", default=True),
        model=fields.name("model"),
        principal=fields.principal,
    )
    # Each difference has an id of its own, so repeating a page books nothing twice. All pages share
    # the key.
    request = {OPERATION: "reprice", **fields.canonical}
    command = replace(command, key=keyed(command.tenant_id, fields.idempotency_key(), request))
    limit = fields.count("limit", 1, MAX_ENTRIES) or DEFAULT_ENTRIES
    span = (render_instant(start), render_instant(end))
    query = ("reprice", command.tenant_id, *span, command.model, str(command.dry_run))
    after = read_cursor(fields.opaque("cursor"), ENTRY, *query)
    fields.finish()
    page = repricing.reprice(command, limit, after)
    cursor = write_cursor(page.resume_at, *query)
    signer = {"principal": command.principal}
    return {"dry_run": command.dry_run, **_page(page), **signer, "cursor": cursor}


def _page(page: RepricedPage) -> dict[str, Any]:
    failed = sum(1 for one in page.changed if one.error)
    return {
        "items": [_item(one) for one in page.changed],
        "entries": len(page.items),
        "changed": len(page.changed) - failed,
        "failed": failed,
        "given": page.given,
        "quarantined": page.quarantined,
        "before_usd": render(page.total("before")),
        "after_usd": render(page.total("after")),
        "difference_usd": render(page.total("difference")),
    }


def _item(one: Repriced) -> dict[str, Any]:
    entry, error = one.entry, one.error
    return {
        "entry_id": entry.entry_id,
        "model": entry.labels.model,
        "provider": entry.labels.provider,
        "occurred_at": render_instant(entry.occurred_at),
        "before_usd": render(one.before),
        "after_usd": render(one.after),
        "difference_usd": render(one.difference),
        "price": one.bill.kept_quote if one.bill else None,
        "adjustment_id": one.adjustment_id,
        "error": error and error.code,
        "message": error and error.message,
    }
