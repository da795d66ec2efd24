"""`block_new`: a run is running if it began before the limit was reached, and in no other case."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.dynamodb.calls import recorded_calls
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    GENEROUS,
    Processes,
    allowed,
    cap,
    run,
    set_budget,
    set_system,
)
from tests.support.times import at

Use = Callable[[Tenant, str, dict[str, Any]], None]


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud
        assert not differences(memory_cloud.rows())


def record(tenant: Tenant, cost: str, labels: dict[str, Any]) -> None:
    tenant.spend(cost, **labels)


def record_many(tenant: Tenant, cost: str, labels: dict[str, Any]) -> None:
    (result,) = tenant.call("record_costs", costs=[{"cost_usd": cost, **labels}]).body["results"]
    assert result["entry"]["cost_usd"] == cost


USES = pytest.mark.parametrize("use", [record, record_many])


@USES
@pytest.mark.parametrize(("spent", "cost"), [("2", "0"), ("2.5", "0"), ("2", "1"), ("2.5", "1")])
def test_a_run_that_records_first_at_or_over_the_limit_is_refused(
    tenant: Tenant, cloud: MemoryCloud, use: Use, spent: str, cost: str
) -> None:
    cap(tenant, "2", action="block_new")
    tenant.spend(spent, **run(1))
    for _ in range(3):
        use(tenant, cost, run(2))
        assert not allowed(tenant, "0.1", **run(2))
        cloud.start_another_process()
    assert allowed(tenant, "0.1", **run(1))


@USES
def test_a_run_that_recorded_before_the_limit_was_reached_finishes(
    tenant: Tenant, cloud: MemoryCloud, use: Use
) -> None:
    cap(tenant, "2", action="block_new")
    use(tenant, "0", run(1))
    use(tenant, "1.999999999999", run(2))
    use(tenant, "0", run(3))
    use(tenant, "0.000000000001", run(4))
    for number in (1, 2, 3, 4):
        use(tenant, "1", run(number))
        cloud.start_another_process()
        assert allowed(tenant, "1", **run(number))
    use(tenant, "0", run(5))
    assert not allowed(tenant, "1", **run(5))


def test_a_limit_of_0_is_reached_before_every_run(tenant: Tenant) -> None:
    cap(tenant, "0", action="block_new")
    tenant.spend("0", **run(1))
    assert not allowed(tenant, "0.1", **run(1))


def test_holding_0_at_the_limit_begins_no_run_that_could_hold_more(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    tenant.hold("2", **run(1))
    tenant.hold("0", **run(2))
    assert not allowed(tenant, "5", **run(2))
    assert allowed(tenant, "5", **run(1))


def test_what_is_held_counts_as_much_as_what_is_spent(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    held = tenant.hold("2", **run(1))
    tenant.spend("0", **run(2))
    tenant.release(held)
    assert allowed(tenant, "1", **run(2))  # it fits
    tenant.spend("2", **run(1))
    assert not allowed(tenant, "1", **run(2))


def test_the_first_use_decides_though_the_limit_is_free_at_the_second(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    entry = tenant.spend("2", **run(1))
    tenant.spend("0", **run(2))
    tenant.adjust(entry, "-2")
    tenant.spend("0", **run(2))
    tenant.spend("0", **run(3))
    tenant.spend("2", **run(1))
    assert not allowed(tenant, "1", **run(2))
    assert allowed(tenant, "1", **run(3))


def test_a_batch_is_as_if_its_costs_came_one_after_another(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    costs = [("0", 1), ("2", 2), ("0", 3), ("1", 3), ("1", 2)]
    tenant.call("record_costs", costs=[{"cost_usd": cost, **run(n)} for cost, n in costs])
    assert allowed(tenant, "1", **run(1))
    assert allowed(tenant, "1", **run(2))
    assert not allowed(tenant, "1", **run(3))


def test_children_of_a_running_run_run_and_those_of_a_late_one_do_not(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    tenant.spend("2", agent_execution_id="early")
    tenant.spend("0", agent_execution_id="late")
    for parent, runs in (("early", True), ("late", False)):
        child = {"agent_execution_id": f"child-of-{parent}", "parent_execution_id": parent}
        tenant.spend("0", **child)
        assert allowed(tenant, "1", **child) is runs
    new = {"agent_execution_id": "child", "parent_execution_id": "new"}
    tenant.spend("0", **new)
    assert not allowed(tenant, "1", **new)
    assert not allowed(tenant, "1", agent_execution_id="new")


def test_a_workflows_own_cost_is_its_first_use(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    tenant.spend("2", workflow_execution_id="early")
    tenant.spend("0", workflow_execution_id="late")
    for flow, runs in (("early", True), ("late", False)):
        labels = {"workflow_execution_id": flow, "agent_execution_id": f"agent-of-{flow}"}
        tenant.spend("0", **labels)
        assert allowed(tenant, "1", **labels) is runs
        assert allowed(tenant, "1", workflow_execution_id=flow) is runs


def test_a_replay_decides_nothing_again(tenant: Tenant, cloud: MemoryCloud) -> None:
    cap(tenant, "2", action="block_new")
    tenant.record("0", entry_id="first", **run(2))
    tenant.spend("2", **run(1))
    cloud.start_another_process()
    assert tenant.record("0", entry_id="first", **run(2)).body["entry"]["replayed"]
    assert allowed(tenant, "1", **run(2))
    tenant.record("0", entry_id="second", **run(3))
    tenant.record("0", entry_id="second", **run(3))
    assert not allowed(tenant, "1", **run(3))


def test_each_limit_applies_by_itself_and_the_next_period_begins_at_zero(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new")
    set_budget(tenant, "tenant-month", "5", action="block_new")
    tenant.spend("2", **run(1))
    tenant.spend("0", **run(2))  # after the day's limit, before the month's
    with at("2026-11-23T10:05:00Z", tick=False):
        assert allowed(tenant, "1", **run(2))
        tenant.spend("3", **run(1))
        tenant.spend("0", **run(3))
        assert allowed(tenant, "1", **run(2))
        assert not allowed(tenant, "1", **run(3))


def test_a_cost_of_last_month_opens_no_run_in_this_one(tenant: Tenant) -> None:
    set_budget(tenant, "tenant-month", "2", action="block_new")
    with at("2026-12-01T10:00:00Z", tick=False):
        tenant.spend("2", **run(1))
        tenant.spend("0", occurred_at="2026-11-30T10:00:00Z", **run(2))
        assert not allowed(tenant, "1", **run(2))


def test_a_first_use_under_other_labels_opens_no_run_under_these(tenant: Tenant) -> None:
    named = {"scope": "model", "scope_id": "gpt-4o", "period": "day"}
    set_budget(tenant, "models", "2", action="block_new", **named)
    tenant.spend("2", **run(1))
    for number, use in ((2, tenant.spend), (3, tenant.hold)):
        use("0.1", **run(number) | {"model": "other"})
        assert not allowed(tenant, "1", **run(number))
        assert allowed(tenant, "1", **run(number) | {"model": "other"})


def test_the_systems_month_over_16_rows_is_asked_as_a_whole(
    tenant: Tenant, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "16")
    set_system(door, "system-month", "4", action="block_new")
    for number in range(8):
        tenant.spend("0.5", **run(number))
    tenant.spend("0", **run(8))
    assert allowed(tenant, "1", **run(7))
    assert not allowed(tenant, "1", **run(8))


def test_a_shadow_counts_the_same_runs(tenant: Tenant) -> None:
    cap(tenant, "2", action="block_new", enforcement="shadow")
    tenant.spend("2", **run(1))
    tenant.spend("0", **run(2))
    for _ in range(2):
        assert tenant.reserve("1", **run(1)).body["would_block"] == []
        assert tenant.reserve("1", **run(2)).body["would_block"] == ["cap"]
        assert tenant.reserve("1", **run(3)).body["would_block"] == ["cap"]


def test_runs_of_before_there_was_such_a_budget_are_running(tenant: Tenant) -> None:
    tenant.spend("3", **run(1))
    cap(tenant, "2", action="block_new")
    tenant.spend("3", **run(1))  # 3 of them since the budget counts
    assert allowed(tenant, "1", **run(1))
    assert not allowed(tenant, "1", **run(2))


def test_only_the_first_cost_of_a_run_under_such_a_budget_is_read_for(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    def asked(labels: dict[str, Any]) -> list[str]:
        with recorded_calls() as calls:
            tenant.record("0", include_gates=False, **labels)
        return calls.operations

    asked(run(1))
    assert asked(run(2)) == ["TransactWriteItems"]
    cap(tenant, "2", action="block_new")
    asked(run(3))
    assert asked(run(4)) == ["BatchGetItem", "TransactWriteItems"]
    assert asked(run(4)) == ["TransactWriteItems"]
    with recorded_calls() as calls:
        tenant.reserve("0.1", include_gates=False, **run(5))
    assert calls.operations[-1:] == ["TransactWriteItems"]


def test_a_cost_is_booked_though_the_row_of_the_gate_is_damaged(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    set_budget(tenant, "tenant-month", "2", action="block_new")
    tenant.spend("2", **run(1))
    table, key = cloud.tables["AccountsTable"], f"{tenant.id}#tenant#{tenant.id}#2026-11"
    cloud.database.forbidden -= {"PutItem"}
    row = next(one for one in cloud.rows()["AccountsTable"] if one["pk"]["S"] == key)
    damaged = row | {"tokens": {"S": "junk"}}
    cloud.client.execute("PutItem", {"TableName": table, "Item": damaged})
    assert tenant.record("0", **run(2)).body["entry"]["cost_usd"] == "0"
    cloud.client.execute("PutItem", {"TableName": table, "Item": row | {"entries": {"N": "2"}}})
    assert not allowed(tenant, "1", **run(2))


def test_of_two_first_uses_at_once_the_first_to_be_written_decides(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = Processes(monkeypatch)
    cap(tenant, "2", action="block_new")
    processes.answer(2)
    tenant.spend("0", **run(1))
    execute, meanwhile = cloud.database.execute, [True]

    def overtaken(operation: str, request: dict[str, Any]) -> Any:
        if operation == "TransactWriteItems" and meanwhile:
            meanwhile.clear()
            processes.answer(2)
            tenant.spend("2", **run(2))  # it begins before the limit is reached, and reaches it
        return execute(operation, request)

    monkeypatch.setattr(cloud.database, "execute", overtaken)
    processes.answer(1)
    tenant.spend("0", **run(2))
    assert allowed(tenant, "1", **run(2))
