"""May this run spend x? Checks, holds, extends and gives back."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints import checking
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request, from the API or by direct invocation."""
    return answer(checking.OPERATIONS, bootstrap.checking, event, context)
