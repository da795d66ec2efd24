"""Where Budget Monitor is: `BUDGET_MONITOR_URL`, or else the functions that variables name.

For the local stack: `make up`, then `eval "$(make -s env)"`.
"""

import os

from budget_monitor_client import BudgetMonitor


def connect() -> BudgetMonitor:
    """Return a client of the HTTP API, or of direct invocations."""
    url = os.environ.get("BUDGET_MONITOR_URL")
    if url is None:
        return BudgetMonitor.direct()
    return BudgetMonitor.http(url, token=os.environ.get("BUDGET_MONITOR_TOKEN"))
