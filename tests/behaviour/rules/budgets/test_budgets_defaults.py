"""Defaults and what takes their place: for a tenant, for a name, for every tenant at once."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    allowed,
    budgets,
    cap,
    delete_budget,
    delete_system,
    lift,
    set_budget,
    set_system,
)
from tests.support.times import at

pytestmark = pytest.mark.frozen

PLANNERS = {"scope": "agent", "scope_id": "planner", "period": "run"}
NIGHTLY = {"scope": "workflow", "scope_id": "nightly", "period": "run"}


@pytest.mark.parametrize(
    ("budget_id", "labels", "code"),
    [
        ("execution", {"agent_execution_id": "e"}, "EXECUTION_EXCEEDED"),
        ("workflow", {"workflow_execution_id": "w"}, "WORKFLOW_EXCEEDED"),
        ("tenant-month", {"agent_execution_id": "e"}, "TENANT_MONTH_EXCEEDED"),
    ],
)
def test_a_tenant_overrides_a_default_for_itself_and_restores_it(
    tenant: Tenant, budget_id: str, labels: dict[str, str], code: str
) -> None:
    before, other = budgets(tenant)[budget_id], Tenant(tenant.door)
    put = set_budget(tenant, budget_id, "3", action="block").body
    assert (put["limit_usd"], put["source"], before["source"]) == ("3", "tenant", "default")
    assert tenant.check("3.01", **labels).body["reason_code"] == code
    assert allowed(tenant, "3", **labels)
    assert other.check("3.01", **labels).body["allowed"]

    restored = delete_budget(tenant, budget_id).body

    assert restored["deleted"]
    changing = {"version", "replayed", "deleted", "principal"}
    assert {k: v for k, v in restored.items() if k not in changing} == {
        k: before[k] for k in restored if k not in changing
    }
    assert allowed(tenant, "3", **labels)


def test_only_what_was_overridden_can_be_deleted(tenant: Tenant, door: Door) -> None:
    for budget_id in ("execution", "workflow", "tenant-month", "system-month"):
        assert delete_budget(tenant, budget_id).error == "CONFLICT"
        assert delete_system(door, budget_id).error == "CONFLICT"
    for answer in (
        delete_budget(tenant, "unknown"),
        lift(tenant, "unknown", "1"),
        delete_system(door, "unknown"),
    ):
        assert answer.error == "NOT_FOUND"
    set_system(door, "all", "5", scope="tenant", period="day")
    assert delete_budget(tenant, "all").error == "CONFLICT"


def test_a_budget_for_one_name_takes_the_place_of_the_default(tenant: Tenant) -> None:
    set_budget(tenant, "planners", "20", **PLANNERS)
    set_budget(tenant, "nights", "5", action="block", **NIGHTLY)

    planner = {"agent_execution_id": "e1", "agent": "planner"}
    assert allowed(tenant, "20", **planner)
    refused = tenant.check("0.01", **planner).body
    assert (refused["reason_code"], refused["budget_id"]) == ("BUDGET_EXCEEDED", "planners")
    assert tenant.check("10.01", agent_execution_id="e2", agent="coder").body["allowed"] is False
    nightly = {"workflow_execution_id": "w1", "workflow": "nightly"}
    assert not allowed(tenant, "5.01", **nightly)
    assert allowed(tenant, "50", workflow_execution_id="w2", workflow="daily")


def test_a_run_keeps_its_first_name_where_later_requests_leave_it_out(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    set_budget(tenant, "planners", "2", **PLANNERS)
    set_budget(tenant, "nights", "5", action="block", **NIGHTLY)
    tenant.spend("1", agent_execution_id="e1", agent="planner")
    tenant.spend("1", workflow_execution_id="w1", workflow="nightly")

    cloud.start_another_process()
    assert not allowed(tenant, "1.01", agent_execution_id="e1")
    assert allowed(tenant, "1", agent_execution_id="e1")
    assert not allowed(tenant, "4.01", workflow_execution_id="w1")
    assert not allowed(tenant, "4.01", agent_execution_id="e9", workflow_execution_id="w1")
    shown = tenant.call("execution", agent_execution_id="e1").body
    assert (shown["budget_id"], shown["limit_usd"]) == ("planners", "2")


@pytest.mark.parametrize("parent", [{"parent_execution_id": "top"}, {}])
def test_an_ancestor_is_limited_by_the_name_of_its_own_agent(
    tenant: Tenant, cloud: MemoryCloud, parent: dict[str, str]
) -> None:
    set_budget(tenant, "planners", "2", **PLANNERS)
    tenant.spend("1", agent_execution_id="top", agent="planner")
    child = {"agent_execution_id": "child", "agent": "coder"}
    tenant.spend("0.5", **child, parent_execution_id="top")

    cloud.start_another_process()
    refused = tenant.check("0.51", **child, **parent).body
    assert (refused["allowed"], refused["budget_id"]) == (False, "planners")
    assert gate(refused, "planners")["scope_id"] == "top"
    assert not allowed(tenant, "0.51", **child, **parent)
    cloud.start_another_process()
    recorded = tenant.record("0.1", **child, **parent).body
    assert gate(recorded, "planners")["spent_usd"] == "1.6"
    batch = tenant.call("record_costs", costs=[{"cost_usd": "0.1", **child, **parent}]).body
    assert "error" not in batch["results"][0]
    assert allowed(tenant, "0.3", **child, **parent)
    assert not differences(cloud.rows())


def test_a_system_decision_for_all_applies_to_each_tenant_until_it_overrides_it(
    door: Door, tenant: Tenant
) -> None:
    other = Tenant(door)
    set_system(door, "tenant-month", "4")
    set_system(door, "models", "2", scope="model", scope_id="gpt-4o", period="day")
    spending = {"agent_execution_id": "e", "model": "gpt-4o"}
    for one in (tenant, other):
        one.spend("2", **spending)
        assert budgets(one)["models"]["source"] == "system"
        assert one.check("1", **spending).body["budget_id"] == "models"

    since = budgets(tenant)["models"]["counting_since"]
    with at("2026-11-22T11:00:00Z"):
        put = set_budget(tenant, "models", "3")
        assert (put.body["scope_id"], put.body["counting_since"]) == ("gpt-4o", since)
    assert gate(tenant.check("1", **spending).body, "models")["spent_usd"] == "2"
    assert allowed(tenant, "1", **spending)
    assert not allowed(other, "0.01", **spending)
    assert tenant.check("1.01", agent_execution_id="e2").body["budget_id"] == "tenant-month"

    assert delete_budget(tenant, "models").body["limit_usd"] == "2"
    assert not allowed(tenant, "0.01", **spending)
    delete_system(door, "models")
    assert "models" not in budgets(other)
    assert allowed(other, "2", **spending)


def test_a_budget_of_the_system_counts_all_tenants_and_is_set_there_alone(
    door: Door, tenant: Tenant
) -> None:
    other = Tenant(door)
    set_system(door, "day", "3", scope="system", period="day")
    tenant.spend("2")

    refused = other.check("1.01").body
    shown = gate(refused, "day")
    assert (refused["budget_id"], shown["spent_usd"], shown["scope_id"]) == ("day", "2", "system")
    assert tenant.id not in str(refused)
    for budget_id in ("day", "system-month"):
        assert set_budget(tenant, budget_id, "9").refusal == ("VALIDATION_ERROR", "budget_id")
        assert lift(tenant, budget_id, "9").refusal == ("VALIDATION_ERROR", "budget_id")
        assert delete_budget(tenant, budget_id).error == "CONFLICT"
    own = {"scope": "system", "period": "day"}
    assert set_budget(tenant, "mine", "9", **own).refusal == ("VALIDATION_ERROR", "scope")
    assert allowed(other, "1")


def test_a_tenants_budget_of_an_id_that_the_system_takes_later_stays_his(
    door: Door, tenant: Tenant
) -> None:
    cap(tenant, "5")
    set_system(door, "cap", "100", scope="system", period="week")

    assert cap(tenant, "4").body["limit_usd"] == "4"
    refused = tenant.check("4.01").body
    assert [one["limit_usd"] for one in refused["gates"] if one["budget_id"] == "cap"] == [
        "4",
        "100",
    ]
    assert delete_budget(tenant, "cap").body["deleted"]
    assert allowed(tenant, "4.01")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"scope": "agent"}, "scope"),
        ({"period": "day"}, "period"),
        ({"scope_id": "somebody"}, "scope_id"),
        ({"action": "block_new"}, "action"),
    ],
)
def test_an_override_keeps_its_scope_and_period(
    tenant: Tenant, door: Door, cloud: MemoryCloud, fields: dict[str, str], field: str
) -> None:
    before = cloud.rows()

    assert set_budget(tenant, "workflow", "5", **fields).refusal == ("VALIDATION_ERROR", field)
    assert set_system(door, "workflow", "5", **fields).refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before
    same = {"scope": "workflow", "period": "run"}
    assert set_budget(tenant, "workflow", "5", **same).error is None


def test_a_direct_event_that_means_the_system_needs_no_tenant(door: Door) -> None:
    if door.name == "direct":
        put = door.call("set_budget", budget_id="system-month", limit_usd="7", **WHO).body
        assert (put["tenant_id"], put["limit_usd"]) == (None, "7")
