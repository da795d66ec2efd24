"""A workflow reaches its budget, pauses, asks, is approved by a person, and finishes."""

from budget_monitor_client import BudgetMonitor, RefusedError
from connect import connect
from fake_model import ask

TENANT, FLOW = "example-pause", "nightly-2026-11-29"
CHAPTERS = 4


def write(budget: BudgetMonitor, chapter: int) -> None:
    """Write one chapter. A chapter that was refused is repeated with the same step."""
    labels = {"workflow": "book", "workflow_execution_id": FLOW, "agent": "writer"}
    with (
        budget.run(TENANT, run_id=f"{FLOW}.{chapter}", **labels) as run,
        run.call(model="gpt-4o", max_tokens=400, input_tokens=1200, step=f"{chapter}") as call,
    ):
        call.done(ask([]))
    print(f"chapter {chapter} is written")


with connect() as budget:
    budget.set_budget(
        TENANT,
        budget_id="one-book",
        scope="workflow",
        scope_id="book",
        period="run",
        limit_usd="0.015",
        action="pause",
        by="maria",
        reason="a book is worth a cent and a half",
    )
    for chapter in range(1, CHAPTERS + 1):
        try:
            write(budget, chapter)
        except RefusedError as refusal:
            state = budget.workflow(TENANT, workflow_execution_id=FLOW)["state"]
            print(f"chapter {chapter} is refused: {refusal.reason_code}; the workflow is {state}")
            request = budget.request_raise(
                TENANT,
                workflow_execution_id=FLOW,
                workflow="book",
                budget_id="one-book",
                amount_usd="0.02",
                reason="half of the book is written",
                by="writer",
            )
            # In life a person does this, on the page of requests or in the alert.
            budget.approve(
                TENANT, request_id=request["request_id"], by="maria", reason="finish the book"
            )
            state = budget.workflow(TENANT, workflow_execution_id=FLOW)["state"]
            print(f"maria approved; the workflow is {state}")
            write(budget, chapter)
    print("spent", budget.workflow(TENANT, workflow_execution_id=FLOW)["spent_usd"], "USD")
