"""An index that lags says where to look, never what is there: sound books stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.knobs import behind, behind_at_random, fresh
from tests.support.reconcile.reconciling import (
    REBUILD,
    counters,
    drift,
    month_key,
    reconcile,
    spent_of,
)
from tests.support.thorough import first
from tests.support.times import at
from tests.support.workflows.waiting import Waits

pytestmark = [pytest.mark.usefixtures("waits"), pytest.mark.doors("direct")]

LABELS = {"agent": "writer", "model": "m", "workflow_execution_id": "flow"}
MAX_LAG = 16


@pytest.fixture(params=["1", "3"], ids=["whole", "striped"])
def cloud(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[MemoryCloud]:
    monkeypatch.setenv("TENANT_STRIPES", request.param)
    with at("2026-11-22T10:05:00Z"):
        yield memory_cloud


def busy(tenant: Tenant) -> None:
    """Something of everything that moves accounts, over an edge of a month."""
    with at("2026-10-31T23:30:00Z"):
        tenant.spend("0.5", agent_execution_id="root", **LABELS)
    with at("2026-11-22T10:00:00Z"):
        tenant.spend("1.5", agent_execution_id="root", tokens=7, **LABELS)
        child = {"agent_execution_id": "child", "parent_execution_id": "root"}
        cost = tenant.spend("0.25", usage={"input_tokens": 3}, **child, **LABELS)
        tenant.adjust(cost, "-0.05")
        tenant.settle(tenant.hold("1", agent_execution_id="root", **LABELS), "0.75")
        tenant.release(tenant.hold("0.5", agent="critic", model="n"))
        tenant.spend("3", occurred_at="2026-03-04T05:06:07Z", agent="critic")
        tenant.hold("0.125", agent_execution_id="root", **LABELS)
        tenant.spend("2", workflow_execution_id="flow")
        tenant.hold("0.125", agent_execution_id="alone")
        tenant.spend("1", agent_execution_id="alone", agent="reader", model="o")


@pytest.mark.parametrize("lag", first(4, (1, 4, 9, 15, *(set(range(MAX_LAG)) - {1, 4, 9, 15}))))
def test_sound_books_stay_as_they_are_however_far_the_indexes_lag(
    tenant: Tenant, cloud: MemoryCloud, lag: int
) -> None:
    busy(tenant)
    before = counters(cloud)
    cloud.database.stale_indexes = behind(lag)
    for day, month in (("22", "2026-11"), ("22", "2026-10"), ("24", "2026-11")):
        with at(f"2026-11-{day}T10:05:00Z"):
            told = reconcile(tenant_id=tenant.id, month=month)
            rebuilt = reconcile(tenant_id=tenant.id, month=month, **REBUILD)
            everybody = reconcile(month=month)

        found = [one["differences"] for one in (told, rebuilt, everybody)]
        assert (found, rebuilt["rebuilt"]) == ([[], [], []], False)
        assert counters(cloud) == before
        if lag == 0:
            assert told["skipped"] == everybody["skipped"] == []


@pytest.mark.parametrize("seed", first(2, range(5)))
def test_sound_books_stay_as_they_are_while_the_lag_changes(
    tenant: Tenant, cloud: MemoryCloud, seed: int
) -> None:
    busy(tenant)
    before = counters(cloud)
    cloud.database.stale_indexes = behind_at_random(seed, MAX_LAG)

    assert reconcile(tenant_id=tenant.id, **REBUILD)["differences"] == []
    assert counters(cloud) == before


@pytest.mark.parametrize("lag", range(4))
def test_a_reserve_of_60_stays_refused_where_90_of_100_are_committed(
    tenant: Tenant, cloud: MemoryCloud, lag: int
) -> None:
    cloud.set_limits(execution="none", tenant="100")
    tenant.spend("20")
    tenant.spend("30")
    tenant.hold("40")
    cloud.database.stale_indexes = behind(lag)

    answer = reconcile(tenant_id=tenant.id, **REBUILD)

    assert (answer["differences"], answer["rebuilt"]) == ([], False)
    usage = tenant.usage()
    assert (usage["spent_usd"], usage["held_usd"]) == ("50", "40")
    assert not tenant.reserve("60").body["allowed"]


def test_what_could_not_be_compared_is_named_with_the_time_of_its_last_comparison(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", agent_execution_id="run")
    assert reconcile(tenant_id=tenant.id)["skipped"] == []
    with at("2026-11-23T10:05:00Z"):
        tenant.spend("2", agent_execution_id="run")
        cloud.database.stale_indexes = behind(1)
        answer = reconcile(tenant_id=tenant.id)

    skipped = {one["scope_id"]: one for one in answer["skipped"] if one["period"] == "run"}
    assert skipped["run"]["last_compared_at"].startswith("2026-11-22T10:05:0")
    assert "lists may lack entries" in skipped["run"]["reason"]


@pytest.mark.parametrize("lag", range(1, 5))
def test_a_drift_is_not_believed_by_lists_that_lag_and_is_when_they_are_complete(
    tenant: Tenant, cloud: MemoryCloud, lag: int, waits: Waits
) -> None:
    busy(tenant)
    before = counters(cloud)
    drift(cloud, month_key(tenant), spent="100", committed="100")
    cloud.database.stale_indexes = behind(lag + 1)  # the drift is a write, too
    assert reconcile(tenant_id=tenant.id, **REBUILD)["differences"] == []
    assert spent_of(cloud, month_key(tenant)) == str(
        (before[month_key(tenant)]["spent"] + 100).normalize()
    )

    def catch_up() -> None:
        cloud.database.stale_indexes = fresh

    waits.meanwhile = catch_up
    answer = reconcile(tenant_id=tenant.id, **REBUILD)
    (found,) = answer["differences"]
    assert (found["scope"], answer["rebuilt"]) == ("tenant", True)
    assert counters(cloud) == before
    assert not differences(cloud.rows())


@pytest.mark.parametrize("lag", range(4))
def test_corrections_that_cancel_out_and_are_not_listed_are_no_differences(
    tenant: Tenant, cloud: MemoryCloud, lag: int
) -> None:
    costs = [tenant.spend("1", agent_execution_id=f"run-{n}", agent=f"a-{n}") for n in range(2)]
    for cost, amount in zip(costs, ("0.5", "-0.5"), strict=True):
        tenant.adjust(cost, amount)
    before = counters(cloud)
    cloud.database.stale_indexes = behind(lag)
    assert reconcile(tenant_id=tenant.id, **REBUILD)["differences"] == []
    assert counters(cloud) == before


@pytest.mark.parametrize("lag", range(1, 6))
def test_the_systems_month_is_not_compared_with_a_list_that_lacks_a_tenant(
    tenant: Tenant, cloud: MemoryCloud, lag: int
) -> None:
    tenant.spend("1")
    for number in range(5):
        Tenant(tenant.door, f"other-{number}").spend("1")
    cloud.database.stale_indexes = behind(lag)
    answer = reconcile(tenants=None) if lag % 2 else reconcile()
    assert answer["differences"] == []
    assert [one["scope"] for one in answer["skipped"]].count("system") == 1


def test_a_tenant_that_is_not_listed_yet_is_waited_for(
    tenant: Tenant, cloud: MemoryCloud, waits: Waits
) -> None:
    tenant.spend("1")
    cloud.database.stale_indexes = behind(1)

    def catch_up() -> None:
        cloud.database.stale_indexes = fresh

    waits.meanwhile = catch_up
    answer: dict[str, Any] = reconcile()
    assert (answer["differences"], answer["skipped"]) == ([], [])
    assert len(waits.durations) == 1
