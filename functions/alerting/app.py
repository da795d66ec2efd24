"""Alerts: find crossed thresholds in the accounts' stream and send stored alerts."""

from typing import Any

from budget_monitor import bootstrap_jobs
from budget_monitor.entrypoints import alerting
from budget_monitor.entrypoints.door.answer import answer


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Handle stream records, a schedule or a direct invocation."""
    return answer(
        alerting.OPERATIONS, bootstrap_jobs.alerting, alerting.as_direct_event(event), context
    )
