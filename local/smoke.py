"""`make smoke STACK=name`: call a deployed stack and check what only a deployment can show.

It uses the AWS credentials and region of the environment, spends nothing real, and books a few
cents of invented costs on a tenant of its own, `smoke-<number>`. On the emulator, first run
`eval "$(make -s env)"`. docs/operate/smoke.md has the steps that people do.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import boto3

from local.api import Answer, Api, ApiError

TABLES = ("Accounts", "Ledger", "Reservations", "Budgets", "Alerts")
FUNCTIONS = ("Checking", "Tracking", "Reporting", "Budgeting", "Expiring", "Resetting", "Alerting")
WHO = {"by": "smoke", "reason": "smoke test"}
CALLERS, EMULATED_CALLERS = 50, 4
"""The emulator runs a process for each caller at once."""
REQUESTS = 50
YES = True


class SkippedError(Exception):
    """The check does not apply here; the message says why."""


@dataclass
class Deployed:
    """A stack, and clients of its account."""

    name: str
    aws: boto3.Session
    agent: str | None = None

    def __post_init__(self) -> None:
        """Find the stack."""
        stacks = self.client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        self.outputs = {one["OutputKey"]: one["OutputValue"] for one in stacks[0]["Outputs"]}
        region, found = str(self.aws.region_name), self.aws.get_credentials()
        if found is None:
            sys.exit("no AWS credentials were found")
        url = os.environ.get("API_URL") or self.outputs["ApiUrl"]
        self.emulated = bool(os.environ.get("AWS_ENDPOINT_URL"))
        self.callers = EMULATED_CALLERS if self.emulated else CALLERS
        self.api = Api(url, found, self.callers, region)
        self.tenant = f"smoke-{uuid.uuid4().hex[:8]}"

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its classes
        """A client of the account."""
        return self.aws.client(service)  # type: ignore[call-overload] # any service

    def call(self, method: str, path: str, **body: object) -> Answer:
        """Call a route of the tenant."""
        content = json.dumps(body).encode() if body else b""
        return self.api.call(method, f"/tenants/{self.tenant}{path}", content)

    def invoke(self, function: str, **event: object) -> tuple[str | None, dict[str, Any]]:
        """Invoke a function directly: the kind of error, if any, and the answer."""
        arn = self.outputs[f"{function}ForOperatorsArn"]
        done = self.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event))
        return done.get("FunctionError"), json.loads(done["Payload"].read())

    def physical_id(self, logical_id: str) -> str:
        """The resource's own name."""
        found = self.client("cloudformation").describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(found["StackResourceDetail"]["PhysicalResourceId"])


def the_functions_are_arm64_with_python_3_13(at: Deployed) -> None:
    """Look at the configuration of each function."""
    for one in FUNCTIONS:
        arn = at.outputs[f"{one}FunctionArn"]
        found = at.client("lambda").get_function_configuration(FunctionName=arn)
        expect(found["Runtime"], "python3.13")
        expect(found["Architectures"], ["arm64"])


def a_signed_request_is_answered(at: Deployed) -> None:
    """Read an empty tenant."""
    expect(at.api.get(f"/tenants/{at.tenant}/usage")["spent_usd"], "0")


def a_price_is_found(at: Deployed) -> None:
    """Book a usage; without the right pydantic_core every price fails."""
    usage = {"input_tokens": 1000, "output_tokens": 100}
    body: dict[str, Any] = {"agent_execution_id": "price", "model": "gpt-4o", "usage": usage}
    answer = at.call("POST", "/costs", **body)
    expect(answer.status, 201)
    expect(bool(float(answer.body["entry"]["cost_usd"]) > 0), YES)


def a_slash_or_percent_in_a_path_is_not_decoded_twice(at: Deployed) -> None:
    """Ask for tenants whose names are encoded once and twice."""
    for name in ("a%2Fb", "a%252Fb", "a%2541"):
        answer = at.api.call("GET", f"/tenants/{name}/usage")
        expect(bool(answer.status in {400, 404}), YES)
        expect(bool("request_id" in answer.body), YES)


def unknown_paths_and_methods_have_our_errors(at: Deployed) -> None:
    """Ask for what is not there."""
    expect(at.call("GET", "/nothing").body.get("error"), "NOT_FOUND")
    answer = at.call("DELETE", "/usage")
    expect((answer.status, answer.body.get("error")), (405, "METHOD_NOT_ALLOWED"))


def a_hold_is_settled_once(at: Deployed) -> None:
    """Reserve, settle and settle again."""
    hold = {"agent_execution_id": "hold", "reservation_id": "hold-1", "estimated_cost_usd": "0.5"}
    expect(bool(at.call("POST", "/reservations", **hold).body["allowed"]), YES)
    settled = [at.call("POST", "/reservations/hold-1/settle", cost_usd="0.25") for _ in range(2)]
    expect([one.status for one in settled], [201, 200])
    expect(bool(settled[1].body["entry"]["replayed"]), YES)


