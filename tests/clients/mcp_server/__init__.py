"""The MCP server and the guard, with the SDK's own client."""
