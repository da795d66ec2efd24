"""`costs`: the ledger's entries, as they were booked or as they come."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Annotated, Any

import typer

from budget_monitor_client.cli.exits import CommandError
from budget_monitor_client.cli.session import (
    Json,
    Limit,
    Session,
    Tenant,
    session_of,
    tenant_of,
)
from budget_monitor_client.cli.session import pages as pages_of
from budget_monitor_client.cli.tables import table, usd, words
from budget_monitor_client.errors import UnavailableError

OVERLAP = timedelta(minutes=2)
"""How far back each poll of --follow goes, for different clocks and late entries."""
_DAY = timedelta(days=1)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(costs)


def costs(
    context: typer.Context,
    tenant: Tenant = None,
    since: Annotated[
        str | None, typer.Option("--from", help="The first moment; a day ago unless given.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="The moment before which they occurred.")] = None,
    limit: Limit = 100,
    *,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with new ones.")] = False,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between two looks.")] = 2.0,
    as_json: Json = False,
) -> None:
    """List a tenant's costs, the oldest first; --follow prints new ones until it is stopped."""
    session, tenant = session_of(context), tenant_of(tenant)
    if follow:
        if to:
            raise CommandError("--follow has no end", hint="Leave --to out.")
        first = _moment(since) if since else _now()
        for entry in _coming(session, tenant, first, interval):
            _print_one(session, entry, as_json=as_json)
        return
    begin = since or (_now() - _DAY).isoformat()
    budget = session.budget
    found = pages_of(lambda c: budget.ledger(tenant, from_=begin, to=to, cursor=c), limit)
    if as_json:
        session.print_json({"items": found})
        return
    made = table("at", "cost", "tokens", "run", "agent", "model", "flags", right=("cost", "tokens"))
    for entry in found:
        made.add_row(*_cells(entry))
    session.out.print(made)


def _coming(
    session: Session, tenant: str, since: datetime, interval: float
) -> Iterator[dict[str, Any]]:
    """Yield entries as they are booked. An outage is printed, and the next poll continues."""
    seen: dict[str, datetime] = {}
    begin = since
    while True:
        looked = _now()
        try:
            for entry in _look(session, tenant, begin):
                if entry["entry_id"] not in seen:
                    yield entry
                seen[entry["entry_id"]] = looked
            begin = max(since, looked - OVERLAP)
        except UnavailableError as error:
            session.error.print(f"waiting: {error}")
        seen = {name: at for name, at in seen.items() if looked - at < OVERLAP}
        time.sleep(interval)


def _look(session: Session, tenant: str, begin: datetime) -> list[dict[str, Any]]:
    budget, since = session.budget, begin.isoformat()
    return pages_of(lambda c: budget.ledger(tenant, from_=since, limit=1000, cursor=c))


def _print_one(session: Session, entry: dict[str, Any], *, as_json: bool) -> None:
    """One line for an entry: a row without borders, or a JSON object."""
    if as_json:
        session.out.file.write(json.dumps(entry, ensure_ascii=False) + "\n")
    else:
        session.say("  ".join(_cells(entry)))
    session.out.file.flush()


def _cells(entry: dict[str, Any]) -> tuple[str, ...]:
    run = entry["agent_execution_id"] or entry["workflow_execution_id"]
    shown = (entry["tokens"], run, entry["agent"], entry["model"], entry["flags"])
    return (entry["occurred_at"], usd(entry["cost_usd"]), *(words(one) for one in shown))


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise CommandError(f"--from is a moment such as 2026-11-22T10:00:00Z: {error}") from error
    if found.tzinfo is None:
        raise CommandError("--from needs a time zone, for example 2026-11-22T10:00:00Z")
    return found


def _now() -> datetime:
    return datetime.now(timezone.utc)
