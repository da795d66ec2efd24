"""The edges of months, in every zone, however often the job runs: the same money."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from functions.budgeting import app as budgeting
from functions.tracking import app as tracking
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.months.closing import close, money, outcome, statement
from tests.support.thorough import first
from tests.support.times import at

ZONES = {
    "west": "Etc/GMT+12",
    "los-angeles": "America/Los_Angeles",
    "utc": "UTC",
    "kathmandu": "Asia/Kathmandu",
    "east": "Pacific/Kiritimati",
}
MONTHS = [f"2027-{month:02}" for month in (2, 3, 11, 12, 1, 4, 5, 6, 7, 8, 9, 10)]


def after(month: str) -> datetime:
    """The first day of the next month, without a zone."""
    year, number = map(int, month.split("-"))
    return datetime(year + number // 12, number % 12 + 1, 1)  # noqa: DTZ001 - zones come later


def settle_in(cloud: MemoryCloud) -> None:
    """A tenant for each zone, which it has from the next month on."""
    for tenant_id, zone in ZONES.items():
        event = {
            "operation": "set_tenant",
            "tenant_id": tenant_id,
            "time_zone": zone,
            "by": "maria",
            "reason": "here they work",
        }
        budgeting.lambda_handler(event, Context())


def spend(month: str) -> None:
    """One dollar at the last moment of each tenant's month, and two at the next one's first."""
    for tenant_id, zone in ZONES.items():
        edge = after(month).replace(tzinfo=ZoneInfo(zone))
        for cost, moment in (("1", edge - timedelta(seconds=1)), ("2", edge)):
            with at(moment.isoformat(), tick=False):
                event = {
                    "operation": "record_cost",
                    "tenant_id": tenant_id,
                    "agent_execution_id": "run",
                    "cost_usd": cost,
                }
                tracking.lambda_handler(event, Context())


@pytest.mark.parametrize("month", first(2, MONTHS))
def test_an_edge_gives_the_same_money_however_often_the_job_runs(
    memory_cloud: MemoryCloud, month: str
) -> None:
    with at("2026-12-15T00:00:00Z"):
        settle_in(memory_cloud)
    spend(month)
    before, tenants = money(memory_cloud), [Tenant(DirectDoor(), one) for one in ZONES]

    for runs in (0, 1, 2, 10):
        with at(f"{after(month) + timedelta(days=2, hours=3)}+00:00"):
            found = [outcome(close(month=month)) for _ in range(runs)]
            assert found in ([], [(len(ZONES) + 1, 0)], [(0, len(ZONES) + 1)] * runs)
            assert money(memory_cloud) == before
            assert {one.usage(month=month)["spent_usd"] for one in tenants} <= {"1"}
            assert {one.usage()["spent_usd"] for one in tenants} <= {"2"}
    told = {statement(one, month)["spent_usd"] for one in tenants}
    assert told == {"1"}


@pytest.mark.parametrize("month", ["2027-03", "2027-12"])
def test_each_zone_is_closed_from_its_own_midnight_on(
    memory_cloud: MemoryCloud, month: str
) -> None:
    with at("2026-12-15T00:00:00Z"):
        settle_in(memory_cloud)
    spend(month)

    for tenant_id, zone in ZONES.items():
        edge = after(month).replace(tzinfo=ZoneInfo(zone))
        with at((edge - timedelta(seconds=5)).isoformat(), tick=False):
            early = close(tenants=[tenant_id])
            nowhere = zone == ZONES["east"]
            assert (early["statements"], early["too_early"]) == (0, 0 if nowhere else 1)
        with at(edge.isoformat(), tick=False):
            assert close()["month"] == month
            told = statement(Tenant(DirectDoor(), tenant_id), month)
            assert told["ends_at"] == edge.astimezone(ZoneInfo("UTC")).isoformat().replace(
                "+00:00", "Z"
            )


@pytest.mark.parametrize(
    ("month", "zone", "ends_at"),
    [
        ("2027-03", "America/New_York", "2027-04-01T04:00:00Z"),
        ("2027-10", "Europe/Berlin", "2027-10-31T23:00:00Z"),
        ("2027-11", "America/New_York", "2027-12-01T05:00:00Z"),
        ("2027-03", "Asia/Gaza", "2027-03-31T21:00:00Z"),
        ("2027-09", "Australia/Lord_Howe", "2027-09-30T13:30:00Z"),
    ],
)
def test_daylight_saving_moves_the_end_and_no_money(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, month: str, zone: str, ends_at: str
) -> None:
    monkeypatch.setitem(ZONES, "utc", zone)
    with at("2026-12-15T00:00:00Z"):
        settle_in(memory_cloud)
    spend(month)
    with at(f"{after(month) + timedelta(days=2)}+00:00"):
        close()
        told = statement(Tenant(DirectDoor(), "utc"), month)

    assert (told["ends_at"], told["spent_usd"]) == (ends_at, "1")
