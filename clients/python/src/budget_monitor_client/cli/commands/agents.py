"""`mcp` and `mcp-guard`: Budget Monitor for agents that speak MCP."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Any

import typer

from budget_monitor_client.aio import AsyncBudgetMonitor
from budget_monitor_client.cli.exits import CommandError
from budget_monitor_client.cli.session import Tenant, session_of, tenant_of

PORT = 8010
_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,12})?")
_OWN = "BUDGET_MONITOR_"
"""Variables that the guarded server does not get: a token may be among them."""

Run = Annotated[
    str | None,
    typer.Option(envvar="BUDGET_MONITOR_RUN", help="The agent execution's id; else a new one."),
]
Label = Annotated[str | None, typer.Option()]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="May be repeated.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("mcp")(serve)
    app.command("mcp-guard", context_settings={"ignore_unknown_options": True})(guard)


def serve(
    context: typer.Context,
    tenant: Tenant = None,
    run: Run = None,
    agent: Label = None,
    workflow: Label = None,
    user: Label = None,
    tag: Tags = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of --http.")] = PORT,
    *,
    http: Annotated[
        bool, typer.Option("--http", help="Serve http://127.0.0.1:PORT/mcp in place of stdio.")
    ] = False,
) -> None:
    """Serve an agent: headroom, usage, its run, quotes, and requests for more (MCP)."""
    try:
        from budget_monitor_client.mcp_server.server import Caller, server  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing(error) from error
    labels = _labels(agent, workflow, user, tag)
    caller = Caller(session_of(context).budget, tenant_of(tenant), run or _new_run(), labels)
    if http:
        server(caller).run("streamable-http", host="127.0.0.1", port=port)
    else:
        server(caller).run("stdio")


def guard(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="The other server.")],
    price: Annotated[
        list[str],
        typer.Option(metavar="TOOL=USD", help="May be repeated; *=USD is that of other tools."),
    ],
    tenant: Tenant = None,
    run: Run = None,
    agent: Label = None,
    workflow: Label = None,
    user: Label = None,
    tag: Tags = None,
    journal: Annotated[
        Path | None, typer.Option(help="A folder that keeps what cannot be booked at once.")
    ] = None,
) -> None:
    """Hold a price for each call of a tool of another MCP server, which is started (stdio)."""
    try:
        import anyio  # noqa: PLC0415 - an extra

        from budget_monitor_client.mcp_server.guarding import serve_guarded  # noqa: PLC0415
    except ImportError as error:
        raise _missing(error) from error
    prices = dict(_price(one) for one in price)
    session, labels = session_of(context), _labels(agent, workflow, user, tag)
    budget = session.journalled(journal)
    async_run = AsyncBudgetMonitor(budget).run(
        tenant_of(tenant), run_id=run or _new_run(), **labels
    )
    environment = {name: one for name, one in os.environ.items() if not name.startswith(_OWN)}
    try:
        anyio.run(serve_guarded, async_run, prices, tuple(tag or ()), command, environment)
    finally:
        budget.close()


def _price(text: str) -> tuple[str, str]:
    tool, equals, amount = text.rpartition("=")
    if not tool or not equals or not _AMOUNT.fullmatch(amount):
        raise CommandError(f"--price is TOOL=USD, such as search=0.01, not {text}")
    return tool, amount


def _labels(
    agent: str | None, workflow: str | None, user: str | None, tags: list[str] | None
) -> dict[str, Any]:
    given = {"agent": agent, "workflow": workflow, "user": user, "tags": tags}
    return {name: one for name, one in given.items() if one}


def _new_run() -> str:
    return f"mcp-{os.urandom(8).hex()}"


def _missing(error: ImportError) -> CommandError:
    return CommandError(f"{error}", hint="pip install 'budget-monitor[mcp]'")
