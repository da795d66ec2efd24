"""What `config.yaml` names: the callback that guards all calls, and whose key is whose."""

import os
from pathlib import Path

from budget_monitor_client import BudgetMonitor
from budget_monitor_client.integrations.litellm_proxy import BudgetProxyCallback, key_auth

HERE = Path(__file__).parent
budget = BudgetMonitor.http(
    os.environ["BUDGET_MONITOR_URL"],
    token=os.environ.get("BUDGET_MONITOR_TOKEN"),  # without one, AWS credentials sign
    journal=os.environ.get("BUDGET_MONITOR_JOURNAL"),
)
callback = BudgetProxyCallback(budget, max_tokens=800)
authenticate = key_auth(os.environ.get("BUDGET_MONITOR_KEYS", str(HERE / "keys.json")))
