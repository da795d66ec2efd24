"""The operations `confirm_cost` and `reject_cost`."""

from typing import Any

from budget_monitor.domain.costs.ledger import CONFIRMED, REJECTED
from budget_monitor.entrypoints.door import render
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.costs.review import ReviewCost, Reviewing

_STATES = {"confirm_cost": CONFIRMED, "reject_cost": REJECTED}


def decide(operation: str, reviewing: Reviewing, fields: Fields) -> dict[str, Any]:
    """Confirm or reject a quarantined cost; the answer is its entry."""
    tenant_id, entry_id = fields.tenant(), fields.entry_id("entry_id")
    who = Who(fields.text("by"), fields.text("reason"), fields.principal, fields.caller.is_owner)
    key = fields.idempotency_key()
    request = {"operation": operation} | fields.finish()
    command = ReviewCost(tenant_id, entry_id, _STATES[operation], who, request, key)
    done = reviewing.decide(command)
    return {"entry": render.entry(done.entry, replayed=done.replayed)}
