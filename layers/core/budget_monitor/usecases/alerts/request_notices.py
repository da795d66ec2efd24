"""Alerts about requests for more limit."""

from budget_monitor.domain.alerts.alerts import RAISE_REQUESTED, Alert
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import render_instant


def raise_requested(request: RaiseRequest, owner: str | None) -> Alert:
    """Alert: a run asks for more limit. Once per request."""
    target = request.target
    facts = {
        **target.dump(),
        "request_id": request.request_id,
        "amount_usd": render(request.amount),
        "reason": request.reason,
        "by": request.asker.by,
        "expires_at": render_instant(request.expires_at),
        "owner": owner,
        **{name: value for name, value in request.labels.public().items() if value},
    }
    for name in ("scope", "scope_id", "period"):
        del facts[name]
    return Alert(
        request.tenant_id,
        RAISE_REQUESTED,
        (request.request_id,),
        request.created_at,
        target.scope,
        target.scope_id,
        target.period,
        facts,
    )
