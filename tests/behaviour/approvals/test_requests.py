"""A run asks for more limit: what is kept, who is told, and which budget it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functions.budgeting import app as budgeting
from tests.support.asking import FLOW, RUN, approve, ask, deny, listed, read
from tests.support.builders import Tenant
from tests.support.doors.doors import Context
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import cap, set_budget
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("hurried")
NOON = "2026-11-22T12:00:00Z"


@pytest.fixture(autouse=True)
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    with at(NOON, tick=False):
        yield memory_cloud


def wake() -> int:
    """Run the schedule; return how many requests it closed."""
    return int(budgeting.lambda_handler({"operation": "wake"}, Context())["expired"])


def test_a_request_keeps_what_was_asked_what_was_left_and_who(tenant: Tenant) -> None:
    tenant.spend("7", user="ana", agent="writer", **RUN)
    tenant.hold("1", **RUN)
    answer = ask(tenant, "5", request_id="ask-1", by="agent writer", user="ana", agent="writer")

    assert answer.has_status(201)
    said = answer.body
    assert {
        "request_id": "ask-1",
        "state": "open",
        "budget_id": "execution",
        "scope": "execution",
        "scope_id": "run-1",
        "period": "run",
        "amount_usd": "5",
        "limit_usd": "10",
        "spent_usd": "7",
        "held_usd": "1",
        "available_usd": "2",
        "by": "agent writer",
        "reason": "two chapters are left",
        "user": "ana",
        "agent_execution_id": "run-1",
        "created_at": NOON,
        "expires_at": "2026-11-29T12:00:00Z",
        "decision": None,
        "replayed": False,
    }.items() <= said.items()
    assert read(tenant, "ask-1") == said


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


def test_a_retry_with_the_same_id_changes_nothing_and_other_content_is_a_409(
    tenant: Tenant,
) -> None:
    first = ask(tenant, "5", request_id="ask-1").body
    again = ask(tenant, "5.00", request_id="ask-1")
    assert again.has_status(200)
    assert again.body == {**first, "replayed": True}
    other = ask(tenant, "6", request_id="ask-1")
    assert (other.error, other.field) == ("IDEMPOTENCY_MISMATCH", "amount_usd")
    assert len(tenant.call("alerts").body["items"]) == 1
    approve(tenant, "ask-1")
    assert ask(tenant, "5", request_id="ask-1").body["state"] == "approved"


def test_an_idempotency_key_names_the_request(tenant: Tenant) -> None:
    first = ask(tenant, "5", idempotency_key="k1").body
    again = ask(tenant, "5", idempotency_key="k1").body
    assert again == {**first, "replayed": True}
    assert ask(tenant, "6", idempotency_key="k1").error == "IDEMPOTENCY_MISMATCH"
    assert listed(tenant) == [first["request_id"]]


def test_a_second_request_of_the_run_for_the_budget_is_answered_by_the_open_one(
    tenant: Tenant,
) -> None:
    first = ask(tenant, "5").body
    second = ask(tenant, "7", idempotency_key="k2")
    assert second.has_status(200)
    assert second.body == {**first, "replayed": True}
    assert ask(tenant, "7", idempotency_key="k2").body == second.body
    named = ask(tenant, "7", request_id="mine")
    assert named.error == "CONFLICT"
    assert first["request_id"] in named.message
    assert listed(tenant) == [first["request_id"]]


def test_after_its_answer_the_run_may_ask_again(tenant: Tenant) -> None:
    deny(tenant, ask(tenant, request_id="ask-1").body["request_id"])
    assert ask(tenant, "7", request_id="ask-2").has_status(201)
    assert listed(tenant, state="open") == ["ask-2"]


def test_other_runs_and_other_budgets_have_requests_of_their_own(tenant: Tenant) -> None:
    ask(tenant, request_id="ask-1")
    ask(tenant, request_id="ask-2", budget_id="tenant-month")
    ask(tenant, request_id="ask-3", agent_execution_id="run-2")
    assert sorted(listed(tenant)) == ["ask-1", "ask-2", "ask-3"]


@pytest.mark.parametrize(
    ("spent", "asked", "budget_id"),
    [
        ("9", "2", "execution"),
        ("9", "0.5", "execution"),
        ("0", "5", "cap"),
        ("0", "11", "execution"),
    ],
)
def test_without_a_budget_id_it_is_the_one_that_refuses_or_has_the_least_left(
    tenant: Tenant, spent: str, asked: str, budget_id: str
) -> None:
    cap(tenant, "12", period="month")
    tenant.spend(spent, **RUN)
    tenant.spend("8" if spent == "0" else "0", agent_execution_id="run-2")
    assert ask(tenant, asked).body["budget_id"] == budget_id


def test_a_request_ends_with_the_period_of_its_budget(tenant: Tenant) -> None:
    cap(tenant, "1", period="day")
    assert ask(tenant, budget_id="cap").body["expires_at"] == "2026-11-23T00:00:00Z"
    assert (
        ask(tenant, budget_id="execution", expires_in_seconds=60).body["expires_at"]
        == "2026-11-22T12:01:00Z"
    )


@pytest.mark.parametrize(
    ("fields", "error", "field"),
    [
        ({"amount_usd": "0"}, "VALIDATION_ERROR", "amount_usd"),
        ({"amount_usd": "-1"}, "VALIDATION_ERROR", "amount_usd"),
        ({"budget_id": "none-such"}, "NOT_FOUND", None),
        ({"budget_id": "workflow"}, "VALIDATION_ERROR", "budget_id"),
        ({"budget_id": "system-month"}, "CONFLICT", None),
        ({"budget_id": "calls"}, "CONFLICT", None),
        ({"budget_id": "each"}, "CONFLICT", None),
        ({"expires_in_seconds": 30 * 86400 + 1}, "VALIDATION_ERROR", "expires_in_seconds"),
        ({"request_id": "settle:x"}, "VALIDATION_ERROR", "request_id"),
        ({"colour": "red"}, "VALIDATION_ERROR", "colour"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_stores_nothing(
    tenant: Tenant, fields: dict[str, Any], error: str, field: str | None
) -> None:
    cap(tenant, None, "calls", limit_calls=5)
    set_budget(tenant, "each", "5", scope="user", scope_id="*", period="day")
    refused = ask(tenant, user="ana", **fields)
    assert (refused.error, refused.field) == (error, field)
    assert listed(tenant) == []
    assert tenant.call("alerts").body["items"] == []


def test_a_request_needs_a_run(tenant: Tenant) -> None:
    refused = tenant.call("request_raise", amount_usd="1", reason="because")
    assert (refused.error, refused.field) == ("VALIDATION_ERROR", "agent_execution_id")


def test_where_only_the_system_refuses_no_tenant_is_asked(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(system="1")
    refused = ask(tenant, "5")
    assert refused.error == "CONFLICT"
    assert "system-month" in refused.message


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


def test_a_workflow_asks_for_itself(tenant: Tenant) -> None:
    said = ask(tenant, "60", workflow_execution_id="flow-1").body
    assert (said["budget_id"], said["scope"], said["scope_id"]) == (
        "workflow",
        "workflow",
        "flow-1",
    )
    assert ask(tenant, "60", **FLOW).body["budget_id"] == "execution"
