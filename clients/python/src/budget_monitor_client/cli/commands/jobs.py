"""`close` and `reconcile`: jobs that schedules run, and people may."""

from __future__ import annotations

from typing import Annotated

import typer

from budget_monitor_client.cli.exits import CommandError, Exit
from budget_monitor_client.cli.session import By, Json, Month, Session, Tenant, decider, session_of
from budget_monitor_client.cli.tables import pairs, table, words
from budget_monitor_client.values import Answer, Fields


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(close)
    app.command()(reconcile)


def close(context: typer.Context, month: Month = None, *, as_json: Json = False) -> None:
    """Close a month: a statement for every tenant whose month ended. Repeating it changes nothing.

    Exits with 1 if it failed for a tenant.
    """
    session = session_of(context)
    answer = _run(session, "close_month", {"month": month}, "closing the month")
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(pairs(list(answer.items()), "Closed"))
    if answer["failed"]:
        raise typer.Exit(Exit.REFUSED)


def reconcile(
    context: typer.Context,
    tenant: Tenant = None,
    month: Month = None,
    by: By = None,
    reason: Annotated[str | None, typer.Option("--reason", "-r", help="Why.")] = None,
    *,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Set accounts to what their ledger says.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Compare accounts with the sums of their entries. Exits with 1 if one differs."""
    session = session_of(context)
    if rebuild and not reason:
        raise CommandError("--rebuild changes accounts", hint="Say why with --reason.")
    why = {"rebuild": True, "by": decider(by), "reason": reason} if rebuild else {}
    fields = {"tenant_id": tenant, "month": month, **why}
    answer = _run(session, "reconcile", fields, "comparing accounts with the ledger")
    if as_json:
        session.print_json(answer)
    else:
        _print_differences(session, answer)
    if answer["differences"] and not answer["rebuilt"]:
        raise typer.Exit(Exit.REFUSED)


def _run(session: Session, operation: str, fields: Fields, words_: str) -> Answer:
    """Invoke a job. Raises CommandError where the API was given, which has no route for it."""
    if session.place.url:
        hint = "Give --stack in place of --url: jobs are invoked directly."
        raise CommandError(f"{operation} has no route over HTTP", hint=hint)
    with session.waiting(words_):
        return session.budget.send(operation, fields)


def _print_differences(session: Session, answer: Answer) -> None:
    count = len(answer["differences"])
    done = ", set to what the ledger says" if answer["rebuilt"] else ""
    session.say(f"{answer['accounts']} accounts of {answer['month']}: {count} differ{done}")
    if answer["differences"]:
        made = table("tenant", "account", "period", "counters")
        for one in answer["differences"]:
            account = f"{one['scope']} {words(one['scope_id'])}"
            made.add_row(words(one["tenant_id"]), account, one["period"], words(one["counters"]))
        session.out.print(made)
    if answer["skipped"]:
        session.say(f"{len(answer['skipped'])} accounts were busy and were not compared")
