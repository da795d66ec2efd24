"""Periods follow the tenant's time zone; another zone starts with the next month."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, Processes, cap, lift, run, set_budget
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """The tenant's month is limited, and nothing else."""
    memory_cloud.set_limits(execution="none", workflow="none")
    return memory_cloud


def settle_in(tenant: Tenant, zone: str) -> None:
    """The tenant's zone since long ago."""
    with at("2026-01-20T10:00:00Z"):
        assert tenant.call("set_tenant", time_zone=zone, **WHO).error is None


@pytest.mark.parametrize(
    ("zone", "period", "edge"),
    [
        ("Europe/Berlin", "month", "2026-10-31T23:00:00Z"),
        ("Europe/Berlin", "month", "2026-06-30T22:00:00Z"),
        ("Europe/Berlin", "day", "2026-10-25T23:00:00Z"),
        ("Europe/Berlin", "hour", "2026-10-25T01:00:00Z"),
        ("America/New_York", "month", "2026-11-01T04:00:00Z"),
        ("America/New_York", "day", "2026-11-02T05:00:00Z"),
        ("America/New_York", "week", "2026-11-02T05:00:00Z"),
        ("Australia/Lord_Howe", "day", "2026-10-04T13:00:00Z"),
        ("Australia/Lord_Howe", "hour", "2026-10-03T15:30:00Z"),
        ("Asia/Kolkata", "hour", "2026-11-22T10:30:00Z"),
    ],
)
def test_a_limit_starts_again_exactly_at_the_edge_of_the_tenants_period(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, zone: str, period: str, edge: str
) -> None:
    settle_in(tenant, zone)
    processes = Processes(monkeypatch)
    budget_id = "tenant-month" if period == "month" else "cap"
    place = {} if period == "month" else {"scope": "tenant", "period": period}
    just = edge.replace(":00Z", ":59.9Z").replace(":30:59", ":29:59").replace(":00:59", ":59:59")
    hour = int(just[11:13])
    if ":59:59" in just:
        just = f"{just[:11]}{hour - 1:02}{just[13:]}" if hour else just
    with at(just, tick=False):
        set_budget(tenant, budget_id, "2", **place)
        tenant.spend("2")
        refused = tenant.check("1").body
        assert (refused["allowed"], gate(refused, budget_id)["resets_at"]) == (False, edge)
        processes.answer(2)
        assert not tenant.reserve("1").body["allowed"]
    with at(edge, tick=False):
        assert tenant.reserve("1").body["allowed"]
        processes.answer(1)
        assert gate(tenant.check("1").body, budget_id)["spent_usd"] == "0"


def test_the_month_of_a_cost_is_that_of_its_tenant(tenant: Tenant, door: Door) -> None:
    other = Tenant(door)
    settle_in(tenant, "Asia/Tokyo")
    with at("2026-11-30T15:00:00Z", tick=False):
        mine, theirs = (one.record("1").body for one in (tenant, other))
        assert (mine["entry"]["month"], theirs["entry"]["month"]) == ("2026-12", "2026-11")
        assert gate(mine, "system-month")["spent_usd"] == "1"
        assert gate(theirs, "system-month")["period"] == "2026-11"
        assert tenant.usage()["period"] == "2026-12"
        (day,) = tenant.call("daily_costs").body["items"]
        assert day["name"] == "2026-12-01"


def test_another_zone_starts_with_the_next_month(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud
) -> None:
    processes = Processes(monkeypatch)
    with at("2026-11-22T10:00:00Z", tick=False):
        tenant.spend("1", **run())
        put = tenant.call("set_tenant", time_zone="America/New_York", **WHO).body
        assert (put["time_zone"], put["next_time_zone"]) == ("UTC", "America/New_York")
        assert tenant.usage()["resets_at"] == "2026-12-01T05:00:00Z"
        cap(tenant, "2")
        resets = gate(tenant.check("1").body, "cap")["resets_at"]
        assert resets == "2026-11-23T00:00:00Z"
    for number, (moment, month) in enumerate(
        {
            "2026-12-01T00:00:00Z": "2026-11",
            "2026-12-01T04:59:59Z": "2026-11",
            "2026-12-01T05:00:00Z": "2026-12",
        }.items()
    ):
        processes.answer(number % 2)
        with at(moment, tick=False):
            assert tenant.record("1", **run()).body["entry"]["month"] == month
    with at("2026-12-01T05:00:00Z", tick=False):
        shown = tenant.call("get_tenant").body
        assert (shown["time_zone"], shown["next_time_zone"]) == ("America/New_York", None)
        assert tenant.usage(month="2026-11")["spent_usd"] == "3"
    assert not differences(cloud.rows())


