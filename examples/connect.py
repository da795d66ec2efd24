"""Where Budget Monitor is: `BUDGET_MONITOR_URL`, or else the functions that variables name.

For the local stack: `make up`, then `eval "$(make -s env)"`.
"""

from budget_monitor_client import BudgetMonitor


def connect() -> BudgetMonitor:
    """Return a client of the HTTP API, or of direct invocations."""
    return BudgetMonitor.from_environment()
