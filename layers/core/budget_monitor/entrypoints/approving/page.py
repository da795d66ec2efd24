"""Show a request to the holder of its signed link, and store the decision. GET changes nothing."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from budget_monitor.domain.approvals.authority import APPROVE, DENY
from budget_monitor.domain.errors import BudgetMonitorError, ValidationError
from budget_monitor.domain.signed_links import MAX_TOKEN
from budget_monitor.entrypoints.approving.html import rendered
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.usecases.approvals.approvals import Approvals
from budget_monitor.usecases.approvals.decision import Decide, link_was_used
from budget_monitor.usecases.approvals.links import PATH, Link, read_link
from budget_monitor.usecases.authority import Who
from budget_monitor.usecases.rules.rulebook import ChangeRules

APPROVE_LESS = "approve_less"
MAX_FORM = 16_384
"""Maximum size of a form, in bytes."""


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the page, and the keys of its links."""

    approvals: Approvals
    keys: Callable[[], tuple[bytes, ...]]


_Context = RequestContext[Services]


def show(context: _Context, fields: Fields) -> Answer:
    """Show the request. Mail scanners that follow the link change nothing."""
    token = fields.token("token", MAX_TOKEN)
    return _page(context, _link(context, token), token)


def decide(context: _Context, fields: Fields) -> Answer:
    """Approve, approve less, or deny. The link works once."""
    token = fields.token("token", MAX_TOKEN)
    link = _link(context, token)
    try:
        command = _command(fields, link)
        decided = context.services.approvals.deciding
        (decided.deny if command.change.operation == DENY else decided.approve)(command)
    except BudgetMonitorError as error:
        return _page(context, link, token, error)
    return _page(context, link, token)


def as_html(response: dict[str, Any]) -> dict[str, Any]:
    """The response; an error without a request to show becomes a page."""
    if response.get("headers", {}).get("content-type") != "application/json":
        return response
    message = json.loads(response["body"])["message"]
    return rendered(response["statusCode"], "error.html", message=message)


def as_json(event: dict[str, Any]) -> dict[str, Any]:
    """The event with the form of its body as JSON, which the door reads."""
    if not isinstance(event, dict) or not isinstance(event.get("body"), str):
        return event
    given = [(name, value.strip()) for name, value in _form(event) if value.strip()]
    return {**event, "body": json.dumps(dict(given)), "isBase64Encoded": False}


def _form(event: Mapping[str, Any]) -> list[tuple[str, str]]:
    body = event["body"]
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True).decode()
        if len(body) > MAX_FORM:
            return []
        return parse_qsl(body, keep_blank_values=True, max_num_fields=20)
    except (binascii.Error, ValueError):
        return []  # the page then says which field is missing


def _link(context: _Context, token: str) -> Link:
    return read_link(token, context.services.keys(), context.clock.now())


def _command(fields: Fields, link: Link) -> Decide:
    """Return the decision of the form, which its button chooses; one button has the amount."""
    choice = fields.choice("decision", (APPROVE, APPROVE_LESS, DENY))
    if choice is None:
        raise fields.missing("decision")
    amount = fields.optional_amount("amount_usd")
    if (choice == APPROVE_LESS) != (amount is not None):
        raise ValidationError(
            "amount_usd is required for Approve less, and only for it", "amount_usd"
        )
    reason = fields.text("reason")
    who = Who(fields.text("by"), reason, f"link:{link.nonce}", link=link.nonce)
    fields.finish()
    operation = DENY if choice == DENY else APPROVE
    command = ChangeRules(link.tenant_id, who, operation, {"request_id": link.request_id})
    return Decide(command, link.request_id, amount)


def _page(
    context: _Context, link: Link, token: str, error: BudgetMonitorError | None = None
) -> Answer:
    services, now = context.services, context.clock.now()
    found = services.approvals.stored.get(link.tenant_id, link.request_id)
    used = link_was_used(services.approvals.store, link.tenant_id, link.nonce)
    page = rendered(
        error.status if error else HTTPStatus.OK,
        "request.html",
        request=found,
        state=found.state_at(now),
        used=used,
        token=token,
        error=error,
        action=PATH,
    )
    return Answer({}, page["statusCode"], page["headers"], page["body"])


PAGES: tuple[Operation[Services], ...] = (
    Operation("show_request", "GET", PATH, show),
    Operation("answer_request", "POST", PATH, decide),
)
