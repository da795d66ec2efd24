"""`prices`: the set prices, and the one in force for a model."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from budget_monitor_client.cli.session import Json, Session, Tenant, session_of
from budget_monitor_client.cli.tables import table, usd, words

_LABELS = {"model", "provider", "from", "by", "reason", "version", "source", "ends"}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(prices)


def prices(
    context: typer.Context,
    tenant: Tenant = None,
    model: Annotated[str | None, typer.Option(help="Also the price in force for it.")] = None,
    provider: Annotated[str | None, typer.Option(help="The model's provider.")] = None,
    *,
    as_json: Json = False,
) -> None:
    """List the prices that people set; with --model also the price that applies now."""
    session = session_of(context)
    budget = session.budget
    if tenant:
        answer = budget.list_prices(tenant, model=model, provider=provider)
    else:
        answer = budget.list_system_prices(model=model, provider=provider)
    if as_json:
        session.print_json(answer)
        return
    if answer["in_force"]:
        _print_sheet(session, answer["in_force"])
    made = table("model", "provider", "from", "price", "set for", "by", "why")
    for one in answer["items"]:
        made.add_row(
            one["model"],
            words(one["provider"]),
            one["from"],
            "ends" if one["ends"] else _rates(one),
            one["source"],
            one["by"],
            one["reason"],
        )
    session.out.print(made)


def _print_sheet(session: Session, sheet: dict[str, Any]) -> None:
    source = words(sheet.get("source"))
    title = f"{words(sheet['model'])} ({source} {sheet['version']})"
    made = table("price in force", "USD", "per", "above tokens", title=title, right=("USD", "per"))
    for one in sheet["unit_prices"]:
        made.add_row(one["unit"], usd(one["usd"]), str(one["per"]), "")
        for tier in one["tiers"]:
            above = words(tier["above_input_tokens"])
            made.add_row("", usd(tier["usd"]), str(one["per"]), above)
    session.out.print(made)


def _rates(price: dict[str, Any]) -> str:
    found = {name: one for name, one in price.items() if name not in _LABELS and one is not None}
    return words(found)