def fifty_callers_are_granted_exactly_what_fits(at: Deployed) -> None:
    """Race for a limit of 10 USD: on AWS these writes conflict for real."""

    def ask(number: int) -> bool:
        hold = {"agent_execution_id": "race", "reservation_id": f"race-{number}"}
        body = {**hold, "estimated_cost_usd": "1", "expires_in_seconds": 60}
        return bool(at.call("POST", "/reservations", **body).body["allowed"])

    with ThreadPoolExecutor(at.callers) as callers:
        expect(sum(callers.map(ask, range(REQUESTS))), 10)


def a_direct_invocation_names_its_error(at: Deployed) -> None:
    """Send a field that is wrong."""
    failed, error = at.invoke("Checking", operation="check", tenant_id="a/b")
    expect((bool(failed), error["errorType"]), (True, "ValidationError"))


def the_guarded_run_settles_what_its_agent_says(at: Deployed) -> None:
    """Run the agent that was named."""
    if at.agent is None:
        raise SkippedError("name an agent's function: make smoke STACK=... AGENT=agent-...")
    machines, run = at.client("stepfunctions"), f"run-{at.tenant}"
    given = {"tenant_id": at.tenant, "agent_execution_id": run, "function": at.agent}
    started = machines.start_execution(
        stateMachineArn=at.outputs["GuardedRunArn"],
        input=json.dumps({**given, "estimated_cost_usd": "1"}),
    )
    for _ in range(60):
        found = machines.describe_execution(executionArn=started["executionArn"])
        if found["status"] != "RUNNING":
            break
        time.sleep(1)
    expect(found["status"], "SUCCEEDED")


def the_books_are_equal(at: Deployed) -> None:
    """Compare the tenant with its ledger."""
    failed, found = at.invoke("Tracking", operation="reconcile", tenant_id=at.tenant)
    expect((failed, found["differences"]), (None, []))


def the_alarms_are_there_and_their_actions_on(at: Deployed) -> None:
    """Look at the alarms of the stack."""
    resources = at.client("cloudformation").get_paginator("list_stack_resources")
    of_stack = {
        one["PhysicalResourceId"]
        for page in resources.paginate(StackName=at.name)
        for one in page["StackResourceSummaries"]
        if one["ResourceType"] == "AWS::CloudWatch::Alarm"
    }
    pages = at.client("cloudwatch").get_paginator("describe_alarms").paginate()
    own = [a for page in pages for a in page["MetricAlarms"] if a["AlarmName"] in of_stack]
    expect(bool(len(own) >= (10 if at.emulated else 30)), YES)
    topics = {tuple(one["AlarmActions"]) for one in own}
    expect(topics, {(at.outputs["OperatorTopicArn"],)})


def the_tables_can_be_restored(at: Deployed) -> None:
    """Look at point-in-time recovery of the five tables."""
    if at.emulated:
        raise SkippedError("the emulator keeps no backups")
    database = at.client("dynamodb")
    for one in TABLES:
        name = at.physical_id(f"{one}Table")
        found = database.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        expect(found["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"], "ENABLED")


CHECKS: tuple[Callable[[Deployed], None], ...] = (
    the_functions_are_arm64_with_python_3_13,
    a_signed_request_is_answered,
    a_price_is_found,
    a_slash_or_percent_in_a_path_is_not_decoded_twice,
    unknown_paths_and_methods_have_our_errors,
    a_hold_is_settled_once,
    fifty_callers_are_granted_exactly_what_fits,
    a_direct_invocation_names_its_error,
    the_guarded_run_settles_what_its_agent_says,
    the_books_are_equal,
    the_alarms_are_there_and_their_actions_on,
    the_tables_can_be_restored,
)


def expect(found: object, wanted: object) -> None:
    """Raise AssertionError unless the two are equal."""
    if found != wanted:
        raise AssertionError(f"{found!r}, expected {wanted!r}")


def run(at: Deployed, say: Callable[[str], None]) -> bool:
    """Run all checks; True if none failed."""
    failed = 0
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            check(at)
        except SkippedError as reason:
            say(f"skipped  {name}: {reason}")
        except (AssertionError, ApiError, KeyError) as error:
            failed += 1
            say(f"FAILED   {name}: {error}")
        else:
            say(f"ok       {name}")
    say(f"{len(CHECKS) - failed} of {len(CHECKS)} passed; the tenant is {at.tenant}")
    return failed == 0


def main(name: str, agent: str | None = None) -> None:
    """Check the stack of that name; exit with 1 if something failed."""
    at = Deployed(name, boto3.Session(), agent)
    if not run(at, print):
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)  # noqa: PLR2004 - name and agent
