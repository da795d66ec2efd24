"""Show the pages, and make the links that open them."""

from functools import partial
from typing import Any

from budget_monitor.bootstrap_pages import dashboard
from budget_monitor.entrypoints.dashboard.pages import operations_of
from budget_monitor.entrypoints.dashboard.visit import visit_of
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle one request: of a browser, over HTTP or by direct invocation."""
    return answer(operations_of(event), partial(dashboard, visit_of(event)), event, context)
