"""Tenants see themselves: of the system's gate whether it allows and when it resets."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from functions.resetting import app as resetting
from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, budgets, set_system
from tests.support.template.conditions import defaults
from tests.support.template.template import template
from tests.support.times import at

SPENT, LIMIT = "7331.25", "8642"
AMOUNTS = ("limit_usd", "spent_usd", "held_usd", "available_usd", "projected_usd", "used_percent")
RUN = {"agent_execution_id": "run", "workflow_execution_id": "flow"}
DAY = {"scope": "system", "period": "day"}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryCloud]:
    """A system's month of 8642 USD, of which other tenants spent 7331.25; nothing else limits."""
    memory_cloud.set_limits(execution="none", workflow="none", tenant="none", system=LIMIT)
    monkeypatch.setenv("SHOW_SYSTEM_AMOUNTS", "false")
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


@pytest.fixture
def others(door: Door, cloud: MemoryCloud) -> Tenant:
    """A tenant that spent almost all."""
    other = Tenant(door)
    other.spend(SPENT, entry_id="theirs")
    return other


def leaks(body: object) -> list[str]:
    """The platform's amounts that an answer shows; 1310.75 is what is left."""
    text = json.dumps(body)
    return [one for one in (SPENT, LIMIT, "1310.75", "7332.25", "84.8") if one in text]


def test_a_decision_says_that_the_system_allows_and_when_it_resets(
    tenant: Tenant, others: Tenant
) -> None:
    for answer in (tenant.check("1"), tenant.reserve("1"), tenant.record("1")):
        shown = gate(answer.body, "system-month")
        assert (shown["allowed"], shown["resets_at"]) == (True, "2026-12-01T00:00:00Z")
        assert [shown[name] for name in AMOUNTS] == [None] * 6
        assert (shown["exceeded"], shown["nearing_limit"], shown["hidden"]) == (None, None, True)
        assert not leaks(answer.body)


def test_a_refusal_by_the_system_has_no_amounts_and_its_alert_to_the_platform_has_them(
    tenant: Tenant, others: Tenant
) -> None:
    for answer in (tenant.check("2000", **RUN), tenant.reserve("2000", **RUN)):
        body = answer.body
        assert body["reason_code"] == "SYSTEM_MONTH_EXCEEDED"
        assert body["reason"].startswith("System-wide budget exceeded: ")
        assert body["unblock"] == (
            "ask the platform to raise system-month, or wait until 2026-12-01T00:00:00Z"
        )
        assert not leaks(body)
    (alert,) = tenant.door.call("system_alerts").body["items"]
    assert (alert["kind"], alert["tenant_id"], alert["spent_usd"]) == ("blocked", None, SPENT)
    assert "7331.25 USD" in alert["reason"]
    assert "raise system-month by 689.25 USD or more" in alert["unblock"]
    assert tenant.call("alerts").body["items"] == []


def test_a_tenants_lists_settlements_and_runs_have_no_amounts_of_the_system(
    tenant: Tenant, others: Tenant, door: Door
) -> None:
    set_system(door, "system-day", LIMIT, **DAY)
    raising = {"budget_id": "system-day", "amount_usd": "84.81", **WHO}
    assert door.call("raise_system_limit", **raising).error is None
    hold = tenant.hold("1", **RUN)
    answers = [
        tenant.settle(hold, "1"),
        tenant.call("list_budgets"),
        tenant.call("get_budget", budget_id="system-month"),
        tenant.call("get_budget", budget_id="system-day"),
        tenant.call("tenant_usage"),
        tenant.call("workflow", workflow_execution_id="flow"),
        tenant.call("execution", agent_execution_id="run"),
        tenant.call("tenant_history"),
        tenant.call("forecast"),
    ]
    assert [leaks(answer.body) for answer in answers] == [[]] * 9
    shown = budgets(tenant)["system-day"]
    assert (shown["limit_usd"], shown["raises"], shown["hidden"]) == (None, [], True)
    assert shown["resets_at"] == "2026-11-23T00:00:00Z"


