"""`status`, `usage`, `headroom` and `alerts`: what is spent, held and left."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Annotated, Any

import typer

from budget_monitor_client.cli.exits import CommandError, Exit
from budget_monitor_client.cli.session import (
    Json,
    Limit,
    Month,
    Session,
    Tenant,
    pages,
    session_of,
    tenant_of,
)
from budget_monitor_client.cli.tables import bar, limits, pairs, state, table, usd, words
from budget_monitor_client.values import Answer

Label = Annotated[str | None, typer.Option()]


class Dimension(str, Enum):
    """Dimensions of a breakdown."""

    AGENT = "agent"
    MODEL = "model"
    USER = "user"
    TAG = "tag"
    WORKFLOW = "workflow"
    PROVIDER = "provider"
    DAY = "day"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(status)
    app.command()(usage)
    app.command()(headroom)
    app.command()(alerts)


def status(
    context: typer.Context,
    tenant: Tenant = None,
    month: Month = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Exit 1 if the limit is passed.")] = False,
    as_json: Json = False,
) -> None:
    """Show a month: spent, held, left, the forecast and the budgets; or the system's."""
    session = session_of(context)
    budget = session.budget
    month_now = budget.tenant_usage(tenant, month=month) if tenant else None
    shown: Answer = month_now or budget.system_usage(month=month)
    if as_json:
        session.print_json(shown)
    else:
        _print_month(session, shown, tenant)
        if tenant and month is None:
            _print_tenant(session, tenant)
    if check and shown["exceeded"]:
        raise typer.Exit(Exit.REFUSED)


def _print_month(session: Session, month: Answer, tenant: str | None) -> None:
    title = f"{tenant or 'All tenants'} in {month['period']}"
    rows: list[tuple[str, object]] = [
        ("spent", usd(month["spent_usd"])),
        ("held", usd(month["held_usd"])),
        ("left", usd(month["available_usd"])),
        ("limit", usd(month["limit_usd"])),
        ("used", bar(month["used_percent"])),
        ("entries", month["entries"]),
        ("resets at", month["resets_at"]),
    ]
    session.out.print(pairs(rows, title))
    if tenant is None:
        rows_of = table("tenant", "spent", "held", "share", right=("spent", "held"))
        for one in month["tenants"]:
            share = bar(one["share_percent"], marks=False)
            rows_of.add_row(one["tenant_id"], usd(one["spent_usd"]), usd(one["held_usd"]), share)
        session.out.print(rows_of)


def _print_tenant(session: Session, tenant: str) -> None:
    """Its forecast, its budgets and what waits for people."""
    forecast = session.budget.forecast(tenant)
    if forecast["estimate_usd"] is not None:
        between = f"{usd(forecast['low_usd'])} to {usd(forecast['high_usd'])}"
        session.say(f"Forecast for the month: {usd(forecast['estimate_usd'])} ({between})")
    session.out.print(budget_table(session.budget.list_budgets(tenant)["items"]))
    waiting = len(pages(lambda c: session.budget.list_requests(tenant, state="open", cursor=c)))
    paused = len(pages(lambda c: session.budget.list_workflows(tenant, paused=True, cursor=c)))
    session.say(f"{waiting} open requests, {paused} paused workflows")


