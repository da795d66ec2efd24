"""Accounts that move while they are compared, and runs that reach beyond the month."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.reconcile.reconciling import (
    REBUILD,
    counters,
    drift,
    month_key,
    reconcile,
    spent_of,
)
from tests.support.thorough import first, size
from tests.support.times import at
from tests.support.workflows.waiting import Waits

pytestmark = [pytest.mark.usefixtures("waits"), pytest.mark.doors("direct")]

SEPTEMBER, NOVEMBER = "2026-09-10T10:05:00Z", "2026-11-22T10:05:00Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    with at(NOVEMBER):
        yield memory_cloud


@pytest.fixture(params=["1", "3"], ids=["whole", "striped"])
def striped(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    monkeypatch.setenv("TENANT_STRIPES", request.param)


def whenever(
    cloud: MemoryCloud, patch: pytest.MonkeyPatch, operations: set[str], happens: Callable[[], Any]
) -> None:
    """Something happens before each of these requests to the database, unless it makes them."""
    execute, inside = cloud.database.execute, list[bool]()

    def executed(operation: str, request: dict[str, Any]) -> Any:
        if operation in operations and not inside:
            inside.append(True)
            happens()
            inside.clear()
        return execute(operation, request)

    patch.setattr(cloud.database, "execute", executed)


@pytest.mark.usefixtures("striped")
@pytest.mark.parametrize(
    "operations",
    first(1, [{"Query", "BatchGetItem", "TransactGetItems"}, {"Query"}, {"BatchGetItem"}]),
)
def test_100_usd_of_drift_is_found_while_costs_keep_coming(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, operations: set[str]
) -> None:
    tenant.spend("1", agent_execution_id="old", agent="a")
    drift(cloud, month_key(tenant), spent="100", committed="100")
    with monkeypatch.context() as patch:
        whenever(cloud, patch, operations, lambda: tenant.spend("1", agent_execution_id="run"))
        answer = reconcile(tenant_id=tenant.id)

    (found,) = answer["differences"]
    assert (found["scope"], found["period"]) == ("tenant", "2026-11")
    shown = found["counters"]["spent"]
    assert int(shown["found"]) - int(shown["expected"]) == 100


@pytest.mark.usefixtures("striped")
@pytest.mark.parametrize(
    "operations", first(1, [{"Query"}, {"BatchGetItem"}, {"TransactGetItems"}])
)
def test_sound_books_that_move_all_the_time_stay_as_they_are(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, operations: set[str]
) -> None:
    held = [tenant.hold("0.05", agent_execution_id="held") for _ in range(2)]
    costs = [tenant.spend("1", agent_execution_id="run", model="m")]
    moves: Iterator[Callable[[], Any]] = itertools.cycle(
        [
            lambda: costs.append(tenant.spend("1", agent_execution_id="run", model="m")),
            lambda: tenant.adjust(costs[-1], "-0.25"),
            lambda: held.append(tenant.hold("0.05", agent_execution_id="held")),
            lambda: tenant.settle(held.pop(0), "0.0125"),
        ]
    )

    def something() -> None:
        for _ in range(size(1, 4)):
            next(moves)()

    with monkeypatch.context() as patch:
        whenever(cloud, patch, operations, something)
        answers = [reconcile(tenant_id=tenant.id, **REBUILD), reconcile()]

    assert [one["differences"] for one in answers] == [[], []]
    assert not differences(cloud.rows())


def test_a_cost_that_comes_between_the_looks_is_no_difference(
    tenant: Tenant, cloud: MemoryCloud, waits: Waits
) -> None:
    tenant.spend("1", agent_execution_id="run")
    drift(cloud, f"{tenant.id}#execution#run#run", spent="100", committed="100")
    waits.meanwhile = lambda: tenant.spend("1", agent_execution_id="run")
    (found,) = reconcile(tenant_id=tenant.id)["differences"]
    assert found["counters"]["spent"] == {"expected": "3", "found": "103"}
    assert len(waits.durations) == 2


def test_an_account_that_moves_before_it_is_rebuilt_is_skipped(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.spend("1", agent_execution_id="run", agent="a")
    for key in (f"{tenant.id}#execution#run#run", f"{tenant.id}#agent#a#2026-11"):
        drift(cloud, key, spent="100", committed="100")

    def move() -> None:
        drift(cloud, f"{tenant.id}#execution#run#run", spent="-100", committed="-100")
        patch.undo()

    with monkeypatch.context() as patch:
        whenever(cloud, patch, {"TransactWriteItems"}, move)
        answer = reconcile(tenant_id=tenant.id, **REBUILD)

    assert len(answer["differences"]) == 2
    assert answer["rebuilt"] is False
    (skipped,) = answer["skipped"]
    assert (skipped["scope_id"], skipped["reason"]) == (
        "run",
        "it changed before it could be rebuilt",
    )
    assert not differences(cloud.rows())
    records = [row["pk"]["S"] for row in cloud.rows()["ReservationsTable"]]
    assert len([one for one in records if "#operation#rebuild-" in one]) == 1


@pytest.mark.usefixtures("striped")
@pytest.mark.parametrize("limit", ["none", "5"])
def test_two_who_rebuild_at_once_rebuild_once(
    tenant: Tenant, cloud: MemoryCloud, waits: Waits, limit: str
) -> None:
    cloud.set_limits(tenant=limit)
    for _ in range(6):
        tenant.spend("1", agent="a")
    before = counters(cloud)
    for key in (month_key(tenant), f"{tenant.id}#agent#a#2026-11"):
        drift(cloud, key, spent="2", committed="2")
    others: list[dict[str, Any]] = []

    def another() -> None:
        waits.meanwhile = lambda: None
        others.append(reconcile(tenant_id=tenant.id, **REBUILD))

    waits.meanwhile = another
    mine = reconcile(tenant_id=tenant.id, **REBUILD)

    assert others[0]["rebuilt"] is True
    assert (mine["differences"], mine["rebuilt"]) == ([], False)
    assert counters(cloud) == before
    assert not differences(cloud.rows())


def of_two_months(tenant: Tenant) -> None:
    """A root with 1 in November and a child's 4 in September, and a workflow with 1 and 2."""
    with at(SEPTEMBER):
        tenant.spend("4", agent_execution_id="child", parent_execution_id="root")
        tenant.spend("1", workflow_execution_id="flow")
    with at(NOVEMBER):
        tenant.spend("1", agent_execution_id="root")
        tenant.spend("2", workflow_execution_id="flow")


