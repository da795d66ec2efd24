"""A run asks for more limit: what is kept, and which budget it is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.approvals.asking import FLOW, RUN, approve, ask, deny, listed, read
from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import cap, set_budget

pytestmark = pytest.mark.usefixtures("hurried")
NOON = "2026-11-22T12:00:00Z"


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


def test_a_workflow_asks_for_itself(tenant: Tenant) -> None:
    said = ask(tenant, "60", workflow_execution_id="flow-1").body
    assert (said["budget_id"], said["scope"], said["scope_id"]) == (
        "workflow",
        "workflow",
        "flow-1",
    )
    assert ask(tenant, "60", **FLOW).body["budget_id"] == "execution"
