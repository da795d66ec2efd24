"""A new limit is tried in shadow first: it refuses nothing, and says what it would refuse."""

from budget_monitor_client import BudgetMonitor, RefusedError
from connect import connect
from fake_model import ask

TENANT = "example-shadow"


def limit(budget: BudgetMonitor, usd: str, enforcement: str) -> None:
    """Set the limit of a run."""
    budget.set_budget(
        TENANT,
        budget_id="small-runs",
        scope="execution",
        period="run",
        limit_usd=usd,
        enforcement=enforcement,  # type: ignore[arg-type]
        by="maria",
        reason="what do our runs need?",
    )


def calls(budget: BudgetMonitor, run_id: str, number: int) -> int:
    """Make so many calls in one run. Return how many were made."""
    with budget.run(TENANT, run_id=run_id, agent="researcher") as run:
        for made in range(number):
            try:
                with run.call(model="gpt-4o", max_tokens=400, input_tokens=1200) as call:
                    call.done(ask([]))
            except RefusedError:
                return made
    return number


with connect() as budget:
    limit(budget, "0.01", "shadow")
    print("in shadow:", calls(budget, "run-1", 3), "of 3 calls are made")
    for item in budget.shadow_report(TENANT)["items"]:
        print(f"would refuse {item['agent_execution_id']}: {item['times']} times")
    limit(budget, "0.015", "enforce")
    print("enforced at 1.5 cents:", calls(budget, "run-2", 3), "of 3 calls are made")
