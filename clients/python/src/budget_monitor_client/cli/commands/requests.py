"""`raise`, `requests`, `approve` and `deny`: more limit."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

import typer

from budget_monitor_client.cli.session import (
    By,
    Json,
    Limit,
    Reason,
    Session,
    Tenant,
    decider,
    pages,
    session_of,
    tenant_of,
)
from budget_monitor_client.cli.tables import state, table, usd, words
from budget_monitor_client.values import Answer

Request = Annotated[str, typer.Argument(metavar="REQUEST", help="The request's id.")]


class RequestState(str, Enum):
    """The states of a request."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    ALL = "all"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("raise")(raise_limit)
    app.command()(requests)
    app.command()(approve)
    app.command()(deny)


def raise_limit(
    context: typer.Context,
    budget_id: Annotated[str, typer.Argument(metavar="BUDGET")],
    amount: Annotated[str, typer.Argument(metavar="USD", help="How much is added to the limit.")],
    reason: Reason,
    by: By = None,
    tenant: Tenant = None,
    until: Annotated[
        str | None, typer.Option(help="When the raise ends; with the period unless given.")
    ] = None,
    raise_id: Annotated[
        str | None, typer.Option("--id", help="Your id: the same raise is made once.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Raise a limit for the present period, or until a moment."""
    session = session_of(context)
    said = {"budget_id": budget_id, "amount_usd": amount, "reason": reason, "by": decider(by)}
    more = {"until": until, "raise_id": raise_id}
    operation = "raise_limit" if tenant else "raise_system_limit"
    whose = {"tenant_id": tenant} if tenant else {}
    answer = session.budget.send(operation, {**whose, **said, **more})
    text = f"{budget_id} is now {usd(answer['limit_usd'])} (raise {answer['raise_id']})"
    session.print_or_say(answer, text, as_json=as_json)


def requests(
    context: typer.Context,
    tenant: Tenant = None,
    which: Annotated[RequestState, typer.Option("--state")] = RequestState.OPEN,
    limit: Limit = 50,
    *,
    as_json: Json = False,
) -> None:
    """List the requests for more, the latest first."""
    session, tenant = session_of(context), tenant_of(tenant)
    wanted = None if which is RequestState.ALL else which.value
    budget = session.budget
    found = pages(lambda c: budget.list_requests(tenant, state=wanted, cursor=c), limit)
    if as_json:
        session.print_json({"items": found})
        return
    made = table("request", "state", "asks", "budget", "left", "run", "by", "why", right=("asks",))
    for one in found:
        run = one["agent_execution_id"] or one["workflow_execution_id"]
        made.add_row(
            one["request_id"],
            state(one["state"]),
            usd(one["amount_usd"]),
            one["budget_id"],
            usd(one["available_usd"]),
            words(run),
            words(one["by"]),
            one["reason"],
        )
    session.out.print(made)


def approve(
    context: typer.Context,
    request: Request,
    reason: Reason,
    by: By = None,
    tenant: Tenant = None,
    amount: Annotated[
        str | None, typer.Option(help="By how much; what was asked unless given.", metavar="USD")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Approve a request: the limit is raised, and a paused workflow goes on."""
    session = session_of(context)
    answer = session.budget.approve(
        tenant_of(tenant),
        request_id=request,
        reason=reason,
        by=decider(by),
        amount_usd=amount,
    )
    _decided(session, answer, as_json=as_json)


def deny(
    context: typer.Context,
    request: Request,
    reason: Reason,
    by: By = None,
    tenant: Tenant = None,
    *,
    as_json: Json = False,
) -> None:
    """Deny a request: the limit stays."""
    session = session_of(context)
    answer = session.budget.deny(
        tenant_of(tenant), request_id=request, reason=reason, by=decider(by)
    )
    _decided(session, answer, as_json=as_json)


def _decided(session: Session, answer: Answer, *, as_json: bool) -> None:
    text = f"{answer['request_id']} is {answer['state']}"
    session.print_or_say(answer, text, as_json=as_json)
