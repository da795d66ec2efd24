"""However many budgets, stripes and replaced budgets there are, a cost is always written."""

from __future__ import annotations

import random

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    GENEROUS,
    Processes,
    cap,
    delete_budget,
    delete_system,
    run,
    set_budget,
    set_system,
)
from tests.support.thorough import first, share

pytestmark = [pytest.mark.unlimited, pytest.mark.frozen, pytest.mark.doors("direct")]

MOST = 20


def deepest_run(tenant: Tenant) -> dict[str, str]:
    """A run with as many ancestors as there may be, in a workflow."""
    for n in range(9):
        parent = {"parent_execution_id": f"run-{n - 1}"} if n else {}
        names = {"agent_execution_id": f"run-{n}", "workflow_execution_id": "flow-1"}
        tenant.spend("0.1", **run() | names | parent)
    return names


def test_a_cost_over_replaced_system_budgets_is_settled_though_levels_take_101_items(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    """Two system budgets replaced under a hold, 14 budgets of the tenant, all limits passed."""
    cloud.set_limits(**GENEROUS | {"system": "10"})
    for n in range(2):
        assert not set_system(tenant.door, f"old-{n}", "5", scope="system", period="day").error
    for n in range(14):
        assert not cap(tenant, "50", f"cap-{n}").error
    held = tenant.hold("1", **run())
    for n in range(2):
        delete_system(tenant.door, f"old-{n}")
        set_system(tenant.door, f"new-{n}", "5", scope="system", period="day")

    answer = tenant.settle(held, "60")

    assert answer.error is None
    assert tenant.usage()["spent_usd"] == "60"
    assert not differences(cloud.rows())


def test_a_cost_with_14_tenant_and_9_system_budgets_of_four_stripes_is_recorded(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading all their rows at one moment would take 112 items, and a read takes 100."""
    cloud.set_limits(**GENEROUS | {"tenant": "5", "system": "5"})
    monkeypatch.setenv("TENANT_STRIPES", "4")
    assert [cap(tenant, "5", f"cap-{n}").error for n in range(14)] == [None] * 14
    for n in range(9):
        assert not set_system(tenant.door, f"each-{n}", "5", scope="tenant", period="day").error
    for _ in range(3):
        cloud.start_another_process()
        assert tenant.record("6").error is None
    refused = tenant.reserve("1").body
    assert (refused["allowed"], refused["reason_code"]) == (False, "BUDGET_EXCEEDED")
    assert not differences(cloud.rows())


@pytest.mark.parametrize("stripes", first(1, ["8", "1", "32"]))
def test_20_budgets_of_a_tenant_and_20_of_the_system_are_held_spent_and_settled(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, stripes: str
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    monkeypatch.setenv("SYSTEM_STRIPES", stripes)
    processes, names = Processes(monkeypatch), deepest_run(tenant)
    systems = [
        set_system(tenant.door, f"all-{n}", "9", scope="system", period="day").error
        for n in range(MOST + 1)
    ]
    own = [cap(tenant, "9", f"cap-{n}").error for n in range(MOST + 1)]
    assert systems == own == [None] * MOST + ["CONFLICT"]
    for number in [0] if stripes == "32" else share([0, 1], 1, of=2):
        processes.answer(number)
        held = tenant.hold("0.5", **run() | names)
        for n in range(MOST):
            set_budget(
                tenant, f"cap-{n}", "9", scope="tenant", period="week" if number % 2 else "day"
            )
        assert tenant.settle(held, "1.5").error is None
        assert tenant.record("0.5", **run() | names).error is None
    assert tenant.settle(tenant.hold("0.5", **run() | names), "20").error is None
    assert tenant.record("20", **run() | names).error is None
    assert not differences(cloud.rows())


@pytest.mark.parametrize("seed", first(1, range(6)))
def test_settle_and_record_always_write_whatever_was_set_and_replaced(
    cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance, tenant = random.Random(seed), Tenant(DirectDoor())  # noqa: S311 - a test's
    monkeypatch.setenv("TENANT_STRIPES", chance.choice(("1", "3", "16", "32")))
    monkeypatch.setenv("SYSTEM_STRIPES", chance.choice(("1", "5", "16", "32")))
    names, held = deepest_run(tenant), list[str]()

    def change() -> None:
        number, limit = chance.randrange(MOST), chance.choice(("0", "0.5", "3", "1000", None))
        kinds = {
            "enforcement": chance.choice(("enforce", "shadow")),
            "action": chance.choice(("block", "block_new", "alert")),
            "period": chance.choice(("hour", "day", "week", "month")),
        }
        match chance.randrange(4):
            case 0:
                delete_budget(tenant, f"cap-{number}")
            case 1:
                delete_system(tenant.door, f"all-{number}")
            case 2:
                set_system(tenant.door, f"all-{number}", limit, scope="system", **kinds)
            case _:
                set_budget(tenant, f"cap-{number}", limit, scope="tenant", **kinds)

    for _ in range(6):
        for _ in range(chance.randrange(16)):
            change()
        asked = tenant.reserve("0.01", reservation_id=new_id("hold"), **run() | names).body
        if asked["allowed"]:
            held.append(asked["reservation"]["reservation_id"])
        assert tenant.record(chance.choice(("0.3", "7")), **run() | names).error is None
        if held and chance.random() < 0.5:
            assert tenant.settle(held.pop(0), chance.choice(("0", "0.01", "5"))).error is None
    for one in held:
        assert tenant.settle(one, "0.5").error is None
    assert not differences(cloud.rows())
