"""Settle, record and adjust costs, each exactly once."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints.door.answer import answer
from budget_monitor.entrypoints.tracking import operations as tracking


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request: over HTTP or by direct invocation."""
    return answer(tracking.OPERATIONS, bootstrap.tracking, event, context)
