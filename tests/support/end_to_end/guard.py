"""What the tests of the guarded run share: an agent that follows its input, and runs of it."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from botocore.config import Config

from local.settings import ACCOUNT, REGION, session
from tests.support.end_to_end.stack import Deployed

PATIENCE = 120.0
ANSWER = {"cost_usd": "0.0218", "tokens": 6020, "usage": {"input_tokens": 5120}, "text": "hello"}
AGENT = """
import pathlib, time

class ToolBrokeError(Exception): ...
class UnavailableError(Exception): ...

def lambda_handler(event, context):
    calls = pathlib.Path(event["calls"])
    with calls.open("a") as log:
        log.write(".")
    if len(calls.read_text()) <= event.get("unavailable", 0):
        raise UnavailableError("nothing was spent, try again")
    if "fail" in event:
        raise ToolBrokeError(event["fail"])
    time.sleep(event.get("sleep", 0))
    return event.get("answer")
"""


@dataclass(frozen=True)
class Run:
    """How an execution ended."""

    arn: str
    status: str
    output: Any
    error: str | None
    cause: str | None
    states: list[str]


@dataclass
class Guard:
    """One tenant's guarded runs; `calls` is a file with a mark for each time the agent ran."""

    deployed: Deployed
    agent: str
    calls: Path
    machine: str
    tenant: str = field(default_factory=lambda: f"tenant-{uuid.uuid4().hex[:12]}")

    @property
    def times_called(self) -> int:
        """How often the agent was called."""
        return len(self.calls.read_text()) if self.calls.exists() else 0

    def order(self, told: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """The input of a run that holds 0.5 USD for an agent that follows its input."""
        return {
            "tenant_id": self.tenant,
            "agent_execution_id": "run-1",
            "estimated_cost_usd": "0.5",
            "function": self.agent,
            "input": {"calls": str(self.calls), **(told or {})},
            **fields,
        }

    def run(self, told: dict[str, Any] | None = None, **fields: Any) -> Run:
        """Run it once and wait for its end."""
        return self.wait(self.start(self.order(told, **fields)))

    def start(self, order: dict[str, Any], **named: str) -> str:
        """Start an execution; its ARN."""
        started = self.deployed.aws["stepfunctions"].start_execution(
            stateMachineArn=self.machine, input=json.dumps(order), **named
        )
        return str(started["executionArn"])

    def wait(self, arn: str) -> Run:
        """How the execution ended."""
        states = self.deployed.aws["stepfunctions"]
        deadline = time.monotonic() + PATIENCE
        while (found := states.describe_execution(executionArn=arn))["status"] == "RUNNING":
            assert time.monotonic() < deadline, f"{arn} still runs: {self.visited(arn)}"
            time.sleep(0.05)
        output = json.loads(found["output"]) if found["status"] == "SUCCEEDED" else None
        visited = self.visited(arn)
        return Run(arn, found["status"], output, found.get("error"), found.get("cause"), visited)

    def visited(self, arn: str) -> list[str]:
        """The states that the execution entered, in order."""
        history = self.deployed.aws["stepfunctions"].get_execution_history(
            executionArn=arn, maxResults=1000
        )
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in history["events"]
            if "stateEnteredEventDetails" in event
        ]

    def usage(self) -> dict[str, Any]:
        """The tenant's month."""
        return self.deployed.api.get(f"/tenants/{self.tenant}/usage")

    def ledger(self) -> list[dict[str, Any]]:
        """Every entry of the tenant."""
        items: list[dict[str, Any]] = self.deployed.api.get(f"/tenants/{self.tenant}/costs")[
            "items"
        ]
        return items

    def invoke(self, function: str, **event: Any) -> Any:
        """The answer of one of our functions to a direct invocation."""
        name = self.deployed.stack.physical_ids[function]
        answer = self.deployed.aws["lambda"].invoke(FunctionName=name, Payload=json.dumps(event))
        return json.loads(answer["Payload"].read())

    def run_again(self, order: dict[str, Any], name: str) -> dict[str, Any]:
        """Start it synchronously under a name that was used before; how that ended."""
        config = Config(inject_host_prefix=False)
        endpoint = self.deployed.stack.endpoint
        client = session().client("stepfunctions", endpoint_url=endpoint, config=config)
        ended: dict[str, Any] = client.start_sync_execution(
            stateMachineArn=self.machine, input=json.dumps(order), name=name
        )
        return ended

    def may_call(self, role: str, function: str) -> bool:
        """Whether a role's policies let it invoke a function."""
        found = self.deployed.aws["iam"].simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{role}",
            ActionNames=["lambda:InvokeFunction"],
            ResourceArns=[f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"],
        )
        return bool(found["EvaluationResults"][0]["EvalDecision"] == "allowed")

    def wait_until_nothing_is_held(self) -> None:
        """The rule on failed and stopped executions gives a hold back without being asked."""
        deadline = time.monotonic() + PATIENCE
        while self.usage()["held_usd"] != "0":
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def assert_the_books_balance(self, spent: str, entries: int) -> None:
        """The month says so, nothing is held, and every account equals its entries."""
        usage = self.usage()
        assert (usage["spent_usd"], usage["held_usd"], usage["entries"]) == (spent, "0", entries)
        assert sum(Decimal(one["cost_usd"]) for one in self.ledger()) == Decimal(spent)
        reconciled = self.invoke("TrackingFunction", operation="reconcile", tenant_id=self.tenant)
        assert reconciled["differences"] == []


def deploy_function(
    deployed: Deployed, name: str, source: str, policy: dict[str, Any] | None = None
) -> str:
    """A Lambda of the test's own with a role of its own; its name."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = deployed.aws["iam"]
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    if policy is not None:
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps(policy))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", source)
    deployed.aws["lambda"].create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.lambda_handler",
        Role=role["Arn"],
        Code={"ZipFile": archive.getvalue()},
        Timeout=30,
    )
    return name
