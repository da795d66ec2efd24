"""`budgets list` and `budgets show`: limits, and what is left of them."""

from __future__ import annotations

from typing import Annotated

import typer

from budget_monitor_client.cli.commands.usage import budget_table
from budget_monitor_client.cli.session import Json, Session, Tenant, pages, session_of
from budget_monitor_client.cli.tables import bar, limits, pairs, table, usd, words
from budget_monitor_client.values import Answer

app = typer.Typer(help="List budgets, or show one with its history.", no_args_is_help=True)
_SHOWN_CHANGES = 10


@app.command("list")
def list_all(context: typer.Context, tenant: Tenant = None, *, as_json: Json = False) -> None:
    """List the budgets of a tenant, or those of the system and the defaults of all tenants."""
    session = session_of(context)
    budget = session.budget
    answer = budget.list_budgets(tenant) if tenant else budget.list_system_budgets()
    if as_json:
        session.print_json(answer)
    else:
        session.out.print(budget_table(answer["items"]))


@app.command()
def show(
    context: typer.Context,
    budget_id: Annotated[str, typer.Argument(metavar="BUDGET")],
    tenant: Tenant = None,
    name: Annotated[
        str | None, typer.Option(help="Whose amounts: a run's id, or a name of a budget for each.")
    ] = None,
    *,
    as_json: Json = False,
) -> None:
    """Show a budget, its raises and grants, and who changed it when and why."""
    session = session_of(context)
    budget = session.budget
    if tenant:
        found = budget.get_budget(tenant, budget_id=budget_id, name=name)
    else:
        found = budget.get_system_budget(budget_id=budget_id, name=name)
    if as_json:
        session.print_json(found)
        return
    session.out.print(pairs(_rows(found), found["budget_id"]))
    _print_changes(session, tenant, budget_id)


def _rows(found: Answer) -> list[tuple[str, object]]:
    return [
        ("of", f"{found['scope']} {words(found['scope_id'])}"),
        ("period", found["period"]),
        ("limit", limits(found)),
        ("spent", usd(found["spent_usd"])),
        ("held", usd(found["held_usd"])),
        ("left", usd(found["available_usd"])),
        ("used", bar(found["used_percent"])),
        ("action", f"{found['action']} ({found['enforcement']})"),
        ("alerts at", words([f"{one} %" for one in found["thresholds"]])),
        ("raises", [f"{usd(one['amount_usd'])} ({one['raise_id']})" for one in found["raises"]]),
        ("grants", [f"{usd(one['left_usd'])} left ({one['grant_id']})" for one in found["grants"]]),
        ("resets at", found["resets_at"]),
        ("from", found["source"]),
        ("version", found["version"]),
    ]


def _print_changes(session: Session, tenant: str | None, budget_id: str) -> None:
    """Print who changed it last."""
    budget = session.budget
    changes = pages(
        lambda c: (
            budget.budget_history(tenant, budget_id=budget_id, cursor=c)
            if tenant
            else budget.system_budget_history(budget_id=budget_id, cursor=c)
        ),
        _SHOWN_CHANGES,
    )
    made = table("changed at", "by", "why", "what")
    for one in changes:
        made.add_row(one["at"], one["by"], one["reason"], one["operation"])
    session.out.print(made)
