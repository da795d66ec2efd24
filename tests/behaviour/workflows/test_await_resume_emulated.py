"""Real executions that wait with `.waitForTaskToken`, on the emulator's own Step Functions."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.environment import CREDENTIALS, REGION

PATIENCE_SECONDS, SECONDS = 30, 6
WHO = {"by": "maria", "reason": "fine"}
ASKS = {"workflow_execution_id.$": "$.workflow", "task_token.$": "$$.Task.Token"}


class Machine:
    """A state machine whose one state asks for a person, by way of a queue."""

    def __init__(self, endpoint: str) -> None:
        keys = {name.lower(): value for name, value in CREDENTIALS.items()}
        where: dict[str, Any] = {"region_name": REGION, "endpoint_url": endpoint, **keys}
        client: Any = boto3.client
        self._queue, self._states = client("sqs", **where), client("stepfunctions", **where)
        name = new_id("asks")
        self._url = self._queue.create_queue(QueueName=name)["QueueUrl"]
        self._arn = self._states.create_state_machine(
            name=name,
            definition=json.dumps(self._definition()),
            roleArn="arn:aws:iam::000000000000:role/any",
        )["stateMachineArn"]

    def _definition(self) -> dict[str, Any]:
        ask = {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": self._url, "MessageBody": ASKS},
            "TimeoutSeconds": SECONDS,
            "End": True,
        }
        return {"StartAt": "Ask", "States": {"Ask": ask}}

    def start(self, workflow: str) -> str:
        asked = json.dumps({"workflow": workflow})
        started = self._states.start_execution(stateMachineArn=self._arn, input=asked)
        return str(started["executionArn"])

    def asked(self) -> dict[str, Any]:
        """What the next execution that waits says of itself."""
        got = self._queue.receive_message(QueueUrl=self._url, WaitTimeSeconds=10)["Messages"][0]
        self._queue.delete_message(QueueUrl=self._url, ReceiptHandle=got["ReceiptHandle"])
        said: dict[str, Any] = json.loads(got["Body"])
        return said

    def end(self, execution: str) -> dict[str, Any]:
        """The execution once it has ended."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            found = self._states.describe_execution(executionArn=execution)
            if found["status"] != "RUNNING":
                return dict(found)
            time.sleep(0.05)
        raise AssertionError("the execution did not end")

    def delete(self) -> None:
        self._states.delete_state_machine(stateMachineArn=self._arn)
        self._queue.delete_queue(QueueUrl=self._url)


@pytest.fixture
def machine(emulator: str, botocore_set_up_once: None) -> Iterator[Machine]:
    made = Machine(emulator)
    yield made
    made.delete()


@pytest.fixture
def tenant(emulator_cloud: Cloud) -> Tenant:
    return Tenant(DirectDoor())


def test_an_execution_that_waits_goes_on_when_a_person_resumes(
    tenant: Tenant, machine: Machine
) -> None:
    execution = machine.start("flow")
    asked = machine.asked()
    assert tenant.call("await_resume", **asked).body["state"] == "paused"

    told = tenant.call("resume", workflow_execution_id="flow", limit_usd="70", **WHO).body

    assert (told["woken"], told["gone"], told["waking"]) == (1, 0, 0)
    ended = machine.end(execution)
    assert ended["status"] == "SUCCEEDED"
    output = json.loads(ended["output"])
    assert (output["limit_usd"], output["by"], output["state"]) == ("70", "maria", "active")
    assert tenant.call("await_resume", **asked).body["woken"] == 0, "a delivery that came late"
    assert tenant.call("workflow", workflow_execution_id="flow").body["state"] == "active"


def test_one_that_was_resumed_before_it_asked_goes_on_at_once(
    tenant: Tenant, machine: Machine
) -> None:
    refused = tenant.reserve("51", workflow_execution_id="flow").body
    tenant.call("resume", workflow_execution_id="flow", **WHO).body  # noqa: B018
    execution = machine.start("flow")

    told = tenant.call("await_resume", **machine.asked(), pause_id=refused["pause_id"]).body

    assert (told["state"], told["woken"]) == ("active", 1)
    assert machine.end(execution)["status"] == "SUCCEEDED"


def test_one_that_timed_out_is_gone_and_the_other_branch_goes_on(
    tenant: Tenant, machine: Machine
) -> None:
    late = machine.start("flow")
    tenant.call("await_resume", **machine.asked()).body  # noqa: B018
    assert machine.end(late)["status"] in {"FAILED", "TIMED_OUT"}
    other = machine.start("flow")
    tenant.call("await_resume", **machine.asked()).body  # noqa: B018

    told = tenant.call("resume", workflow_execution_id="flow", **WHO).body

    assert (told["woken"], told["gone"], told["waiting"], told["waking"]) == (1, 1, 0, 0)
    assert machine.end(other)["status"] == "SUCCEEDED"
