"""The operation `headroom`: how much a run has left."""

from typing import Any

from budget_monitor.domain.holds.remaining import remaining
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.label_fields import read_labels
from budget_monitor.usecases.holds.headroom import Headroom


def headroom(use_case: Headroom, fields: Fields) -> dict[str, Any]:
    """Return the least that the budgets of these labels have left, in each unit."""
    tenant_id, labels = fields.tenant(), read_labels(fields, of_run=False)
    wrap_up = fields.flag("wrap_up", default=False)
    fields.finish()
    found = use_case.left(tenant_id, labels, wrap_up=wrap_up)
    standings = found.standings or ()
    return {
        "remaining": render.left(remaining(standings)),
        "matched": list(found.matched),
        "reason_code": found.verdict.reason_code,
        "reason": found.verdict.reason,
        "gates": render.gates(standings),
        **render.origin(found.origin),
    }
