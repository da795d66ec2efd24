"""Start another MCP server, and serve its guard over stdio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mcp import Client, StdioServerParameters
from mcp.server.stdio import stdio_server

from budget_monitor_client.aio import AsyncRun
from budget_monitor_client.mcp_server.guard import Guard


async def serve_guarded(
    run: AsyncRun,
    prices: Mapping[str, str],
    tags: tuple[str, ...],
    command: Sequence[str],
    environment: Mapping[str, str],
) -> None:
    """Serve until the client leaves. The other server ends then, too."""
    behind = StdioServerParameters(
        command=command[0], args=list(command[1:]), env=dict(environment)
    )
    async with Client(behind) as upstream, run:
        made = Guard(upstream, run, prices, tags).server()
        async with stdio_server() as (read, write):
            await made.run(read, write, made.create_initialization_options())
