"""The operations of requests for more limit: ask, approve, deny, list."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from budget_monitor.domain.approvals.authority import APPROVE, DENY
from budget_monitor.domain.approvals.outcomes import OPEN
from budget_monitor.domain.approvals.requests import DEFAULT_LIFE, MAX_LIFE, STATES, RaiseRequest
from budget_monitor.domain.money import render as usd
from budget_monitor.domain.periods import render_instant
from budget_monitor.entrypoints.budgeting.request import Services, command_of
from budget_monitor.entrypoints.door.cursors import MOMENT, read_cursor, write_cursor
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.idempotency import keyed, with_id
from budget_monitor.entrypoints.door.label_fields import read_labels
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.door.render import time
from budget_monitor.usecases.approvals.ask import AskForRaise
from budget_monitor.usecases.approvals.decision import Decide
from budget_monitor.usecases.approvals.stored import ID_FIELD

ASK = "request_raise"
MAX_REQUESTS, DEFAULT_REQUESTS = 100, 50
MAX_LIFE_SECONDS = MAX_LIFE // timedelta(seconds=1)

_Context = RequestContext[Services]


def request_raise(context: _Context, fields: Fields) -> Answer:
    """Ask people for more limit. A run has one open request for each budget."""
    tenant_id, make = fields.tenant(), fields.key_or(ASK, context.ids.new)
    given = fields.caller_id(ID_FIELD, canonical=False)
    labels, seconds = read_labels(fields), fields.count("expires_in_seconds", 1, MAX_LIFE_SECONDS)
    command = AskForRaise(
        tenant_id=tenant_id,
        request_id=given or make(),
        labels=labels,
        budget_id=fields.optional_id("budget_id"),
        amount=fields.amount("amount_usd"),
        reason=fields.text("reason"),
        by=fields.optional_text("by"),
        principal=fields.principal,
        life=timedelta(seconds=seconds) if seconds else DEFAULT_LIFE,
        request={},
        named=given is not None,
    )
    key, request = fields.idempotency_key(), fields.finish()
    whole = with_id(request, ASK, ID_FIELD, given)
    command = replace(command, request=request, key=keyed(tenant_id, key, whole))
    answered = context.services.approvals.asking.ask(command)
    body = shown(answered.request, replayed=answered.replayed)
    return Answer(body, 200 if answered.replayed else 201)


def approve(context: _Context, fields: Fields) -> Answer:
    """Approve a request: raise the limit by what was asked, or by less."""
    amount = fields.optional_amount("amount_usd")
    command = replace(_command(fields, APPROVE), amount=amount)
    answered = context.services.approvals.deciding.approve(command)
    return Answer(shown(answered.request, replayed=answered.replayed))


def deny(context: _Context, fields: Fields) -> Answer:
    """Deny a request. The limit stays, and a paused workflow stays paused."""
    answered = context.services.approvals.deciding.deny(_command(fields, DENY))
    return Answer(shown(answered.request, replayed=answered.replayed))


def get_request(context: _Context, fields: Fields) -> Answer:
    """Return one request: what was asked, what was left then, and who answered."""
    tenant_id, request_id = fields.tenant(), fields.id(ID_FIELD)
    fields.finish()
    return Answer(shown(context.services.approvals.stored.get(tenant_id, request_id)))


def list_requests(context: _Context, fields: Fields) -> Answer:
    """List the tenant's requests, the latest first, of one state or of all."""
    tenant_id, state = fields.tenant(), fields.choice("state", STATES)
    most = fields.count("limit", 1, MAX_REQUESTS) or DEFAULT_REQUESTS
    query = ("list_requests", tenant_id, state)
    before = read_cursor(fields.opaque("cursor"), MOMENT, *query)
    fields.finish()
    page = context.services.approvals.stored.page(tenant_id, state, most, before)
    cursor = write_cursor(page.resume_before, *query)
    return Answer({"items": [shown(one) for one in page.items], "cursor": cursor})


def shown(request: RaiseRequest, *, replayed: bool = False) -> dict[str, Any]:
    """The answer of a request."""
    ended = request.outcome
    decision = ended.dump() if ended else None
    return {
        ID_FIELD: request.request_id,
        "tenant_id": request.tenant_id,
        "state": ended.state if ended else OPEN,
        **request.target.dump(),
        **request.labels.public(),
        "amount_usd": usd(request.amount),
        "reason": request.reason,
        "by": request.asker.by,
        "principal": request.asker.principal,
        "created_at": render_instant(request.created_at),
        "expires_at": render_instant(request.expires_at),
        "refused_usd": None if request.refused is None else usd(request.refused),
        "forecast": request.forecast,
        "approvals": [one.dump() for one in request.approvals],
        "escalates_at": time(request.escalates_at),
        "escalated_at": time(request.escalated_at),
        "times_out_at": time(request.times_out_at),
        "decision": decision,
        "replayed": replayed,
    }


def _command(fields: Fields, operation: str) -> Decide:
    tenant_id, request_id = fields.tenant(), fields.id(ID_FIELD)
    return Decide(command_of(fields, tenant_id, operation), request_id)


_REQUESTS = "/tenants/{tenant_id}/requests"
_ONE = f"{_REQUESTS}/{{request_id}}"

OPERATIONS: tuple[Operation[Services], ...] = (
    Operation(ASK, "POST", _REQUESTS, request_raise),
    Operation("list_requests", "GET", _REQUESTS, list_requests),
    Operation("get_request", "GET", _ONE, get_request),
    Operation(APPROVE, "POST", f"{_ONE}/approve", approve),
    Operation(DENY, "POST", f"{_ONE}/deny", deny),
)
