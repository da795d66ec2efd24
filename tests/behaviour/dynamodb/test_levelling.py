"""An account's level belongs to its limit: excused budgets and damaged rows do not change it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.knobs import scripted
from tests.support.rules.governing import (
    WHO,
    cap,
    delete_budget,
    delete_system,
    run,
    set_budget,
    set_system,
)
from tests.support.times import at

pytestmark = [pytest.mark.unlimited, pytest.mark.frozen, pytest.mark.doors("direct")]


class Items:
    """How many items each transaction writes from here on, those that were refused included."""

    def __init__(self, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        execute = cloud.database.execute

        def counted(operation: str, request: dict[str, Any]) -> Any:
            if operation == "TransactWriteItems":
                self.sizes.append(len(request["TransactItems"]))
            return execute(operation, request)

        monkeypatch.setattr(cloud.database, "execute", counted)


@pytest.mark.parametrize("kind", [{"enforcement": "shadow"}, {"action": "block_new"}])
def test_a_pair_over_a_limit_that_excuses_it_is_2_transactions_of_at_most_15_items(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, kind: dict[str, str]
) -> None:
    set_system(tenant.door, "system-month", "1", **kind)
    tenant.spend("0.5", **run(1))
    tenant.spend("5", **run(1))
    tenant.settle(tenant.hold("1", **run(1)), "1")
    cloud.start_another_process()
    tenant.settle(tenant.hold("1", **run(1)), "1")

    items = Items(cloud, monkeypatch)
    tenant.settle(tenant.hold("1", **run(1)), "1")

    assert len(items.sizes) == 2
    assert max(items.sizes) <= 15
    assert not differences(cloud.rows())


def test_one_damaged_tenant_makes_no_other_tenant_level_the_system(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_system(tenant.door, "system-month", "500")
    damaged = Tenant(tenant.door)
    held = damaged.hold("1", **run(1))
    cap(damaged, "7")
    cloud.database.execute(
        "UpdateItem",
        {
            "TableName": cloud.tables["BudgetsTable"],
            "Key": {"pk": {"S": f"{damaged.id}#rules#"}},
            "UpdateExpression": "SET body = :body",
            "ExpressionAttributeValues": {":body": {"S": '{"budgets": 7}'}},
        },
    )
    cloud.start_another_process()
    tenant.spend("1", **run(1))

    items = Items(cloud, monkeypatch)
    for _ in range(3):
        damaged.spend("1", **run(2))
        tenant.spend("1", **run(1))
    damaged.settle(held, "2")

    assert max(items.sizes) <= 15
    assert not differences(cloud.rows())


class Busy:
    """A system of which two rows are never free together; or no single row, when `all_rows`."""

    def __init__(self, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> None:
        self.all_rows = False
        self._execute = cloud.database.execute
        self._database = cloud.database
        monkeypatch.setattr(cloud.database, "execute", self.answer)

    def answer(self, operation: str, request: dict[str, Any]) -> Any:
        items = request.get("TransactItems", ()) if operation == "TransactWriteItems" else ()
        keys = [str(next(iter(one.values())).get("Key", {}).get("pk")) for one in items]
        rows = sum("#system#system#" in key for key in keys)
        if rows > 1 or (rows and self.all_rows):
            self._database.conflicts = scripted(["TransactionConflict"])
        return self._execute(operation, request)


def test_a_system_budget_is_set_though_two_of_its_rows_are_never_free_together(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "4")
    tenant.spend("1", **run(1))
    with monkeypatch.context() as patch:
        Busy(cloud, patch)
        assert set_system(tenant.door, "system-month", "3", by="maria").error is None

    refused = tenant.reserve("5", **run(1)).body
    assert (refused["allowed"], refused["budget_id"]) == (False, "system-month")


def test_a_decision_that_was_stored_and_not_announced_is_announced_when_it_comes_again(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "4")
    tenant.spend("1", **run(1))
    lift = {"budget_id": "system-month", "limit_usd": "3", "idempotency_key": "k", **WHO}
    with monkeypatch.context() as patch:
        patch.setattr("budget_monitor.deadline.BUDGET_SECONDS", 3)
        Busy(cloud, patch).all_rows = True
        assert tenant.door.call("set_system_budget", **lift).error == "UNAVAILABLE"
    stored = str(cloud.rows()["BudgetsTable"])
    assert "system-month" in stored

    assert tenant.door.call("set_system_budget", **lift).error is None
    refused = tenant.reserve("5", **run(1)).body
    assert (refused["allowed"], refused["budget_id"]) == (False, "system-month")


def test_a_hold_that_fits_is_granted_though_two_accounts_must_be_levelled_for_it(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    set_system(tenant.door, "system-month", "100", enforcement="shadow")
    set_system(tenant.door, "hard", "5000", scope="system", period="month")
    set_system(tenant.door, "day", "400", scope="system", period="day")
    tenant.spend("150", **run(1))

    for number in range(4):
        checked = tenant.check("60", **run(number)).body
        assert tenant.reserve("60", **run(number)).body["allowed"] is checked["allowed"] is True
    assert not tenant.reserve("60", **run(5)).body["allowed"]
    assert not differences(cloud.rows())


def test_no_hold_passes_a_hard_limit_over_a_soft_one_when_levels_need_over_100_items(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", "16")
    monkeypatch.setenv("SYSTEM_STRIPES", "16")
    set_system(tenant.door, "system-month", "100", enforcement="shadow")
    set_system(tenant.door, "hard", "500", scope="system", period="month")
    set_budget(tenant, "tenant-month", "100", enforcement="shadow")
    set_budget(tenant, "own", "500", scope="tenant", period="month")
    for number in range(19):
        set_system(tenant.door, f"all-{number}", "5000", scope="system", period="day")
        cap(tenant, "5000", f"cap-{number}")
    tenant.spend("200", **run(1))

    granted = sum(tenant.reserve("60", **run(n)).body["allowed"] for n in range(8))

    assert granted == 5
    assert tenant.usage()["held_usd"] == "300"
    assert not differences(cloud.rows())


def test_a_quarantined_cost_begins_no_run(tenant: Tenant, cloud: MemoryCloud) -> None:
    cap(tenant, "2", action="block_new")
    tenant.spend("2", **run(1))
    tenant.record("20000", **run(3))
    tenant.spend("0", **run(3))
    assert not tenant.reserve("0.1", **run(3)).body["allowed"]
    assert not differences(cloud.rows())


@pytest.mark.parametrize("operation", ["reserve", "replay", "record"])
def test_refusals_and_replays_are_answered_though_reads_at_one_moment_always_conflict(
    tenant: Tenant, cloud: MemoryCloud, operation: str
) -> None:
    cap(tenant, "2")
    tenant.hold("1", reservation_id="r", **run(1))
    tenant.record("1", entry_id="e", **run(1))
    cloud.start_another_process()
    cloud.database.read_conflicts = lambda: "TransactionConflict"
    if operation == "reserve":
        answer = tenant.reserve("1", **run(1)).body
        assert (answer["allowed"], answer["budget_id"]) == (False, "cap")
    elif operation == "replay":
        assert tenant.reserve("1", reservation_id="r", **run(1)).body["replayed"]
    else:
        assert tenant.record("1", entry_id="e", **run(1)).body["entry"]["replayed"]


def test_a_budget_that_was_deleted_and_set_again_counts_from_its_new_beginning(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "5")
    tenant.spend("4", **run(1))
    delete_budget(tenant, "cap")
    with at("2026-11-22T11:00:00Z", tick=False):
        cap(tenant, "5")
        shown = gate(tenant.check("5", **run(1)).body, "cap")
        assert (shown["spent_usd"], shown["counting_since"]) == ("0", "2026-11-22T11:00:00Z")
        assert tenant.check("5", **run(1)).body["allowed"]


def test_a_budget_that_is_set_again_without_being_deleted_continues_counting(
    tenant: Tenant,
) -> None:
    cap(tenant, "5")
    tenant.spend("4", **run(1))
    cap(tenant, "6")
    assert gate(tenant.check("1", **run(1)).body, "cap")["spent_usd"] == "4"


def test_a_systems_budget_that_a_tenant_overrides_and_gives_back_goes_on_counting(
    tenant: Tenant,
) -> None:
    kinds = {"scope": "tenant", "period": "day"}
    set_system(tenant.door, "each", "5", **kinds)
    tenant.spend("4", **run(1))
    set_budget(tenant, "each", "6")
    assert gate(tenant.check("1", **run(1)).body, "each")["spent_usd"] == "4"
    delete_budget(tenant, "each")
    assert gate(tenant.check("1", **run(1)).body, "each")["spent_usd"] == "4"
    delete_system(tenant.door, "each")
    set_system(tenant.door, "each", "5", **kinds)
    assert gate(tenant.check("1", **run(1)).body, "each")["spent_usd"] == "0"
