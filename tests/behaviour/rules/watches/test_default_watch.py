"""A limit of the system that falls below tenants' spend sends each of them one alert."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.alerts.listed import below
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, handler_of
from tests.support.dynamodb.write_units import put_copies
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    GENEROUS,
    WHO,
    delete_system,
    lift,
    set_budget,
    set_system,
)
from tests.support.times import at

NOW, NOON, AFTER_NOON = "2026-11-22T10:05:00Z", "2026-11-22T12:00:00Z", "2026-11-22T12:00:30Z"
TOLD_OF_50 = [("tenant-month", "50", "edit")]


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """A month of 100 USD for each tenant, and a clock that stands still."""
    memory_cloud.set_limits(**GENEROUS | {"tenant": "100"})
    with at(NOW, tick=False):
        yield memory_cloud


def damage(cloud: MemoryCloud, owner: str, changes: dict[str, Any]) -> None:
    table = cloud.tables["BudgetsTable"]
    (row,) = [row for row in cloud.database.rows(table) if row["pk"]["S"] == f"{owner}#rules#"]
    cloud.database.execute("PutItem", {"TableName": table, "Item": {**row, **changes}})


def a_minute_passes() -> int:
    """Return how many alerts the schedule's run was due to send."""
    answer: dict[str, Any] = handler_of("budgeting")({"operation": "wake"}, Context())
    return int(answer["alerts"])


def spenders(tenant: Tenant, *amounts: str) -> list[Tenant]:
    """Tenants who spent so much this month."""
    found = [tenant, *(Tenant(tenant.door) for _ in amounts[1:])]
    for one, amount in zip(found, amounts, strict=True):
        one.spend(amount)
    return found


def test_a_default_from_100_to_50_alerts_the_tenant_of_60_and_not_that_of_40(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    above, under, with_own, over_before = spenders(tenant, "60", "40", "60", "120")
    set_budget(with_own, "tenant-month", "200")
    set_system(tenant.door, "tenant-month", "50")
    assert [below(one) for one in (above, under, with_own, over_before)] == [[], [], [], []]

    assert [a_minute_passes(), a_minute_passes()] == [1, 0]

    assert below(above) == TOLD_OF_50
    assert [below(one) for one in (under, with_own, over_before)] == [[], [], []]
    assert not [row for row in cloud.rows()["BudgetsTable"] if "due_list" in row]


@pytest.mark.parametrize("kind", [{"action": "alert"}, {"enforcement": "shadow"}])
def test_a_default_that_refuses_nothing_alerts_too(tenant: Tenant, kind: dict[str, str]) -> None:
    tenant.spend("60")
    set_system(tenant.door, "tenant-month", "50", **kind)
    assert a_minute_passes() == 1
    assert below(tenant) == TOLD_OF_50


def test_a_deleted_default_of_500_leaves_the_templates_100_and_alerts(tenant: Tenant) -> None:
    set_system(tenant.door, "tenant-month", "500")
    assert a_minute_passes() == 0
    tenant.spend("120")
    with at(NOON, tick=False):
        delete_system(tenant.door, "tenant-month")
        assert a_minute_passes() == 1
    assert below(tenant) == [("tenant-month", "100", "edit")]


def test_a_temporary_decrease_of_a_default_alerts(tenant: Tenant) -> None:
    tenant.spend("60")
    less = {"amount_usd": "-50", "until": NOON, **WHO}
    assert tenant.door.call("raise_system_limit", budget_id="tenant-month", **less).error is None
    assert a_minute_passes() == 1
    assert below(tenant) == TOLD_OF_50


def test_a_raise_of_a_default_that_ends_alerts_unless_the_tenant_has_another(
    tenant: Tenant,
) -> None:
    more = {"amount_usd": "50", "until": NOON, **WHO}
    assert tenant.door.call("raise_system_limit", budget_id="tenant-month", **more).error is None
    other = spenders(tenant, "120", "120")[1]
    lift(other, "tenant-month", "30")
    assert a_minute_passes() == 0
    with at(AFTER_NOON, tick=False):
        assert [a_minute_passes(), a_minute_passes()] == [1, 0]
    assert (below(tenant), below(other)) == ([("tenant-month", "100", "expiry")], [])


def test_two_edits_before_the_schedule_runs_are_one_alert(tenant: Tenant) -> None:
    tenant.spend("60")
    set_system(tenant.door, "tenant-month", "90")
    with at("2026-11-22T10:05:10Z", tick=False):
        set_system(tenant.door, "tenant-month", "50")
        assert a_minute_passes() == 1
    assert below(tenant) == TOLD_OF_50


def test_a_default_is_lowered_under_a_tenants_own_raise(tenant: Tenant) -> None:
    lift(tenant, "tenant-month", "30")
    tenant.spend("120")
    set_system(tenant.door, "tenant-month", "80")
    assert a_minute_passes() == 1
    assert below(tenant) == [("tenant-month", "110", "edit")]


@pytest.mark.parametrize("period", ["hour", "month", "year", "total"])
def test_a_budget_for_a_user_of_each_tenant_alerts(tenant: Tenant, period: str) -> None:
    ana = {"scope": "user", "scope_id": "ana", "period": period}
    set_system(tenant.door, "ana", "9", **ana)
    other = Tenant(tenant.door)
    tenant.spend("5", user="ana")
    other.spend("5", user="eva")
    with at("2026-11-22T10:06:00Z", tick=False):
        set_system(tenant.door, "ana", "4", **ana)
        assert a_minute_passes() == 1
    assert (below(tenant), below(other)) == ([("ana", "4", "edit")], [])


def test_205_tenants_are_compared_in_steps_over_two_runs_and_each_alerts_once(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenants = [tenant, *(Tenant(tenant.door) for _ in range(204))]
    tenant.spend("60")
    put_copies(cloud, tenant.id, [one.id for one in tenants[1:]])
    set_system(tenant.door, "tenant-month", "50")
    looks = iter(range(10_000))
    with monkeypatch.context() as patch:
        patch.setattr("budget_monitor.deadline.about_to_end", lambda: next(looks) > 150)
        assert a_minute_passes() == 150
    # The position is stored after each 100: 50 are looked at again, and were told already.
    assert [a_minute_passes(), a_minute_passes()] == [55, 0]
    told = [row["pk"]["S"].split("#")[0] for row in cloud.rows()["AlertsTable"]]
    assert sorted(told) == sorted(one.id for one in tenants)


def test_a_tenant_with_damaged_rules_is_skipped(tenant: Tenant, cloud: MemoryCloud) -> None:
    damaged = spenders(tenant, "60", "60")[1]
    set_budget(damaged, "cap", "500", scope="tenant", period="day")
    set_system(tenant.door, "tenant-month", "50")
    damage(cloud, damaged.id, {"body": {"S": '{"budgets": 5}'}})
    assert a_minute_passes() == 1
    assert below(tenant) == TOLD_OF_50
