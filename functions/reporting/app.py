"""Where did the money go? Reads accounts and the ledger."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints.door.answer import answer
from budget_monitor.entrypoints.reporting import operations as reporting


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Answer one request: over HTTP or by direct invocation."""
    catch_all = reporting.CATCH_ALL
    return answer(reporting.OPERATIONS, bootstrap.reporting, event, context, catch_all)
