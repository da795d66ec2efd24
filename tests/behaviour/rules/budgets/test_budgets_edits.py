"""A decision takes effect on the next request everywhere, and moves no money."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Context, Door, handler_of
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    WHO,
    Processes,
    cap,
    delete_budget,
    lift,
    run,
    set_budget,
    set_system,
)
from tests.support.times import at

FLOW = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}


@pytest.fixture(params=[("1", "1"), ("4", "3")], ids=["whole", "striped"])
def cloud(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[MemoryCloud]:
    """The default gates but for runs, with and without stripes, and a clock that stands still."""
    memory_cloud.set_limits(execution="none", workflow="none")
    monkeypatch.setenv("SYSTEM_STRIPES", request.param[0])
    monkeypatch.setenv("TENANT_STRIPES", request.param[1])
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


@pytest.fixture
def processes(cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Processes:
    """Processes that remember."""
    return Processes(monkeypatch)


@pytest.mark.parametrize("ask", ["check", "reserve"])
@pytest.mark.parametrize("owner", ["tenant", "system"])
def test_a_process_with_an_old_memory_decides_by_the_new_policy(
    tenant: Tenant, processes: Processes, ask: str, owner: str
) -> None:
    def put(limit: str | None) -> None:
        processes.answer(1)
        if owner == "system":
            assert set_system(tenant.door, "tenant-month", limit).error is None
        else:
            assert set_budget(tenant, "tenant-month", limit).error is None
        processes.answer(2)

    processes.answer(2)
    assert getattr(tenant, ask)("4").body["allowed"]
    for limit, allowed in (("3", False), ("20", True), ("1", False), (None, True), ("1", False)):
        put(limit)
        decision = getattr(tenant, ask)("4").body
        assert decision["allowed"] is allowed
        assert decision["status"]["limit_usd"] == limit


def test_every_kind_of_request_follows_a_decision_at_once(
    tenant: Tenant, processes: Processes
) -> None:
    processes.answer(2)
    holds = [tenant.hold("1", **FLOW) for _ in range(2)]
    tenant.check("1", **FLOW)
    processes.answer(1)
    cap(tenant, "2")
    set_system(tenant.door, "all", "5", scope="system", period="hour")
    processes.answer(2)

    settled = tenant.settle(holds[0], "1.5").body
    recorded = tenant.record("0.25", **FLOW).body
    batch = [{"cost_usd": "0.25", **FLOW}, {"cost_usd": "0.25", **FLOW}]
    processes.answer(3)
    assert [one.get("error") for one in tenant.call("record_costs", costs=batch).body["results"]]
    processes.answer(2)
    tenant.release(holds[1])
    checked = tenant.check("0", **FLOW).body

    assert gate(settled, "cap")["spent_usd"] == "1.5"
    assert gate(recorded, "cap")["spent_usd"] == "1.75"
    for budget_id in ("cap", "all"):
        shown = gate(checked, budget_id)
        assert (shown["spent_usd"], shown["held_usd"]) == ("2.25", "0")
    assert gate(checked, "cap")["exceeded"]


def test_reports_show_a_limit_that_another_process_decided(
    tenant: Tenant, processes: Processes
) -> None:
    tenant.spend("1", **FLOW)
    processes.answer(2)
    tenant.usage()
    tenant.call("workflow", workflow_execution_id="flow-1")
    processes.answer(1)
    set_budget(tenant, "tenant-month", "7")
    set_budget(tenant, "workflow", "8")
    set_system(tenant.door, "system-month", "9")
    processes.answer(2)

    assert tenant.usage()["limit_usd"] == "7"
    shown = tenant.call("workflow", workflow_execution_id="flow-1").body
    assert shown["limit_usd"] == "8"
    assert tenant.door.call("system_usage").body["limit_usd"] == "9"


def test_holds_taken_before_a_decision_are_ended_after_it(
    tenant: Tenant, processes: Processes, cloud: MemoryCloud
) -> None:
    cap(tenant, "10")
    cap(tenant, "10", "going")
    holds = [tenant.hold("1", **FLOW) for _ in range(4)]
    processes.answer(2)
    delete_budget(tenant, "going")
    cap(tenant, "10", "coming", period="month", scope="model", scope_id="gpt-4o")
    cap(tenant, "1")
    processes.answer(1)

    tenant.settle(holds[0], "3")
    tenant.release(holds[1])
    assert not differences(cloud.rows())
    with at("2026-11-22T10:25:00Z"):
        assert tenant.door.call(
            "settle", tenant_id=tenant.id, reservation_id=holds[2], cost_usd="2"
        )
        assert not tenant.reserve("0.1", **FLOW).body["allowed"]
        handler_of("expiring")({"operation": "expire"}, Context())
    shown = gate(tenant.check("0", **FLOW).body, "cap")
    assert (shown["spent_usd"], shown["held_usd"]) == ("5", "0")
    assert not differences(cloud.rows())


@pytest.mark.parametrize("month", ["2026-11", "2026-12"])
def test_a_decision_reaches_both_months_that_are_open(
    tenant: Tenant, processes: Processes, month: str
) -> None:
    occurred = {"2026-11": "2026-11-30T23:00:00Z", "2026-12": "2026-12-03T23:40:00Z"}[month]
    with at("2026-12-03T23:50:00Z", tick=False):
        processes.answer(2)
        tenant.record("1", occurred_at=occurred, **run())
        processes.answer(1)
        set_budget(tenant, "tenant-month", "2")
        whole = {"scope": "tenant", "period": "month"}
        set_budget(tenant, "all-of-it", "3", **whole)
        processes.answer(2)
        shown = tenant.record("0.5", occurred_at=occurred, **run()).body

    assert {one["period"] for one in shown["gates"] if one["scope"] == "tenant"} == {month}
    assert gate(shown, "tenant-month")["limit_usd"] == "2"
    assert gate(shown, "all-of-it")["spent_usd"] == "1.5"


def test_a_decision_just_before_a_month_holds_in_the_month(
    tenant: Tenant, processes: Processes
) -> None:
    with at("2026-11-30T23:59:58Z", tick=False):
        processes.answer(2)
        tenant.check("1")
        processes.answer(1)
        set_budget(tenant, "tenant-month", "2")
    with at("2026-12-01T00:00:00Z", tick=False):
        processes.answer(2)
        assert not tenant.reserve("2.01").body["allowed"]
        assert tenant.reserve("2").body["allowed"]


def test_a_cost_of_an_earlier_window_counts_in_that_window(tenant: Tenant) -> None:
    cap(tenant, "2", period="hour")
    with at("2026-11-22T12:05:00Z", tick=False):
        early = tenant.record("3", occurred_at="2026-11-22T10:59:59Z").body
        assert gate(early, "cap")["resets_at"] == "2026-11-22T11:00:00Z"
        assert tenant.reserve("2").body["allowed"]
    with at("2026-12-10T10:05:00Z", tick=False):
        late = tenant.record("1", occurred_at="2026-11-22T10:59:59Z").body
        assert late["entry"]["flags"] == ["late"]
        assert "cap" not in {one["budget_id"] for one in late["gates"]}


def test_an_adjustment_counts_in_the_windows_that_its_cost_moved(tenant: Tenant) -> None:
    cap(tenant, "5")
    cost = tenant.spend("4", **run())
    tenant.adjust(cost, "-3")
    assert gate(tenant.check("4", **run()).body, "cap")["spent_usd"] == "1"
    with at("2026-12-20T10:05:00Z", tick=False):
        tenant.adjust(cost, "0.5")  # late: it counts in the month, and not in the day
        shown = gate(tenant.check("4", **run()).body, "cap")
        assert (shown["period"], shown["spent_usd"]) == ("2026-12-20", "0")
        assert tenant.usage()["spent_usd"] == "0.5"


def test_a_raise_of_the_system_reaches_a_tenant_that_remembers(
    tenant: Tenant, processes: Processes, door: Door
) -> None:
    set_system(door, "tenant-month", "2")
    processes.answer(2)
    assert not tenant.reserve("3").body["allowed"]
    processes.answer(1)
    raising = {"budget_id": "tenant-month", "amount_usd": "1", **WHO}
    assert door.call("raise_system_limit", **raising).body["limit_usd"] == "3"
    processes.answer(2)
    assert lift(tenant, "tenant-month", "0.5").body["limit_usd"] == "3.5"
    assert tenant.reserve("3.5").body["allowed"]
