"""`pause` and `resume`: workflow executions that wait for people."""

from __future__ import annotations

from typing import Annotated

import typer

from budget_monitor_client.cli.session import (
    By,
    Json,
    Reason,
    Session,
    Tenant,
    decider,
    session_of,
    tenant_of,
)
from budget_monitor_client.values import Answer

Execution = Annotated[
    str, typer.Argument(metavar="WORKFLOW_EXECUTION", help="The workflow execution's id.")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(pause)
    app.command()(resume)


def pause(
    context: typer.Context,
    execution: Execution,
    reason: Reason,
    by: By = None,
    tenant: Tenant = None,
    *,
    as_json: Json = False,
) -> None:
    """Pause a workflow execution: it cannot reserve until somebody resumes it."""
    session = session_of(context)
    answer = session.budget.pause(
        tenant_of(tenant), workflow_execution_id=execution, reason=reason, by=decider(by)
    )
    _print(session, answer, as_json=as_json)


def resume(
    context: typer.Context,
    execution: Execution,
    reason: Reason,
    by: By = None,
    tenant: Tenant = None,
    limit: Annotated[
        str | None, typer.Option(help="A limit of this execution's own.", metavar="USD")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Resume a workflow execution and the state machines that wait for it."""
    session = session_of(context)
    answer = session.budget.resume(
        tenant_of(tenant),
        workflow_execution_id=execution,
        reason=reason,
        by=decider(by),
        limit_usd=limit,
    )
    _print(session, answer, as_json=as_json)


def _print(session: Session, answer: Answer, *, as_json: bool) -> None:
    text = f"{answer['workflow_execution_id']} is {answer['state']}"
    session.print_or_say(answer, text, as_json=as_json)
