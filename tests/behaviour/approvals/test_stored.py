"""Requests are read and listed, and close when their time is over."""

from __future__ import annotations

import pytest

from functions.budgeting import app as budgeting
from tests.support.approvals.asking import approve, ask, deny, listed, read
from tests.support.builders import Tenant
from tests.support.doors.doors import Context
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")


def wake() -> int:
    """Run the schedule; return how many requests it closed."""
    return int(budgeting.lambda_handler({"operation": "wake"}, Context())["expired"])


def test_another_tenants_request_is_an_unknown_one(tenant: Tenant) -> None:
    ask(tenant, request_id="ask-1")
    other = Tenant(tenant.door)
    for operation in (approve, deny):
        assert operation(other, "ask-1").error == "NOT_FOUND"
    assert other.call("get_request", request_id="ask-1").error == "NOT_FOUND"
    assert listed(other) == []


def test_requests_are_listed_latest_first_by_state_in_pages(tenant: Tenant) -> None:
    for number in range(7):
        with at(f"2026-11-22T12:00:0{number}Z", tick=False):
            ask(tenant, request_id=f"ask-{number}", agent_execution_id=f"run-{number}")
    approve(tenant, "ask-2")
    approve(tenant, "ask-5")
    deny(tenant, "ask-3")
    assert listed(tenant, state="approved") == ["ask-5", "ask-2"]
    assert listed(tenant, state="denied") == ["ask-3"]
    assert listed(tenant, state="open") == ["ask-6", "ask-4", "ask-1", "ask-0"]
    assert listed(tenant, state="expired") == []

    found, cursor, pages = [], None, 0
    while pages == 0 or cursor:
        page = tenant.call("list_requests", limit=2, **({"cursor": cursor} if cursor else {})).body
        found += [one["request_id"] for one in page["items"]]
        cursor, pages = page["cursor"], pages + 1
    assert found == [f"ask-{number}" for number in range(6, -1, -1)]
    assert pages == 4
    foreign = tenant.call("list_requests", limit=2).body["cursor"]
    assert tenant.call("list_requests", state="open", cursor=foreign).field == "cursor"
    assert tenant.call("list_requests", state="lost").field == "state"


def test_an_overdue_request_is_expired_when_it_is_read_and_by_the_schedule(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    ask(tenant, request_id="ask-1")
    ask(tenant, request_id="ask-2", expires_in_seconds=60, budget_id="tenant-month")
    ask(tenant, request_id="ask-3", expires_in_seconds=60, agent_execution_id="run-2")
    with at("2026-11-22T12:00:59Z", tick=False):
        assert wake() == 0
        assert read(tenant, "ask-2")["state"] == "open"
    with at("2026-11-22T12:01:00Z", tick=False):
        ended = read(tenant, "ask-2")
        assert (ended["state"], ended["decision"]["at"]) == ("expired", "2026-11-22T12:01:00Z")
        assert approve(tenant, "ask-2").error == "CONFLICT"
        assert wake() == 1
        assert wake() == 0
        assert sorted(listed(tenant, state="expired")) == ["ask-2", "ask-3"]
        assert listed(tenant, state="open") == ["ask-1"]
        assert ask(tenant, budget_id="tenant-month").has_status(201)


def test_a_damaged_request_is_a_503_and_is_not_answered(tenant: Tenant, cloud: MemoryCloud) -> None:
    ask(tenant, request_id="ask-1")
    damage = {
        "TableName": cloud.tables["BudgetsTable"],
        "Key": {"pk": {"S": f"{tenant.id}#request#ask-1"}},
        "UpdateExpression": "SET body = :none",
        "ExpressionAttributeValues": {":none": {"S": "{}"}},
    }
    cloud.database.execute("UpdateItem", damage)
    assert tenant.call("get_request", request_id="ask-1").error == "UNAVAILABLE"
    assert approve(tenant, "ask-1").error == "UNAVAILABLE"
