"""An agent that would loop for ever is stopped at its budget of 5 cents a run."""

from typing import Any

from budget_monitor_client import RefusedError
from connect import connect
from fake_model import ask

TENANT = "example-loop"

with connect() as budget:
    budget.set_budget(
        TENANT,
        budget_id="one-run",
        scope="execution",
        period="run",
        limit_usd="0.05",
        by="maria",
        reason="a run of this agent is worth 5 cents",
    )
    messages: list[Any] = [{"role": "user", "content": "Find out everything about budgets."}]
    with budget.run(TENANT, agent="researcher") as run:
        try:
            while True:
                with run.call(model="gpt-4o", max_tokens=400, input_tokens=1200) as call:
                    answer = call.done(ask(messages))
                messages.append(answer["choices"][0]["message"])
        except RefusedError as refusal:
            print(f"stopped after {len(messages) - 1} calls: {refusal.reason_code}")
            print(refusal)
    print("spent", budget.execution(TENANT, agent_execution_id=run.run_id)["spent_usd"], "USD")
