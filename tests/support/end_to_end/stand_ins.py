"""Functions that stand in for ours behind the guarded run: they fail when the test says so."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.end_to_end.guard import deploy_function
from tests.support.end_to_end.stack import Deployed
from tests.support.paths import ROOT

FORWARDING = """
import json, pathlib
import boto3

FAULTS, FUNCTION = pathlib.Path(%r), %r

def lambda_handler(event, context):
    faults = json.loads(FAULTS.read_text())
    FAULTS.write_text(json.dumps(faults[1:]))
    fault = faults[0] if faults else ""
    if fault and not fault.startswith("after:"):
        raise type(fault, (Exception,), {})("before it did anything")
    answer = boto3.client("lambda").invoke(FunctionName=FUNCTION, Payload=json.dumps(event))
    body = json.loads(answer["Payload"].read())
    if fault:
        raise type(fault[6:], (Exception,), {})("after it did everything")
    if answer.get("FunctionError"):
        raise type(body["errorType"], (Exception,), {})(body["errorMessage"])
    return body
"""
NOTING = """
import json, pathlib

FAULTS, NOTED = pathlib.Path(%r), pathlib.Path(%r)

def lambda_handler(event, context):
    with NOTED.open("a") as log:
        log.write(json.dumps(event) + chr(10))
    faults = json.loads(FAULTS.read_text())
    FAULTS.write_text(json.dumps(faults[1:]))
    if faults:
        raise type(faults[0], (Exception,), {})("not now")
    return {}
"""


@dataclass
class StandIns:
    """The guarded run with other functions behind it, deployed under one name.

    Without faults checking and tracking do what ours do; budgeting only notes its events.
    """

    deployed: Deployed
    folder: Path

    def __post_init__(self) -> None:
        """Deploy them, and the same definition with their names in it."""
        self.name = f"standin-{uuid.uuid4().hex[:8]}"
        functions = {f"{role}FunctionArn": self._deploy(role) for role in ("Checking", "Tracking")}
        functions["BudgetingFunctionArn"] = self._deploy_noting()
        names = {"Partition": "aws", "Tenants": "*", **functions}
        text = (ROOT / "statemachines" / "guarded_run.asl.json").read_text()
        definition = re.sub(r"\$\{(\w+)\}", lambda match: names[match[1]], text)
        role = self.deployed.aws["iam"].get_role(RoleName=f"{self.name}-Checking")["Role"]["Arn"]
        made = self.deployed.aws["stepfunctions"].create_state_machine(
            name=self.name, definition=definition, roleArn=role
        )
        self.machine = str(made["stateMachineArn"])

    def fail(self, role: str, faults: Sequence[str]) -> None:
        """Raise these in the next calls; `after:X` raises X although everything was done."""
        self._faults(role).write_text(json.dumps(faults))

    def reset(self) -> None:
        """No faults, and nothing noted."""
        for role in ("Checking", "Tracking", "Budgeting"):
            self.fail(role, [])
        (self.folder / "noted").unlink(missing_ok=True)

    def noted(self) -> list[dict[str, Any]]:
        """The events that budgeting got."""
        noted = self.folder / "noted"
        return (
            [json.loads(line) for line in noted.read_text().splitlines()] if noted.exists() else []
        )

    def _faults(self, role: str) -> Path:
        return self.folder / f"faults-{role}"

    def _deploy(self, role: str) -> str:
        ours = self.deployed.stack.physical_ids[f"{role}Function"]
        statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        source = FORWARDING % (str(self._faults(role)), ours)
        return deploy_function(self.deployed, f"{self.name}-{role}", source, policy)

    def _deploy_noting(self) -> str:
        source = NOTING % (str(self._faults("Budgeting")), str(self.folder / "noted"))
        return deploy_function(self.deployed, f"{self.name}-Budgeting", source)
