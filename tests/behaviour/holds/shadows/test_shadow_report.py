"""Budgets that let running runs finish, and budgets that only say what they would have done."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    Processes,
    allowed,
    cap,
    delete_budget,
    run,
    set_budget,
    set_system,
)
from tests.support.times import at

pytestmark = [pytest.mark.unlimited, pytest.mark.frozen]


def report(tenant: Tenant, **fields: Any) -> list[dict[str, Any]]:
    """The runs that would have been blocked, from all pages."""
    page = tenant.call("shadow_report", **fields).body
    items = list(page["items"])
    while page["cursor"]:
        page = tenant.call("shadow_report", **fields, cursor=page["cursor"]).body
        items += page["items"]
    return items


@pytest.mark.parametrize("budget_id", ["tenant-month", "cap"])
def test_new_runs_are_refused_and_running_ones_finish(tenant: Tenant, budget_id: str) -> None:
    fields = {} if budget_id == "tenant-month" else {"scope": "tenant", "period": "day"}
    set_budget(tenant, budget_id, "2", action="block_new", **fields)
    held = tenant.hold("2", **run(1))

    refused = tenant.reserve("0.1", **run(2)).body
    assert (refused["allowed"], refused["action"]) == (False, "block")
    assert refused["budget_id"] == budget_id
    assert allowed(tenant, "1", **run(1))
    assert allowed(tenant, "1", agent_execution_id="new", workflow_execution_id="flow-1")
    tenant.settle(held, "2")
    assert allowed(tenant, "5", **run(1))
    assert allowed(tenant, "1", agent_execution_id="child", parent_execution_id="run-1")
    assert not allowed(tenant, "0.1", **run(2))


def test_a_refused_run_is_not_running_and_one_with_a_cost_is(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "1", action="block_new")
    for _ in range(3):
        assert not allowed(tenant, "1.1", **run(1))
    tenant.spend("1", **run(1))
    cloud.start_another_process()
    assert allowed(tenant, "0.1", **run(1))
    assert gate(tenant.check("1", **run(1)).body, "cap")["allowed"]


def test_a_running_run_is_still_held_by_the_budgets_that_block(tenant: Tenant) -> None:
    cap(tenant, "1", action="block_new")
    cap(tenant, "3", "hard")
    tenant.spend("2", **run(1))
    assert allowed(tenant, "1", **run(1))
    refused = tenant.check("0.1", **run(1)).body
    assert refused["budget_id"] == "hard"


@pytest.mark.parametrize("enforcement", ["shadow", "enforce"])
def test_a_shadow_lets_pass_and_counts_the_same(tenant: Tenant, enforcement: str) -> None:
    cap(tenant, "2", enforcement=enforcement)
    tenant.spend("1.5", **run(1))

    checked, reserved = tenant.check("1", **run(1)).body, tenant.reserve("1", **run(1)).body

    passes = enforcement == "shadow"
    for decision in (checked, reserved):
        assert decision["allowed"] is passes
        shown = gate(decision, "cap")
        assert (shown["projected_usd"], shown["spent_usd"]) == ("2.5", "1.5")
        assert decision["would_block"] == (["cap"] if passes else [])
    assert len(report(tenant)) == passes


def test_the_report_tells_runs_and_budgets_with_the_money(tenant: Tenant, door: Door) -> None:
    other = Tenant(door)
    for budget_id in ("a", "b"):
        cap(tenant, "2", budget_id, enforcement="shadow")
    cap(tenant, "2", "hard", action="alert")
    cap(other, "0", enforcement="shadow")
    for amount in ("2", "1", "0.5"):
        tenant.reserve(amount, **run(1))
    tenant.reserve("0.25", **run(2))
    other.reserve("7", **run(1))

    items = report(tenant)
    told = {(one["agent_execution_id"], one["budget_id"]): one for one in items}
    assert len(told) == len(items) == 4
    first = told["run-1", "a"]
    assert (first["times"], first["amount_usd"]) == (2, "1.5")
    assert (first["workflow_execution_id"], first["agent"]) == ("flow-1", "planner")
    assert first["first_at"] == "2026-11-22T10:05:00Z"
    assert told["run-2", "b"]["amount_usd"] == "0.25"
    assert [one["amount_usd"] for one in report(other)] == ["7"]


def test_the_report_has_pages_that_are_the_tenants_own(tenant: Tenant, door: Door) -> None:
    cap(tenant, "0", enforcement="shadow")
    for number in range(7):
        with at(f"2026-11-2{number % 2 + 2}T10:0{number}:00Z", tick=False):
            tenant.reserve("1", **run(number))
    with at("2026-11-24T00:00:00Z"):
        paged = report(tenant, limit=2)
        assert [one["agent_execution_id"] for one in paged] == [
            f"run-{number}" for number in (0, 2, 4, 6, 1, 3, 5)
        ]
        assert report(tenant) == paged
        assert len(report(tenant, days=1)) == 3
        cursor = tenant.call("shadow_report", limit=2).body["cursor"]
        other = Tenant(door).call("shadow_report", limit=2, cursor=cursor)
        assert other.refusal == ("VALIDATION_ERROR", "cursor")


def test_what_a_shadow_said_stays_said(tenant: Tenant, cloud: MemoryCloud) -> None:
    cap(tenant, "1", enforcement="shadow")
    decision = tenant.reserve("2", reservation_id="r", **run(1)).body
    assert decision["reservation"]["would_block"] == ["cap"]
    delete_budget(tenant, "cap")
    cloud.start_another_process()

    replayed = tenant.reserve("2", reservation_id="r", **run(1)).body
    assert (replayed["replayed"], replayed["would_block"]) == (True, ["cap"])
    tenant.settle("r", "2")
    assert [one["amount_usd"] for one in report(tenant)] == ["2"]
    assert not differences(cloud.rows())


def test_a_shadow_beside_a_budget_in_earnest_excuses_nothing(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", "4")
    processes = Processes(monkeypatch)
    whole = {"scope": "tenant", "period": "month"}
    set_budget(tenant, "guess", "1", enforcement="shadow", **whole)
    set_budget(tenant, "tenant-month", "3")
    for number in range(6):
        processes.answer(number % 2)
        decision = tenant.reserve("0.5", **run(number)).body
        assert decision["would_block"] == (["guess"] if number >= 2 else [])
        assert decision["allowed"]
    tenant.record("0.5", **run(9))
    refused = tenant.reserve("0.000000000001", **run(7)).body
    assert (refused["allowed"], refused["budget_id"]) == (False, "tenant-month")
    assert not differences(cloud.rows())


def test_a_shadow_for_a_name_leaves_the_default_in_its_place(tenant: Tenant) -> None:
    set_budget(tenant, "execution", "2")
    kinds = {"scope": "agent", "scope_id": "planner", "period": "run"}
    set_budget(tenant, "planners", "1", enforcement="shadow", **kinds)

    assert tenant.check("1.5", **run(1)).body["would_block"] == ["planners"]
    assert tenant.check("2.1", **run(1)).body["budget_id"] == "execution"


def test_the_systems_month_can_be_a_shadow_and_can_block_new_runs(
    tenant: Tenant, door: Door
) -> None:
    set_system(door, "system-month", "1", enforcement="shadow")
    assert tenant.reserve("2", **run(1)).body["would_block"] == ["system-month"]
    set_system(door, "system-month", "1", action="block_new")
    assert tenant.reserve("2", **run(1)).body["allowed"]
    assert not tenant.reserve("2", **run(2)).body["allowed"]


def test_suspension_is_above_every_shadow(tenant: Tenant) -> None:
    cap(tenant, "1", enforcement="shadow")
    tenant.call("suspend", **WHO)
    refused = tenant.reserve("2", **run(1)).body
    assert (refused["reason_code"], refused["reservation"]) == ("TENANT_SUSPENDED", None)
    assert report(tenant) == []
