"""Alerts on the deployed template: from the table's stream to each subscriber, once each."""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from local.api import Answer
from tests.end_to_end.test_doors import invoke
from tests.support.end_to_end.stack import CLIENTS, Deployed

PATIENCE, QUIET = 20.0, 2.0


class Inbox:
    """A queue of this test's own."""

    def __init__(self, deployed: Deployed, name: str) -> None:
        self._sqs = deployed.aws["sqs"]
        self.url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        found = self._sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])
        self.arn = found["Attributes"]["QueueArn"]
        services = {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}
        allowed = {"Action": "sqs:SendMessage", "Principal": services, "Resource": self.arn}
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **allowed}]}
        self._sqs.set_queue_attributes(QueueUrl=self.url, Attributes={"Policy": json.dumps(policy)})

    def taken(self, expected: int) -> list[dict[str, Any]]:
        """What arrived: so many, and whatever comes too much a while after them."""
        found, patience = list[dict[str, Any]](), PATIENCE if expected else QUIET
        until = time.monotonic() + patience
        while time.monotonic() < until:
            got = self._sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
            for one in got.get("Messages", []):
                found.append(json.loads(one["Body"]))
                self._sqs.delete_message(QueueUrl=self.url, ReceiptHandle=one["ReceiptHandle"])
                if len(found) >= expected:
                    until = min(until, time.monotonic() + QUIET)
            time.sleep(0.1)
        return found

    def alerts(self, expected: int) -> list[dict[str, Any]]:
        """The same as machines read it."""
        return [json.loads(one["Message"]) for one in self.taken(expected)]


@pytest.fixture
def tenant() -> str:
    return f"tenant-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def inbox(deployed: Deployed, tenant: str) -> Inbox:
    """A queue that is subscribed to what concerns this tenant."""
    inbox, topic = Inbox(deployed, f"people-{tenant}"), deployed.stack.outputs["AlertTopicArn"]
    deployed.aws["sns"].subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=inbox.arn,
        Attributes={"FilterPolicy": json.dumps({"tenant_id": [tenant]})},
    )
    return inbox


def book(deployed: Deployed, tenant: str, cost: str, name: str = "run") -> Answer:
    answer = deployed.api.post(
        f"/tenants/{tenant}/costs", {"agent_execution_id": name, "cost_usd": cost}
    )
    assert answer.status == 201
    return answer


def thresholds(alerts: list[dict[str, Any]]) -> Counter[int]:
    return Counter(one["threshold_percent"] for one in alerts)


def listed(deployed: Deployed, tenant: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = deployed.api.get(f"/tenants/{tenant}/alerts")["items"]
    return found


def waited_for(condition: Callable[[], bool]) -> bool:
    until = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < until:
        time.sleep(0.2)
    return condition()


def test_spend_that_passes_80_and_100_percent_at_once_gives_exactly_two_alerts(
    deployed: Deployed, tenant: str, inbox: Inbox
) -> None:
    book(deployed, tenant, "600")
    assert thresholds(inbox.alerts(1)) == {50: 1}

    book(deployed, tenant, "400.01")

    alerts = inbox.alerts(2)
    assert thresholds(alerts) == {80: 1, 100: 1}
    assert {one["kind"] for one in alerts} == {"nearing_limit", "limit_exceeded"}
    assert waited_for(lambda: {one["state"] for one in listed(deployed, tenant)} == {"sent"})
    assert [one["threshold_percent"] for one in listed(deployed, tenant)][-1] == 50


def test_callers_over_a_threshold_at_once_give_one_alert(
    deployed: Deployed, tenant: str, inbox: Inbox
) -> None:
    book(deployed, tenant, "490")
    with ThreadPoolExecutor(CLIENTS) as callers:
        list(callers.map(lambda n: book(deployed, tenant, "2", f"run-{n}"), range(16)))

    assert thresholds(inbox.alerts(1)) == {50: 1}


@contextmanager
def denied(deployed: Deployed, action: str) -> Iterator[None]:
    """While this lasts, alerting may not do that."""
    iam, role = deployed.aws["iam"], deployed.stack.physical_ids["AlertingFunctionRole"]
    statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=json.dumps(policy))
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")


def test_with_sns_failing_for_a_while_no_alert_is_lost_and_no_answer_waits(
    deployed: Deployed, tenant: str, inbox: Inbox
) -> None:
    with denied(deployed, "sns:Publish"):
        started = time.monotonic()
        book(deployed, tenant, "850")
        took = time.monotonic() - started
        assert waited_for(lambda: len(listed(deployed, tenant)) == 2)
        assert {one["state"] for one in listed(deployed, tenant)} == {"pending"}
        assert inbox.taken(0) == []
    assert took < 5

    time.sleep(31)  # until then they are left to the one who stored them
    failed, _ = invoke(deployed, "AlertingFunction", operation="send_due")

    assert failed is None
    alerts = inbox.alerts(2)
    assert set(thresholds(alerts)) == {50, 80}
    assert len({one["alert_id"] for one in alerts}) == 2
    assert {one["state"] for one in listed(deployed, tenant)} == {"sent"}


def test_a_rule_of_ones_own_on_the_bus_gets_the_event(deployed: Deployed, tenant: str) -> None:
    inbox, events = Inbox(deployed, f"machines-{tenant}"), deployed.aws["events"]
    bus = deployed.stack.outputs["AlertBusName"]
    pattern = {
        "source": ["budget-monitor"],
        "detail-type": ["limit_exceeded"],
        "detail": {"tenant_id": [tenant]},
    }
    events.put_rule(Name=tenant, EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=tenant, EventBusName=bus, Targets=[{"Id": "queue", "Arn": inbox.arn}])

    book(deployed, tenant, "1200")

    (event,) = inbox.taken(1)
    assert (event["source"], event["detail-type"]) == ("budget-monitor", "limit_exceeded")
    assert event["detail"]["spent_usd"] == "1200"


def test_a_person_may_send_one_by_hand_under_the_functions_own_role(
    deployed: Deployed, tenant: str, inbox: Inbox
) -> None:
    said = {"tenant_id": tenant, "message": "we move to another model tomorrow"}
    for _ in range(2):
        failed, alert = invoke(
            deployed, "AlertingFunction", operation="send_alert", idempotency_key="news", **said
        )
        assert (failed, alert["state"]) == (None, "sent")
    assert [one["message"] for one in inbox.alerts(1)] == [said["message"]]
