"""Forward alerts to incoming webhooks: Slack, Teams, or any receiver."""

from typing import Any

from budget_monitor.bootstrap_links import forwarding as forwarder
from budget_monitor.entrypoints import forwarding
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle messages of the queue, or a direct invocation."""
    return answer(forwarding.OPERATIONS, forwarder, forwarding.as_direct_event(event), context)
