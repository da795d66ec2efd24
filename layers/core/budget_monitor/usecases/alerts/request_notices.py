"""Alerts about requests for more limit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from budget_monitor.domain.alerts.alerts import (
    RAISE_ESCALATED,
    RAISE_REQUESTED,
    SECOND_APPROVER_NEEDED,
    Alert,
)
from budget_monitor.domain.approvals.requests import RaiseRequest
from budget_monitor.domain.money import render
from budget_monitor.domain.periods import render_instant


def raise_requested(request: RaiseRequest, owner: str | None) -> Alert:
    """Alert: a run asks for more limit. Once per request."""
    return _alert(RAISE_REQUESTED, request, request.created_at, owner)


def raise_escalated(
    request: RaiseRequest, to: Sequence[str], owner: str | None, at: datetime
) -> Alert:
    """Alert: a request was not answered in time; `to` names the further people."""
    return _alert(RAISE_ESCALATED, request, at, owner, escalated_to=list(to))


def second_approver_needed(request: RaiseRequest, owner: str | None) -> Alert:
    """Alert: one of two approvers has approved a request."""
    first = request.approvals[-1]
    facts = {"approved_by": first.by, "approved_usd": render(first.amount)}
    return _alert(SECOND_APPROVER_NEEDED, request, first.at, owner, **facts)


def _alert(kind: str, request: RaiseRequest, at: datetime, owner: str | None, **more: Any) -> Alert:
    target = request.target
    facts = {
        **target.dump(),
        "request_id": request.request_id,
        "amount_usd": render(request.amount),
        "refused_usd": None if request.refused is None else render(request.refused),
        "forecast": request.forecast,
        "reason": request.reason,
        "by": request.asker.by,
        "expires_at": render_instant(request.expires_at),
        "owner": owner,
        **{name: value for name, value in request.labels.public().items() if value},
        **more,
    }
    for name in ("scope", "scope_id", "period"):
        del facts[name]
    return Alert(
        request.tenant_id,
        kind,
        (request.request_id,),
        at,
        target.scope,
        target.scope_id,
        target.period,
        facts,
    )
