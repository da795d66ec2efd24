"""Manage budgets, prices, pauses and tenant settings."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints.budgeting import operations as budgeting
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request: over HTTP, by direct invocation or from a schedule."""
    return answer(budgeting.OPERATIONS, bootstrap.budgeting, event, context)
