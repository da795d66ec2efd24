"""Check budgets; reserve, extend and release money."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints import checking
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request: over HTTP or by direct invocation."""
    return answer(checking.OPERATIONS, bootstrap.checking, event, context)