def test_a_tenant_that_was_never_used_is_in_its_zone_at_once(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at("2026-11-30T15:30:00Z", tick=False):
        cap(tenant, "9", period="day", scope="tenant")
        put = tenant.call("set_tenant", time_zone="Asia/Tokyo", **WHO).body
        assert (put["time_zone"], put["next_time_zone"]) == ("Asia/Tokyo", None)
        assert tenant.record("1").body["entry"]["month"] == "2026-12"
        assert tenant.usage()["resets_at"] == "2026-12-31T15:00:00Z"
        days = tenant.call("daily_costs").body["items"]
        assert [one["name"] for one in days] == ["2026-12-01"]
    assert not differences(cloud.rows())


@pytest.mark.parametrize("use", [{"estimated_cost_usd": "1"}, {"cost_usd": "0"}])
def test_a_tenant_that_holds_or_booked_anything_goes_on_with_its_month(
    tenant: Tenant, use: dict[str, str]
) -> None:
    operation = "record_cost" if "cost_usd" in use else "reserve"
    assert tenant.call(operation, agent_execution_id="run-1", **use).error is None
    put = tenant.call("set_tenant", time_zone="Asia/Tokyo", **WHO).body
    assert (put["time_zone"], put["next_time_zone"]) == ("UTC", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        ("2026-11-30T15:30:00Z", "Asia/Tokyo", "2026-12"),
        ("2026-12-01T02:00:00Z", "Pacific/Honolulu", "2026-11"),
    ],
)
def test_another_process_that_knew_the_first_zone_learns_of_it_by_its_next_write(
    tenant: Tenant,
    cloud: MemoryCloud,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    zone: str,
    month: str,
) -> None:
    processes = Processes(monkeypatch)
    with at(moment):
        processes.answer(2)
        assert tenant.check("1").body["allowed"]
        processes.answer(1)
        tenant.call("set_tenant", time_zone=zone, **WHO)
        processes.answer(2)
        tenant.spend("1")
        assert tenant.record("1").body["entry"]["month"] == month
    assert not differences(cloud.rows())


def test_a_change_is_in_the_history_and_leaves_the_rest(tenant: Tenant) -> None:
    price = {"input_usd_per_million": "1", "output_usd_per_million": "2"}
    tenant.call("set_tenant", owner="alice", fallback_price=price, **WHO)
    tenant.spend("1")
    tenant.call("set_tenant", time_zone="Asia/Tokyo", **WHO)

    latest, _ = tenant.call("tenant_history").body["items"]
    assert latest["before"]["next_time_zone"] is None
    assert latest["after"]["next_time_zone"] == "Asia/Tokyo"
    kept = tenant.call("get_tenant").body
    assert (kept["owner"], kept["fallback_price"]["input_usd_per_million"]) == ("alice", "1")


def test_a_hold_over_a_month_is_settled_in_the_month_that_it_was_taken(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at("2026-11-30T23:50:00Z", tick=False):
        cap(tenant, "9", period="month", scope="model", scope_id="gpt-4o")
        tenant.spend("0", **run(3))
        tenant.call("set_tenant", time_zone="Asia/Tokyo", **WHO)
        held = tenant.hold("3", expires_in_seconds=3600, **run())
    with at("2026-12-01T00:10:00Z", tick=False):
        assert tenant.usage()["spent_usd"] == "0"
        settled = tenant.settle(held, "4").body
        assert settled["entry"]["month"] == "2026-11"
        assert gate(settled, "cap")["spent_usd"] == "4"
        assert tenant.reserve("9", **run(2)).body["allowed"]
    assert not differences(cloud.rows())


def test_a_cost_that_comes_late_is_taken_for_72_hours_by_the_tenants_clock(tenant: Tenant) -> None:
    settle_in(tenant, "America/New_York")
    occurred = "2026-12-01T04:30:00Z"
    for moment, month, flags in (
        ("2026-12-04T04:59:59Z", "2026-11", []),
        ("2026-12-04T05:00:00Z", "2026-12", ["late"]),
    ):
        with at(moment, tick=False):
            entry = tenant.record("1", occurred_at=occurred).body["entry"]
            assert (entry["month"], entry["flags"]) == (month, flags)


def test_a_raise_for_the_month_is_for_the_tenants_month(tenant: Tenant) -> None:
    settle_in(tenant, "America/New_York")
    with at("2026-12-01T04:00:00Z", tick=False):
        set_budget(tenant, "tenant-month", "2")
        lift(tenant, "tenant-month", "1")
        assert tenant.check("3").body["allowed"]
    with at("2026-12-01T05:00:00Z", tick=False):
        assert not tenant.check("3").body["allowed"]
        assert tenant.usage(month="2026-11")["limit_usd"] == "3"


@pytest.mark.parametrize(
    "zone",
    [
        "Mars/Olympus",
        "",
        "europe/berlin",
        "UTC+1",
        5,
        ["UTC"],
        "../UTC",
        "posixrules",
        "localtime",
        "Factory",
    ],
)
def test_an_unknown_zone_is_refused(tenant: Tenant, cloud: MemoryCloud, zone: object) -> None:
    answer = tenant.call("set_tenant", time_zone=zone, **WHO)
    assert answer.refusal == ("VALIDATION_ERROR", "time_zone")
    assert not cloud.rows()["BudgetsTable"]


def test_a_zone_in_which_a_day_would_come_twice_is_refused(tenant: Tenant) -> None:
    settle_in(tenant, "Pacific/Kiritimati")
    tenant.spend("1")
    answer = tenant.call("set_tenant", time_zone="Pacific/Pago_Pago", **WHO)
    assert answer.refusal == ("VALIDATION_ERROR", "time_zone")
