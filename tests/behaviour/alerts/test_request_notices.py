"""A request for more limit is announced to people."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.alerts.tenants import sent
from tests.support.approvals.asking import NOON, ask
from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture(autouse=True)
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    with at(NOON, tick=False):
        yield memory_cloud


def test_the_alert_is_stored_with_the_request(tenant: Tenant) -> None:
    ask(tenant, "5", request_id="ask-1", by="agent")
    (alert,) = tenant.call("alerts").body["items"]
    assert (alert["kind"], alert["severity"], alert["state"]) == (
        "raise_requested",
        "warning",
        "pending",
    )
    assert (alert["request_id"], alert["amount_usd"], alert["available_usd"]) == (
        "ask-1",
        "5",
        "10",
    )
    assert (alert["budget_id"], alert["scope_id"], alert["reason"]) == (
        "execution",
        "run-1",
        "two chapters are left",
    )


def test_the_alert_says_who_asks_for_how_much_and_what_to_do(watch: Watch, tenant: Tenant) -> None:
    ask(tenant, "5", request_id="ask-1", by="agent")
    (message,) = sent(watch)
    assert message["kind"] == "raise_requested"
    assert message["request_id"] == "ask-1"
    text = watch.post.letters[-1]["texts"]["email"]
    assert "execution run-1 asks for 5 USD more of execution, of which 10 of 10 USD" in text
    assert "approve or deny request ask-1" in text
