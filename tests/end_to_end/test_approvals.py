"""A refused run asks, waits, and goes on when a person uses the link of its real alert."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import urllib3

from tests.end_to_end.test_alerts import Inbox
from tests.support.end_to_end.guard import ANSWER, PATIENCE, Guard

MARIA = {"by": "maria", "reason": "the customer wants it finished"}
UNDISTURBED = 32.0
"""Seconds after which the schedule sends an alert that a request has stored."""


@pytest.fixture
def inbox(guard: Guard) -> Inbox:
    made = Inbox(guard.deployed, f"people-{guard.tenant}")
    guard.deployed.aws["sns"].subscribe(
        TopicArn=guard.deployed.stack.outputs["AlertTopicArn"],
        Protocol="sqs",
        Endpoint=made.arn,
        Attributes={"FilterPolicy": f'{{"tenant_id": ["{guard.tenant}"]}}'},
    )
    return made


def waiting(guard: Guard, arn: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while "Wait for a person" not in guard.visited(arn):
        assert time.monotonic() < deadline, guard.visited(arn)
        time.sleep(0.05)


def link_of(guard: Guard, inbox: Inbox) -> str:
    """The link of the alert that people get, at the emulator's address."""
    time.sleep(UNDISTURBED)
    done = guard.invoke("AlertingFunction", operation="send_due")
    got = {one["kind"]: one for one in inbox.alerts(2)}
    assert "raise_requested" in got, (done, got)
    parts = urlsplit(got["raise_requested"]["link"])
    assert parts.netloc.endswith("amazonaws.com")
    return f"{guard.deployed.api.url}{parts.path}?{parts.query}"


def test_the_waiting_state_machine_finishes_after_the_form_of_the_alerts_link_is_sent(
    guard: Guard, inbox: Inbox
) -> None:
    budget: dict[str, Any] = {"scope": "tenant", "period": "month", "limit_usd": "0.1"}
    path = f"/tenants/{guard.tenant}/budgets/cap"
    body = json.dumps({**budget, "action": "ask", **MARIA}).encode()
    assert guard.deployed.api.call("PUT", path, body).status == 200
    labels = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
    arn = guard.start(guard.order({"answer": ANSWER}, **labels))
    waiting(guard, arn)
    link = link_of(guard, inbox)

    http = urllib3.PoolManager(retries=False)
    for _ in range(3):  # as scanners of mail do
        page = http.request("GET", link)
    assert (page.status, "text/html" in page.headers["content-type"]) == (200, True)
    assert "0.4 USD more" in page.data.decode()
    assert guard.times_called == 0

    token = link.partition("token=")[2]
    form = urlencode({"token": token, "decision": "approve", "amount_usd": "", **MARIA})
    kind = {"content-type": "application/x-www-form-urlencoded"}
    done = http.request("POST", link.partition("?")[0], body=form, headers=kind)
    assert (done.status, "approved by" in done.data.decode()) == (200, True)

    run = guard.wait(arn)
    assert (run.status, run.output["allowed"], guard.times_called) == ("SUCCEEDED", True, 1), run
    assert run.states.count("Reserve") == 2
