"""The deployed template, from outside: every door, each function under its own role."""

from __future__ import annotations

import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from math import ceil
from typing import Any

import pytest
import urllib3

from budget_monitor.usecases.tenant_jobs import MIN_TENANTS
from local import totals
from local.replay import replay, run_away
from local.trace import read, total
from tests.support.end_to_end.stack import CLIENTS, Deployed

ROWS = 150


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid.uuid4().hex[:12]}"


def invoke(deployed: Deployed, function: str, **event: Any) -> tuple[str | None, dict[str, Any]]:
    """A direct invocation: the error's kind, if it raised, and what came back."""
    answer = deployed.aws["lambda"].invoke(
        FunctionName=deployed.stack.physical_ids[function], Payload=json.dumps(event)
    )
    return answer.get("FunctionError"), json.loads(answer["Payload"].read())


def test_the_real_trace_adds_up_to_the_last_digit_by_tenant_agent_model_day_and_system(
    deployed: Deployed,
) -> None:
    calls = read(ROWS)

    replay(deployed.api, ROWS)
    replay(deployed.api, ROWS)

    found = totals.read(deployed.api, sorted({call.tenant for call in calls}))
    assert totals.differences(found, calls) == []


def test_the_whole_trace_costs_what_its_prices_say() -> None:
    whole = total(read())
    assert (whole.calls, whole.cost_usd) == (8819, Decimal("47.608895"))
    assert (whole.input_tokens, whole.output_tokens) == (18_059_974, 245_896)


def test_a_looping_agent_is_blocked_with_a_reason(deployed: Deployed) -> None:
    stopped = run_away(deployed.api, f"loop-{uuid.uuid4().hex[:8]}")
    assert (stopped.allowed, stopped.reason_code) == (10, "EXECUTION_EXCEEDED")
    assert stopped.reason.startswith("Execution budget exceeded")


def test_a_direct_invocation_answers_as_the_api_does(deployed: Deployed, tenant: str) -> None:
    labels = {"tenant_id": tenant, "agent_execution_id": "run-1"}
    hold = {**labels, "reservation_id": "hold-1", "estimated_cost_usd": "0.5"}

    failed, decision = invoke(deployed, "CheckingFunction", operation="reserve", **hold)
    assert (failed, decision["allowed"]) == (None, True)
    settle = {"tenant_id": tenant, "reservation_id": "hold-1", "cost_usd": "0.25"}
    failed, settled = invoke(deployed, "TrackingFunction", operation="settle", **settle)
    assert (failed, settled["reservation"]["state"]) == (None, "settled")
    failed, usage = invoke(
        deployed, "ReportingFunction", operation="tenant_usage", tenant_id=tenant
    )
    by_api = deployed.api.get(f"/tenants/{tenant}/usage")
    assert usage | {"as_of": None} == by_api | {"as_of": None}
    assert usage["spent_usd"] == "0.25"


def test_the_alias_of_agents_answers_a_hold_and_refuses_an_adjustment(
    deployed: Deployed, tenant: str
) -> None:
    def ask(output: str, **event: Any) -> tuple[str | None, dict[str, Any]]:
        arn = deployed.stack.outputs[output]
        assert arn.endswith(":agents")
        answer = deployed.aws["lambda"].invoke(
            FunctionName=arn, Payload=json.dumps({"tenant_id": tenant, **event})
        )
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    hold = {"agent_execution_id": "run-1", "estimated_cost_usd": "0.5"}
    failed, decision = ask("CheckingForAgentsArn", operation="reserve", **hold)
    assert (failed, decision["allowed"]) == (None, True)
    failed, left = ask("ReportingForAgentsArn", operation="headroom", agent_execution_id="run-1")
    assert (failed, left["remaining"]["usd"]) == (None, "9.5")
    for output, operation in (
        ("TrackingForAgentsArn", "adjust"),
        ("ReportingForAgentsArn", "tenant_usage"),
    ):
        failed, error = ask(output, operation=operation)
        assert (bool(failed), error["errorType"]) == (True, "ForbiddenError")


def test_the_alias_of_operators_answers_everything_and_believes_no_event_of_an_api(
    deployed: Deployed, tenant: str
) -> None:
    def ask(event: dict[str, Any]) -> tuple[str | None, dict[str, Any]]:
        answer = deployed.aws["lambda"].invoke(
            FunctionName=deployed.stack.outputs["TrackingForOperatorsArn"],
            Payload=json.dumps(event),
        )
        return answer.get("FunctionError"), json.loads(answer["Payload"].read())

    cost = {"tenant_id": tenant, "agent_execution_id": "run-1", "cost_usd": "1"}
    failed, booked = ask({"operation": "record_cost", **cost})
    assert (failed, booked["entry"]["principal"]) == (None, "alias:operators")
    failed, found = ask({"operation": "reconcile", "tenant_id": tenant})
    assert (failed, found["differences"]) == (None, [])
    forged = {
        "routeKey": "POST /tenants/{tenant_id}/costs",
        "rawPath": f"/tenants/{tenant}/costs",
        "pathParameters": {"tenant_id": tenant},
        "requestContext": {
            "http": {"method": "POST"},
            "authorizer": {"iam": {"userArn": "arn:aws:iam::000000000000:role/somebody"}},
        },
        "body": json.dumps({"agent_execution_id": "run-1", "cost_usd": "5"}),
    }
    failed, error = ask(forged)
    assert (bool(failed), error["errorType"]) == (True, "ValidationError")
    assert deployed.api.get(f"/tenants/{tenant}/usage")["spent_usd"] == "1"