def budget_table(items: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - rich's table
    """Return a table of budgets with bars."""
    made = table("budget", "of", "period", "limit", "spent", "used", "action", right=("spent",))
    for one in items:
        whose = words(one["scope_id"]) if one["scope_id"] else "each"
        action = one["action"] if one["enforcement"] == "enforce" else one["enforcement"]
        made.add_row(
            one["budget_id"],
            f"{one['scope']} {whose}",
            one["period"],
            limits(one),
            usd(one.get("spent_usd")),
            bar(one.get("used_percent")),
            action,
        )
    return made


def usage(
    context: typer.Context,
    tenant: Tenant = None,
    by: Annotated[Dimension, typer.Option(help="What the costs are added up by.")] = (
        Dimension.AGENT
    ),
    month: Month = None,
    limit: Limit = 50,
    *,
    as_json: Json = False,
) -> None:
    """Break a month's spend down by agent, model, user, tag, workflow, provider or day."""
    session = session_of(context)
    answer = _breakdown(session, tenant, by)(month=month, limit=limit)
    if as_json:
        session.print_json(answer)
        return
    made = table(by.value, "spent", "tokens", "entries", "share", right=("spent", "tokens"))
    for one in answer["items"]:
        share = bar(one["share_percent"], marks=False)
        name = "(none)" if one["name"] is None else one["name"]
        made.add_row(
            name, usd(one["spent_usd"]), words(one["tokens"]), words(one["entries"]), share
        )
    session.out.print(made)
    total = f"total {usd(answer['total_usd'])} in {answer['month']}"
    more = f"; more than {limit} rows, see --limit" if answer["cursor"] else ""
    session.say(total + more)


def _breakdown(session: Session, tenant: str | None, by: Dimension) -> Callable[..., Answer]:
    """The operation: `agent_costs`, or `system_agent_costs` without a tenant."""
    word = "daily" if by is Dimension.DAY else by.value
    operation = f"{word}_costs" if tenant else f"system_{word}_costs"
    whose = {"tenant_id": tenant} if tenant else {}
    return lambda **fields: session.budget.send(operation, {**whose, **fields})


def headroom(
    context: typer.Context,
    tenant: Tenant = None,
    run: Annotated[str | None, typer.Option(help="The agent execution's id.")] = None,
    workflow_execution: Annotated[
        str | None, typer.Option(help="The workflow execution's id.")
    ] = None,
    agent: Label = None,
    workflow: Label = None,
    model: Label = None,
    provider: Label = None,
    user: Label = None,
    tag: Annotated[list[str] | None, typer.Option(help="May be repeated.")] = None,
    needs: Annotated[
        str | None, typer.Option(help="Exit 1 if less USD than this is left.", metavar="USD")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show how much a run may still spend, and which budgets say so."""
    session = session_of(context)
    wanted = _amount(needs)
    answer = session.budget.headroom(
        tenant_of(tenant),
        agent_execution_id=run or (None if workflow_execution else "new-run"),
        workflow_execution_id=workflow_execution,
        agent=agent,
        workflow=workflow,
        model=model,
        provider=provider,
        user=user,
        tags=tag,
    )
    if as_json:
        session.print_json(answer)
    else:
        _print_headroom(session, answer)
    left = answer["remaining"]["usd"]
    if answer["reason_code"] or (wanted and left is not None and Decimal(left) < wanted):
        raise typer.Exit(Exit.REFUSED)


def _print_headroom(session: Session, answer: Answer) -> None:
    left = {name: one for name, one in answer["remaining"].items() if one is not None}
    rows = [(name, usd(one) if name == "usd" else one) for name, one in left.items()]
    session.out.print(pairs(rows or [("left", "nothing limits it")], "Left"))
    made = table("budget", "of", "period", "spent", "left", "used", right=("spent", "left"))
    for one in answer["gates"]:
        whose = f"{one['scope']} {words(one['scope_id'])}"
        left_usd, spent = usd(one["available_usd"]), usd(one["spent_usd"])
        made.add_row(
            one["budget_id"], whose, one["period"], spent, left_usd, bar(one["used_percent"])
        )
    session.out.print(made)
    if answer["reason"]:
        session.say(f"{answer['reason_code']}: {answer['reason']}")


def _amount(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or found < 0:
        raise CommandError(f"--needs is an amount such as 0.25, not {text}")
    return found


def alerts(
    context: typer.Context,
    tenant: Tenant = None,
    month: Month = None,
    limit: Limit = 50,
    *,
    as_json: Json = False,
) -> None:
    """List the alerts of a month, the latest first; the system's without a tenant."""
    session = session_of(context)
    budget = session.budget
    if tenant:
        found = pages(lambda c: budget.alerts(tenant, month=month, cursor=c), limit)
    else:
        found = pages(lambda c: budget.system_alerts(month=month, cursor=c), limit)
    if as_json:
        session.print_json({"items": found})
        return
    made = table("at", "severity", "kind", "of", "period", "state")
    for one in found:
        whose = f"{one['scope']} {words(one['scope_id'])}"
        period, sent = words(one["period"]), state(one["state"])
        made.add_row(one["at"], one["severity"], one["kind"], whose, period, sent)
    session.out.print(made)
