"""Last month's costs, from a provider's export, are imported once and show in the reports.

An import is for operators: it goes by direct invocation, so BUDGET_MONITOR_URL must not be set.
For files with many rows use `make backfill`.
"""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

from budget_monitor_client import BudgetMonitor
from connect import connect

TENANT = "example-import"
PRESENT = datetime.now(UTC)
MONTH = f"{PRESENT.replace(day=1) - timedelta(days=1):%Y-%m}"
EXPORT = """\
day,team,model,input_tokens,output_tokens,cost_usd
03,research,gpt-4o,120000,30000,0.60
17,research,gpt-4o,80000,20000,0.40
28,support,gpt-4o-mini,500000,90000,
"""
"""The last row has no cost: its usage gets the price of its day."""


def cost_of(number: int, row: dict[str, str]) -> dict[str, Any]:
    """Return the row as a cost. Its id is the same each time, so that it is booked once."""
    usage = {name: int(row[name]) for name in ("input_tokens", "output_tokens")}
    cost = {
        "entry_id": f"export-{MONTH}-{number}",
        "agent_execution_id": f"{row['team']}-{MONTH}",
        "agent": row["team"],
        "model": row["model"],
        "provider": "openai",
        "usage": usage,
        "occurred_at": f"{MONTH}-{row['day']}T12:00:00Z",
    }
    return {**cost, "cost_usd": row["cost_usd"]} if row["cost_usd"] else cost


def import_all(budget: BudgetMonitor) -> None:
    """Send the rows; at most 100 go into one request."""
    costs = [cost_of(number, row) for number, row in enumerate(csv.DictReader(EXPORT.split()), 1)]
    answer = budget.record_costs(
        TENANT, costs=costs, backfill=True, by="maria", reason="moved from the old monitor"
    )
    for cost, result in zip(costs, answer["results"], strict=True):
        if "error" in result:
            print(cost["entry_id"], result["error"], result["message"])
    entries = [result["entry"] for result in answer["results"] if "entry" in result]
    before = sum(entry["replayed"] for entry in entries)
    print(f"booked {len(entries) - before}, booked before {before}")


with connect() as budget:
    import_all(budget)
    import_all(budget)
    for item in budget.agent_costs(TENANT, month=MONTH)["items"]:
        print(item["name"], item["spent_usd"], "USD")
    print("last month", budget.tenant_usage(TENANT, month=MONTH)["spent_usd"], "USD")
    print("this month", budget.tenant_usage(TENANT)["spent_usd"], "USD")