def test_limits_of_the_system_in_tokens_and_calls_are_hidden_from_a_tenant(
    tenant: Tenant, others: Tenant, door: Door
) -> None:
    counted = {"limit_tokens": {"total": 90909, "input": 80808}, "limit_calls": 70707}
    assert set_system(door, "system-day", LIMIT, **DAY, **counted).error is None
    answers = [
        tenant.call("list_budgets"),
        tenant.call("get_budget", budget_id="system-day"),
        tenant.call("headroom", user="ana"),
        tenant.check("1", estimated_usage={"input_tokens": 10, "output_tokens": 10}),
        tenant.check("1", estimated_usage={"input_tokens": 99999, "output_tokens": 10}),
        tenant.reserve("1", estimated_usage={"input_tokens": 99999, "output_tokens": 10}),
    ]
    assert [one.body.get("allowed") for one in answers[3:]] == [True, False, False]
    figures = ("90909", "80808", "70707", "8642")
    assert [[one for one in figures if one in json.dumps(a.body)] for a in answers] == [[]] * 6
    shown = budgets(tenant)["system-day"]
    assert (shown["limit_tokens"], shown["limit_calls"], shown["hidden"]) == (None, None, True)
    own = door.call("get_system_budget", budget_id="system-day").body
    assert (own["limit_tokens"]["input"], own["limit_calls"]) == (80808, 70707)


def test_a_paused_workflow_does_not_tell_why_in_amounts(
    tenant: Tenant, others: Tenant, door: Door
) -> None:
    set_system(door, "system-month", LIMIT, action="pause")
    assert tenant.reserve("2000", **RUN).body["action"] == "pause"
    told = tenant.call("workflow_history", workflow_execution_id="flow").body
    assert told["items"]
    assert not leaks(told)
    assert not leaks(tenant.call("alerts").body)


def test_a_statement_hides_the_systems_limits_in_each_unit(
    tenant: Tenant, others: Tenant, door: Door
) -> None:
    set_system(door, "system-month", LIMIT, limit_tokens=80808, limit_calls=70707)
    tenant.spend("1")
    with at("2026-12-05T10:00:00Z"):
        resetting.lambda_handler({"operation": "close_month", "month": "2026-11"}, None)
        mine = tenant.call("statements").body
        assert mine["items"][0]["spent_usd"] == "1"
        assert not leaks(mine)
        (listed,) = (
            one for one in mine["items"][0]["budgets"] if one["budget_id"] == "system-month"
        )
        assert [listed[name] for name in ("limit_usd", "limit_tokens", "limit_calls")] == [None] * 3
        assert door.call("system_statements").body["items"][0]["limit_usd"] == LIMIT


def test_the_system_sees_its_own_amounts(others: Tenant, door: Door) -> None:
    assert door.call("system_usage").body["spent_usd"] == SPENT
    shown = door.call("get_system_budget", budget_id="system-month").body
    assert (shown["limit_usd"], shown["spent_usd"]) == (LIMIT, SPENT)
    assert (shown["available_usd"], shown["used_percent"]) == ("1310.75", "84.83")
    listed = {one["budget_id"]: one for one in door.call("list_system_budgets").body["items"]}
    assert listed["system-month"] == shown
    assert listed["tenant-month"]["spent_usd"] is None


def test_the_template_hides_the_amounts_by_default() -> None:
    assert defaults(template())["ShowSystemAmounts"] == "false"


def test_the_template_may_show_the_amounts(
    tenant: Tenant, others: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOW_SYSTEM_AMOUNTS", "true")
    refused = tenant.reserve("2000").body
    assert gate(refused, "system-month")["spent_usd"] == SPENT
    assert f"the system spent {SPENT} USD" in refused["reason"]
    assert budgets(tenant)["system-month"]["limit_usd"] == LIMIT
    assert tenant.check("1").body["warnings"][0].startswith("Nearing system-month")
