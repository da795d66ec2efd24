"""Release reservations that expired or whose state machine stopped."""

from typing import Any

from budget_monitor import bootstrap
from budget_monitor.entrypoints import expiring
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a schedule, a Step Functions event or a direct invocation."""
    return answer(expiring.OPERATIONS, bootstrap.expiring, expiring.as_direct_event(event), context)
