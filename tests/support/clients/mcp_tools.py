"""An MCP server for the guard to stand before: `python -m tests.support.clients.mcp_tools`."""

from __future__ import annotations

import os

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

server = MCPServer("tools", instructions="Tools that cost money.")


@server.tool()
def search(query: str) -> dict[str, str]:
    """Search for something."""
    return {"found": query}


@server.tool()
def fails(query: str) -> str:
    """Fail."""
    raise ToolError(f"nothing about {query}")


@server.tool()
def dies() -> str:
    """End the process."""
    os._exit(1)


@server.tool()
def token() -> str:
    """Return a variable that is the guard's own."""
    return os.environ.get("BUDGET_MONITOR_TOKEN", "none")


@server.resource("memo://one")
def memo() -> str:
    """A text."""
    return "remember"


@server.prompt()
def greet(name: str) -> str:
    """Greet somebody."""
    return f"Say hello to {name}"


if __name__ == "__main__":
    server.run("stdio")
