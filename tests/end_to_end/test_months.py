"""Months on the deployed template: closed, shown and foretold under each function's own role."""

from __future__ import annotations

import time
import uuid
from typing import Any

from budget_monitor.usecases.tenant_jobs import MIN_TENANTS
from tests.end_to_end.test_doors import invoke
from tests.support.end_to_end.stack import Deployed

MONTH = "2020-02"


def seed(deployed: Deployed, month: str, *tenants: str) -> None:
    """A month of long ago, written behind the product's back: nobody can book one now."""

    def put(pk: str, listing: str | None) -> None:
        more: dict[str, Any] = {"listing": {"S": listing}} if listing else {}
        counts = {name: {"N": "1.25"} for name in ("spent", "committed")} | {"entries": {"N": "1"}}
        deployed.aws["dynamodb"].put_item(
            TableName=deployed.stack.physical_ids["AccountsTable"],
            Item={"pk": {"S": pk}, **counts, **more},
        )

    for tenant in tenants:
        put(f"{tenant}#tenant#{tenant}#{month}", f"*#tenant#{month}")
        put(f"{tenant}#agent#writer#{month}", f"{tenant}#agent#{month}")
        put(f"{tenant}#model#gpt-x#{month}", f"{tenant}#model#{month}")


def test_a_month_is_closed_once_with_an_alert_and_a_statement(deployed: Deployed) -> None:
    tenant = f"tenant-{uuid.uuid4().hex[:12]}"
    seed(deployed, MONTH, tenant)
    whole = {"pk": {"S": f"*#system#system#{MONTH}"}, "spent": {"N": "1.25"}, "entries": {"N": "1"}}
    accounts = deployed.stack.physical_ids["AccountsTable"]
    deployed.aws["dynamodb"].put_item(TableName=accounts, Item=whole)
    nothing = {"too_early": 0, "failed": [], "passed_on": 0, "month": MONTH}

    first = invoke(deployed, "ResettingFunction", operation="close_month", month=MONTH)
    again = invoke(deployed, "ResettingFunction", operation="close_month", month=MONTH)

    assert first == (None, {"statements": 2, "already_closed": 0, **nothing})
    assert again == (None, {"statements": 0, "already_closed": 2, **nothing})
    (told,) = deployed.api.get(f"/tenants/{tenant}/statements", month=MONTH)["items"]
    assert (told["number"], told["spent_usd"], told["limit_usd"]) == (1, "1.25", "1000")
    (system,) = deployed.api.get("/system/statements", month=MONTH)["items"]
    assert [one["name"] for one in system["by_tenant"]] == [tenant]
    rows = deployed.aws["dynamodb"].scan(TableName=deployed.stack.physical_ids["AlertsTable"])
    closed = [row for row in rows["Items"] if row.get("kind") == {"S": "month_closed"}]
    assert {"system", tenant} <= {row["scope_id"]["S"] for row in closed}


def test_many_tenants_are_closed_by_invocations_under_the_functions_own_role(
    deployed: Deployed,
) -> None:
    many = [f"t{uuid.uuid4().hex[:12]}" for _ in range(MIN_TENANTS + 5)]
    seed(deployed, "2020-03", *many)

    failed, first = invoke(deployed, "ResettingFunction", operation="close_month", month="2020-03")

    # the system's own month was not seeded, so it does not add up and is named
    assert (failed, first["failed"], first["statements"]) == (None, ["*"], MIN_TENANTS)
    assert first["passed_on"] == 5
    last, until = f"/tenants/{max(many)}/statements", time.monotonic() + 60
    while not deployed.api.get(last, month="2020-03")["items"] and time.monotonic() < until:
        time.sleep(0.5)
    for tenant in sorted(many)[-6:]:
        assert len(deployed.api.get(f"/tenants/{tenant}/statements", month="2020-03")["items"]) == 1


def test_forecasts_are_made_under_the_functions_own_roles(deployed: Deployed) -> None:
    tenant = f"tenant-{uuid.uuid4().hex[:12]}"
    cost = {"agent_execution_id": "run-1", "cost_usd": "1"}
    deployed.api.post(f"/tenants/{tenant}/costs", cost)

    failed, answer = invoke(deployed, "ResettingFunction", operation="forecast_all")

    assert (failed, answer["failed"]) == (None, [])
    assert answer["tenants"] >= 1
    told = deployed.api.get(f"/tenants/{tenant}/forecast")
    assert (told["enough_data"], told["spent_usd"]) == (False, "1")


def test_every_schedule_is_there_and_none_failed_to_start(deployed: Deployed) -> None:
    url = deployed.stack.outputs["ScheduleFailuresUrl"]
    queue = deployed.aws["sqs"].get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert queue["Attributes"]["ApproximateNumberOfMessages"] == "0"
    own = {*deployed.stack.physical_ids.values()}  # another test has a stack beside this one
    found = [one["Name"] for one in deployed.aws["scheduler"].list_schedules()["Schedules"]]
    schedules = [deployed.aws["scheduler"].get_schedule(Name=one) for one in found if one in own]
    kept = {one["Target"]["DeadLetterConfig"]["Arn"] for one in schedules}
    assert (len(schedules), kept) == (9, {queue["Attributes"]["QueueArn"]})
