"""Many at once over a threshold, and accounts of many rows: still one alert each, none missed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.doors.doors import DirectDoor
from tests.support.histories.gateway import deliver, forget
from tests.support.histories.many_callers import CALLERS
from tests.support.memory import at_random
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch, shuffled
from tests.support.rules.governing import GENEROUS, lift, set_system

pytestmark = pytest.mark.usefixtures("hurried")


@pytest.fixture
def cloud(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> MemoryCloud:
    """Tenants of four rows, the system of sixteen."""
    monkeypatch.setenv("TENANT_STRIPES", "4")
    memory_cloud.set_limits(**GENEROUS | {"tenant": "100"})
    monkeypatch.setenv("TENANT_STRIPES", "4")
    return memory_cloud


@pytest.fixture
def tenant(cloud: MemoryCloud) -> Tenant:
    return Tenant(DirectDoor())


def spend(tenant: str, cost: str, number: int) -> None:
    labels = {"agent_execution_id": f"run-{number}", "include_gates": False}
    assert deliver("record_cost", tenant_id=tenant, cost_usd=cost, **labels).error is None


def percents(watch: Watch) -> list[int]:
    return sorted(one["threshold_percent"] for one in watch.post.alerts)


@pytest.mark.parametrize("stripes", ["1", "4"])
def test_64_racers_over_a_threshold_give_one_alert(
    memory_cloud: MemoryCloud,
    watch: Watch,
    callers: Any,
    monkeypatch: pytest.MonkeyPatch,
    stripes: str,
) -> None:
    memory_cloud.set_limits(**GENEROUS | {"tenant": "100"})
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    spend("acme", "49", 999)
    callers(lambda n: spend("acme", "0.3", n))  # 19.2 together
    records = watch.stream.taken()
    memory_cloud.database.conflicts = at_random(7, 0.05, ["TransactionConflict"])

    failed = callers(lambda n: watch.deliver([records[n % len(records)]]), CALLERS)
    failed += callers(lambda n: watch.deliver(shuffled(records, n)), CALLERS)

    assert failed == [[]] * 2 * CALLERS
    assert percents(watch) == [50]


def test_no_row_of_a_striped_account_passes_a_threshold_and_the_sum_does(
    tenant: Tenant, watch: Watch
) -> None:
    for number in range(30):
        spend(tenant.id, "2", number)
    rows = {one["dynamodb"]["Keys"]["pk"]["S"] for one in watch.stream.taken()}
    assert len(rows) == 4
    watch.stream._taken = 0  # noqa: SLF001 - the stream once more
    (alert,) = watch.look()
    assert (alert["threshold_percent"], alert["spent_usd"]) == (50, "60")
    spend(tenant.id, "21", 31)
    assert watch.passed() == [("tenant-month", 80)]
    spend(tenant.id, "1", 32)
    assert watch.passed() == []


def test_a_striped_account_is_armed_again_below_a_raised_limit_also_after_a_correction(
    tenant: Tenant, watch: Watch
) -> None:
    entry = tenant.spend("85")
    assert [percent for _, percent in watch.passed()] == [50, 80]
    tenant.adjust(entry, "-45")
    assert watch.look() == []
    lift(tenant, "tenant-month", "20")  # 50 % is 60 now, and 40 is spent
    tenant.spend("15")
    assert watch.passed() == []
    tenant.spend("10")
    assert watch.passed() == [("tenant-month", 50)]


def test_the_system_of_many_tenants_and_rows_alerts_once_and_names_no_tenant(
    watch: Watch, cloud: MemoryCloud
) -> None:
    cloud.set_limits(**GENEROUS | {"system": "100"})
    tenants = [Tenant(DirectDoor()) for _ in range(24)]
    for one in tenants:
        one.spend("2.5")
    records = watch.stream.taken()
    with ThreadPoolExecutor(8) as judges:
        failed = list(judges.map(lambda n: watch.deliver(shuffled(records, n)), range(16)))
    assert failed == [[]] * 16
    (alert,) = watch.post.alerts
    assert (alert["tenant_id"], alert["scope"], alert["spent_usd"]) == (None, "system", "60")
    assert not any(one.id in str(alert) for one in tenants)
    items = tenants[0].door.call("system_alerts").body["items"]
    assert [one["alert_id"] for one in items] == [alert["alert_id"]]
    assert tenants[0].call("alerts").body["items"] == []


def test_a_systems_own_day_over_many_rows(watch: Watch, cloud: MemoryCloud) -> None:
    cloud.set_limits(**GENEROUS)
    set_system(DirectDoor(), "all-day", "30", scope="system", period="day")
    for _ in range(20):
        Tenant(DirectDoor()).spend("1.3")
    assert watch.passed() == [("all-day", 50), ("all-day", 80)]


@pytest.mark.parametrize("at", range(8))
def test_a_judge_that_dies_at_any_step_leaves_nothing_untold(
    tenant: Tenant, watch: Watch, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    tenant.spend("120")
    records = watch.stream.taken()
    steps = iter(range(100))
    original = watch.cloud.database.execute

    def dying(operation: str, request: dict[str, Any]) -> Any:
        if next(steps) == at:
            raise KeyboardInterrupt
        return original(operation, request)

    monkeypatch.setattr(watch.cloud.database, "execute", dying)
    try:
        watch.deliver(records)
    except KeyboardInterrupt:
        forget()
    assert watch.deliver(records) == []
    assert watch.deliver(records) == []
    stored = tenant.call("alerts").body["items"]
    assert sorted(one["threshold_percent"] for one in stored) == [50, 80, 100]


def test_two_tenants_of_one_batch_are_judged_apart(watch: Watch, cloud: MemoryCloud) -> None:
    names = [new_id("tenant") for _ in range(3)]
    for name in names:
        spend(name, "81", 1)
    watch.look()
    for name in names:
        told = [one for one in watch.post.alerts if one["tenant_id"] == name]
        assert sorted(one["threshold_percent"] for one in told) == [50, 80]
