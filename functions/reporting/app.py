"""Report usage: read accounts and the ledger."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints.door.answer import answer
from budget_monitor.entrypoints.reporting import operations as reporting
from budget_monitor.entrypoints.reporting.catch_all import CATCH_ALL


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request: over HTTP or by direct invocation."""
    return answer(reporting.OPERATIONS, bootstrap.reporting, event, context, CATCH_ALL)