@pytest.mark.parametrize("month", ["2026-09", "2026-11"])
def test_a_run_of_two_months_is_compared_with_all_of_its_entries_or_not_at_all(
    tenant: Tenant, cloud: MemoryCloud, month: str
) -> None:
    of_two_months(tenant)
    before = counters(cloud)

    answer = reconcile(tenant_id=tenant.id, month=month, **REBUILD)

    assert (answer["differences"], answer["skipped"], answer["not_compared"]) == ([], [], [])
    assert counters(cloud) == before
    assert spent_of(cloud, f"{tenant.id}#execution#root#run") == "5"
    assert spent_of(cloud, f"{tenant.id}#workflow#flow#run") == "3"

    scheduled = reconcile(tenants=[tenant.id], month=month)
    assert scheduled["differences"] == []
    named = {one["scope_id"] for one in scheduled["not_compared"]}
    assert named == {"root", "flow"}


def test_a_drift_of_a_run_of_two_months_is_found_and_rebuilt_to_all_of_its_entries(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    of_two_months(tenant)
    before = counters(cloud)
    drift(cloud, f"{tenant.id}#workflow#flow#run", spent="0.5", committed="0.5")

    answer = reconcile(tenant_id=tenant.id, month="2026-09", **REBUILD)

    (found,) = answer["differences"]
    assert found["counters"]["spent"] == {"expected": "3", "found": "3.5"}
    assert counters(cloud) == before


def test_the_holds_of_this_month_are_no_difference_of_another_month(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at(SEPTEMBER):
        tenant.spend("1", agent_execution_id="run")
    tenant.hold("2", agent_execution_id="run")
    tenant.spend("3", agent_execution_id="other")
    before = counters(cloud)
    answer = reconcile(tenant_id=tenant.id, month="2026-09", **REBUILD)
    assert (answer["differences"], answer["skipped"]) == ([], [])
    assert counters(cloud) == before


@pytest.mark.usefixtures("striped")
@pytest.mark.parametrize("striped", first(1, ["3", "1"]), indirect=True)
@pytest.mark.parametrize("often", first(1, [2, 1]))
@pytest.mark.parametrize(
    "operations", first(1, [{"Query"}, {"BatchGetItem"}, {"TransactGetItems"}])
)
def test_sound_books_of_a_hold_that_is_drawn_from_all_the_time_stay_as_they_are(
    tenant: Tenant,
    cloud: MemoryCloud,
    monkeypatch: pytest.MonkeyPatch,
    operations: set[str],
    often: int,
) -> None:
    cloud.set_limits(execution="none")
    held = tenant.hold("100", agent_execution_id="held")

    def something() -> None:
        for _ in range(often):
            tenant.draw(held, "0.125")

    something()
    with monkeypatch.context() as patch:
        whenever(cloud, patch, operations, something)
        answers = [reconcile(tenant_id=tenant.id, **REBUILD), reconcile()]

    assert [one["differences"] for one in answers] == [[], []]
    assert not differences(cloud.rows())
    drift(cloud, month_key(tenant), held="1", committed="1")
    (found,) = reconcile(tenant_id=tenant.id)["differences"]
    assert found["counters"]["held"]["found"] != found["counters"]["held"]["expected"]
