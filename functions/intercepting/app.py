"""Interceptor of an AgentCore gateway: hold before a tool is called, settle after."""

from typing import Any

from budget_monitor import bootstrap


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request or one response of the gateway."""
    del context
    return bootstrap.intercepting().answer(event)
