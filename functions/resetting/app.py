"""Close months with statements and check the current month's forecasts."""

from typing import Any

from budget_monitor import bootstrap_jobs
from budget_monitor.entrypoints import resetting
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle a schedule or a direct invocation."""
    return answer(resetting.OPERATIONS, bootstrap_jobs.resetting, event, context)