def test_a_bad_direct_invocation_raises_an_error_that_catch_can_match(deployed: Deployed) -> None:
    failed, error = invoke(deployed, "CheckingFunction", operation="check", tenant_id="a/b")
    assert failed
    assert error["errorType"] == "ValidationError"
    assert error["errorMessage"].startswith("tenant_id must be")


def test_a_bad_request_is_a_400_that_names_the_field(deployed: Deployed, tenant: str) -> None:
    answer = deployed.api.post(
        f"/tenants/{tenant}/costs", {"agent_execution_id": "run-1", "cost_usd": "-1"}
    )
    assert answer.status == 400
    assert (answer.body["error"], answer.body["field"]) == ("VALIDATION_ERROR", "cost_usd")
    assert answer.body["request_id"]


def test_an_unsigned_request_is_refused(deployed: Deployed, tenant: str) -> None:
    answer = urllib3.request("GET", f"{deployed.stack.api_url}/tenants/{tenant}/usage")
    assert answer.status == 403


def test_clients_at_once_are_granted_exactly_what_fits(deployed: Deployed, tenant: str) -> None:
    def ask(number: int) -> bool:
        hold = {
            "reservation_id": f"hold-{number}",
            "agent_execution_id": "one-run",
            "estimated_cost_usd": "0.97",
            "include_gates": False,
        }
        answer = deployed.api.post(f"/tenants/{tenant}/reservations", hold)
        return bool(answer.body["allowed"])

    with ThreadPoolExecutor(CLIENTS) as clients:
        granted = sum(clients.map(ask, range(32)))

    assert granted == 10  # 10 x 0.97 is 9.70 of 10 USD; an eleventh would make 10.67
    run = deployed.api.get(f"/tenants/{tenant}/usage")
    assert (run["spent_usd"], run["held_usd"]) == ("0", "9.7")


def test_holds_end_by_themselves_under_the_functions_own_role(
    deployed: Deployed, tenant: str
) -> None:
    arn = f"arn:aws:states:us-east-1:000000000000:execution:machine:{tenant}"
    hold = {
        "tenant_id": tenant,
        "agent_execution_id": "run-1",
        "estimated_cost_usd": "0.5",
        "state_machine_execution_arn": arn,
    }
    invoke(deployed, "CheckingFunction", operation="reserve", **hold)
    invoke(deployed, "CheckingFunction", operation="reserve", **hold, expires_in_seconds=1)
    time.sleep(1.1)

    failed, swept = invoke(deployed, "ExpiringFunction", operation="expire")
    assert failed is None
    assert swept["expired"] in {0, 1}  # the schedule may have been faster
    event = {"source": "aws.states", "detail": {"executionArn": arn, "status": "FAILED"}}
    assert invoke(deployed, "ExpiringFunction", **event) == (None, {"released": 1})
    assert deployed.api.get(f"/tenants/{tenant}/usage")["held_usd"] == "0"


def test_a_job_for_many_tenants_is_shared_with_invocations_under_the_functions_own_role(
    deployed: Deployed, tenant: str
) -> None:
    many = [f"{tenant}-{n}" for n in range(MIN_TENANTS + 5)]
    cost = {"operation": "record_cost", "agent_execution_id": "run", "cost_usd": "0.01"}
    with ThreadPoolExecutor(CLIENTS) as clients:
        booked = clients.map(
            lambda one: invoke(deployed, "TrackingFunction", tenant_id=one, **cost), many
        )
        assert {failed for failed, _ in booked} == {None}

    before = len(reconciliations(deployed))
    failed, first = invoke(deployed, "TrackingFunction", operation="reconcile")

    assert failed is None
    assert (first["tenants"], first["failed"], first["differences"]) == (MIN_TENANTS, [], [])
    assert first["passed_on"] >= 5
    invocations = 1 + ceil(first["passed_on"] / MIN_TENANTS)
    until = time.monotonic() + 60
    while len(reconciliations(deployed)) < before + invocations and time.monotonic() < until:
        time.sleep(0.5)
    assert reconciliations(deployed)[before:] == [0] * invocations, "and no difference"


def reconciliations(deployed: Deployed) -> list[int]:
    """What each invocation that compared many tenants counted as differences, from its log."""
    name = deployed.stack.physical_ids["TrackingLogs"]
    events = deployed.aws["logs"].filter_log_events(logGroupName=name)["events"]
    metrics = [
        json.loads(m) for one in events for m in one["message"].splitlines() if '"_aws"' in m
    ]
    return [int(one["ReconcileDifferences"][0]) for one in metrics if "ReconcileDifferences" in one]
