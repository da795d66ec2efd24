"""`plan`, `apply`, `export` and `lint`: budgets as code."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from budget_monitor_client.cli.code.apply import apply as make
from budget_monitor_client.cli.code.export import export as written
from budget_monitor_client.cli.code.file import Wanted, load
from budget_monitor_client.cli.code.lint import lint as findings
from budget_monitor_client.cli.code.plan import Change, Plan
from budget_monitor_client.cli.code.plan import plan as planned
from budget_monitor_client.cli.exits import CommandError, Exit
from budget_monitor_client.cli.session import (
    By,
    Json,
    Reason,
    Session,
    decider,
    pages,
    session_of,
)
from budget_monitor_client.cli.tables import table, words

File = Annotated[Path, typer.Argument(metavar="FILE", help="The rules, such as budgets.yaml.")]
_STYLES = {"+": "green", "-": "red", "~": "yellow"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (plan, apply, export, lint):
        app.command()(command)


def plan(
    context: typer.Context,
    file: File,
    *,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if there are changes.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is different between the file and the service. Nothing is changed."""
    session = session_of(context)
    wanted = load(file)
    found = _planned(session, wanted)
    if as_json:
        session.print_json({"changes": [_as_json(one) for one in found.changes]})
    else:
        _print(session, found)
        _warn(session, wanted)
    if check and found.changes:
        raise typer.Exit(Exit.REFUSED)


def apply(
    context: typer.Context,
    file: File,
    reason: Reason,
    by: By = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Make the service as the file says, if nobody else changes it meanwhile."""
    session = session_of(context)
    wanted = load(file)
    found = _planned(session, wanted)
    if not as_json:
        _print(session, found)
        _warn(session, wanted)
    if found.changes and not yes:
        _confirm(session, len(found.changes))
    who = decider(by)
    with session.counting("applying", len(found.changes)) as done:
        made = make(session.budget, found, by=who, reason=reason, done=done)
    if as_json:
        versions = {owner or "system": one for owner, one in made.versions.items()}
        changes = [_as_json(one) for one in found.changes]
        session.print_json({"changes": changes, "versions": versions})
    elif made.changes:
        session.say(f"{made.changes} changes are made")


def export(
    context: typer.Context,
    tenant: Annotated[
        list[str] | None,
        typer.Option("--tenant", "-t", help="Only this tenant; may be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file; else it is printed.")
    ] = None,
) -> None:
    """Write the rules that are, as a file that `plan` finds no difference to."""
    session = session_of(context)
    tenants = tenant or _tenants(session)
    with session.counting("exporting", len(tenants) + 1) as done:
        text = written(session.budget, tenants, _now(), done)
    if out is None:
        session.out.file.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{out} cannot be written: {error}") from error
    session.say(f"{out}: the system and {len(tenants)} tenants")


def lint(context: typer.Context, file: File, *, as_json: Json = False) -> None:
    """Find a child above its parent and limits that are never reached. Exits 1 if it finds any."""
    session = session_of(context)
    found = findings(load(file))
    if as_json:
        rows = [{"path": o.path, "rule": o.rule, "message": o.words} for o in found]
        session.print_json({"findings": rows})
    for one in [] if as_json else found:
        session.say(f"{one.path}: {one.rule}: {one.words}")
    if found:
        raise typer.Exit(Exit.REFUSED)
    if not as_json:
        session.say(f"{file}: nothing found")


def _planned(session: Session, wanted: Wanted) -> Plan:
    with session.counting("reading", len(list(wanted.owners()))) as done:
        return planned(session.budget, wanted, _now(), done)


def _print(session: Session, found: Plan) -> None:
    if not found.changes:
        session.say("No changes: everything is as the file says.")
        return
    made = table("", "owner", "what", "field", "before", "after")
    for one in found.changes:
        names = list(dict.fromkeys([*one.before, *one.after]))
        for number, name in enumerate(names):
            head = ("", "", "") if number else (one.sign, one.owner or "system", one.subject)
            sign = Text(head[0], style=_STYLES[one.sign])
            values = (words(one.before.get(name)), words(one.after.get(name)))
            made.add_row(sign, *head[1:], name, *values)
    session.out.print(made)
    session.say(f"{len(found.changes)} changes")


def _warn(session: Session, wanted: Wanted) -> None:
    for one in findings(wanted):
        session.say(f"warning: {one.path}: {one.rule}: {one.words}")


def _confirm(session: Session, count: int) -> None:
    if not session.error.is_terminal:
        raise CommandError(f"{count} changes wait for a yes", hint="Give --yes.")
    if not typer.confirm(f"Make {count} changes?", err=True):
        raise CommandError("nothing was changed", Exit.REFUSED)


def _as_json(change: Change) -> dict[str, object]:
    return {
        "owner": change.owner or "system",
        "operation": change.operation,
        "subject": change.subject,
        "before": dict(change.before),
        "after": dict(change.after),
    }


def _tenants(session: Session) -> list[str]:
    found = pages(lambda cursor: session.budget.list_tenants(cursor=cursor))
    return [one["tenant_id"] for one in found if one["state"] in {"active", "suspended"}]


def _now() -> datetime:
    return datetime.now(timezone.utc)
