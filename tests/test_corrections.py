"""A correction books where the cost stands; what comes late fills no budget of today."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from tests.histories.books import differences, stored
from tests.memory.fixture import MemoryCloud, memory_cloud
from tests.support.builders import Tenant, by_name, gate
from tests.support.doors import DirectDoor, Door
from tests.support.governing import GENEROUS, WHO, Processes, delete_budget, set_budget, set_system
from tests.support.times import at

__all__ = ["memory_cloud"]

WRITER = {"agent_execution_id": "run-1", "agent": "writer", "model": "gpt-x"}
MIDNIGHT = ("2026-11-30T23:50:00Z", "2026-12-01T00:02:00Z", "2026-12-01T00:03:00Z")
CLOSED = "2026-12-09T20:00:00Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


def custom(tenant: Tenant, period: str, limit: str = "10", **fields: Any) -> None:
    """A budget for the agent `writer`, named after its period."""
    said = {"scope": "agent", "scope_id": "writer", **fields}
    assert set_budget(tenant, period, limit, period=period, **said).error is None


def spent(cloud: MemoryCloud, name: str) -> dict[str, Decimal]:
    """What the accounts with this in their names have spent."""
    books = stored(cloud.rows()["AccountsTable"])
    return {key: one["spent"] for key, one in books.items() if name in key}


def over_midnight(tenant: Tenant, cost: str, fix: str, **labels: Any) -> dict[str, Any]:
    """A hold at 23:50 that is settled at 00:02 and corrected a minute later."""
    taken, settled, fixed = MIDNIGHT
    with at(taken, tick=False):
        reservation_id = tenant.hold(cost, **labels)
    with at(settled, tick=False):
        assert tenant.settle(reservation_id, cost).body["entry"]["month"] == "2026-11"
    with at(fixed, tick=False):
        return dict(tenant.adjust(f"settle:{reservation_id}", fix).body["entry"])


def months(tenant: Tenant) -> tuple[str, str]:
    return tuple(tenant.usage(month=f"2026-{one}")["spent_usd"] for one in (11, 12))


def test_a_settlement_of_9_across_midnight_corrected_by_minus_9_leaves_both_months_0(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    entry = over_midnight(tenant, "9", "-9", **WRITER)

    assert (entry["month"], entry["flags"]) == ("2026-11", [])
    assert months(tenant) == ("0", "0")
    assert by_name(tenant.call("daily_costs", month="2026-11").body) == {"2026-11-30": "0"}
    assert by_name(tenant.call("agent_costs", month="2026-11").body) == {"writer": "0"}
    assert set(spent(cloud, "").values()) == {Decimal(), Decimal(-9)}
    assert differences(cloud.rows()) == []


def test_a_refund_of_90_in_november_lets_no_reserve_of_190_pass_in_december(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(execution="none", tenant="100")
    over_midnight(tenant, "90", "-90")

    with at(MIDNIGHT[2], tick=False):
        assert tenant.reserve("190").body["reason_code"] == "TENANT_MONTH_EXCEEDED"
        assert tenant.reserve("100").body["allowed"]


@pytest.mark.parametrize("period", ["hour", "day", "week", "month"])
def test_a_correction_in_the_open_month_moves_the_budgets_of_the_hold_itself(
    tenant: Tenant, cloud: MemoryCloud, period: str
) -> None:
    with at("2026-11-15T00:00:00Z", tick=False):
        custom(tenant, period)

    over_midnight(tenant, "9", "-8", **WRITER)

    assert list(spent(cloud, f"budget#{period}").values()) == [Decimal(1)]
    assert differences(cloud.rows()) == []


def test_a_correction_moves_the_account_of_a_budget_that_was_deleted_since(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at("2026-11-15T10:00:00Z", tick=False):
        custom(tenant, "day")
        entry_id = tenant.spend("9", **WRITER)
        delete_budget(tenant, "day")
        tenant.adjust(entry_id, "-8")
        custom(tenant, "week")
        tenant.adjust(entry_id, "-1")

    assert list(spent(cloud, "budget#day").values()) == [Decimal()]
    assert spent(cloud, "budget#week") == {}
    assert differences(cloud.rows()) == []


@pytest.mark.parametrize(
    ("moment", "booked"),
    [
        ("2026-12-03T23:59:59.999999Z", ("2026-11", [])),
        ("2026-12-04T00:00:00Z", ("2026-12", ["late"])),
    ],
)
def test_a_correction_books_in_the_entrys_month_for_72_hours_after_its_end(
    tenant: Tenant, moment: str, booked: tuple[str, list[str]]
) -> None:
    with at("2026-11-30T20:00:00Z", tick=False):
        entry_id = tenant.spend("9", **WRITER)
    with at(moment, tick=False):
        entry = tenant.adjust(entry_id, "-4").body["entry"]

    assert (entry["month"], entry["flags"]) == booked


def test_a_cost_booked_late_in_december_is_corrected_late_in_december(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at("2026-12-09T20:00:00Z", tick=False):
        entry_id = tenant.spend("9", occurred_at="2026-08-01T10:00:00Z", **WRITER)
    with at("2026-12-20T10:00:00Z", tick=False):
        first = tenant.adjust(entry_id, "-2").body["entry"]
    with at("2027-01-03T10:00:00Z", tick=False):
        second = tenant.adjust(entry_id, "-3").body["entry"]
    with at("2027-01-04T10:00:00Z", tick=False):
        third = tenant.adjust(entry_id, "-4").body["entry"]

    assert [one["month"] for one in (first, second, third)] == ["2026-12", "2026-12", "2027-01"]
    assert [one["flags"] for one in (first, second, third)] == [["late"]] * 3
    late = {name[-7:]: amount for name, amount in spent(cloud, "#late#").items()}
    assert late == {"2026-12": Decimal(4), "2027-01": Decimal(-4)}
    assert by_name(tenant.call("daily_costs", month="2026-12").body) == {"2026-12-09": "4"}
    assert differences(cloud.rows()) == []


def test_a_month_is_open_until_72_hours_after_it_ends_in_the_tenants_own_zone(
    tenant: Tenant,
) -> None:
    with at("2026-10-15T10:00:00Z", tick=False):
        assert tenant.call("set_tenant", time_zone="Pacific/Kiritimati", **WHO).error is None
    with at("2026-11-30T09:50:00Z", tick=False):  # 23:50 of the 30th there
        reservation_id = tenant.hold("9", **WRITER)
    with at("2026-11-30T10:02:00Z", tick=False):
        entry = tenant.settle(reservation_id, "9").body["entry"]
    with at("2026-12-03T09:59:59Z", tick=False):
        inside = tenant.adjust(entry["entry_id"], "-4").body["entry"]
    with at("2026-12-03T10:00:00Z", tick=False):
        outside = tenant.adjust(entry["entry_id"], "-5").body["entry"]

    assert [one["month"] for one in (entry, inside, outside)] == ["2026-11", "2026-11", "2026-12"]
    assert months(tenant) == ("5", "-5")


@pytest.mark.parametrize("period", ["hour", "day", "week"])
def test_a_refund_of_500_of_september_gives_a_budget_of_10_no_headroom_of_510(
    tenant: Tenant, cloud: MemoryCloud, period: str
) -> None:
    cloud.set_limits(execution="none", tenant="none")
    with at("2026-09-15T10:00:00Z", tick=False):
        custom(tenant, period)
        entry_id = tenant.spend("500", **WRITER)
    with at("2026-12-09T10:00:00Z", tick=False):
        assert tenant.adjust(entry_id, "-500").error is None
        decision = tenant.check("11", **WRITER).body

    assert (decision["allowed"], decision["reason_code"]) == (False, "BUDGET_EXCEEDED")
    assert gate(decision, period)["available_usd"] == "10"


def test_a_late_refund_moves_its_run_and_all_that_counts_the_past(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at("2026-11-15T10:00:00Z", tick=False):
        for period in ("hour", "day", "week", "month"):
            custom(tenant, period)
        entry_id = tenant.spend("9", workflow_execution_id="flow-1", **WRITER)
    before = spent(cloud, "")
    with at(CLOSED, tick=False):
        assert tenant.adjust(entry_id, "-9").error is None
    after = spent(cloud, "")

    t = tenant.id
    moved = {name for name in after if after[name] != before.get(name)}
    assert moved == {
        f"{t}#execution#run-1#run",
        f"{t}#workflow#flow-1#run",
        f"{t}#agent#writer#2026-12",
        f"{t}#model#gpt-x#2026-12",
        f"{t}#tenant#{t}#2026-12",
        f"{t}#tenant#{t}#2026-12-09",
        f"{t}#late#{t}#2026-12",
        f"{t}#occurred#{t}#2026-11-15",
        f"{t}#entry#{entry_id}#run",
        "*#system#system#2026-12",
        next(name for name in after if "budget#month" in name and name.endswith("2026-12")),
    }
    assert differences(cloud.rows()) == []


@pytest.mark.parametrize("moment", [*MIDNIGHT[2:], "2026-12-03T12:00:00Z", CLOSED])
def test_a_month_budget_and_the_breakdown_of_its_agent_do_not_part(
    tenant: Tenant, moment: str
) -> None:
    with at("2026-11-01T00:00:00Z", tick=False):
        custom(tenant, "month", "1000")
    with at(MIDNIGHT[0], tick=False):
        reservation_id = tenant.hold("9", **WRITER)
    with at(MIDNIGHT[1], tick=False):
        assert tenant.settle(reservation_id, "9").error is None
    with at(moment, tick=False):
        assert tenant.adjust(f"settle:{reservation_id}", "-4").error is None
        tenant.spend("1", occurred_at="2026-08-01T00:00:00Z", **WRITER)
        books = tenant.check("1", **WRITER).body
        agents = by_name(tenant.call("agent_costs", month="2026-12").body)

    assert gate(books, "month")["spent_usd"] == agents["writer"]


@pytest.mark.parametrize("way", ["record", "batch", "late settlement", "unreserved settlement"])
@pytest.mark.parametrize("period", ["hour", "day", "week", "month"])
def test_a_cost_of_a_closed_month_counts_in_the_month_and_in_no_shorter_budget(
    tenant: Tenant, way: str, period: str
) -> None:
    with at("2026-10-15T10:00:00Z", tick=False):
        custom(tenant, period)
        reservation_id = tenant.hold("9", **WRITER)
        if way == "unreserved settlement":
            tenant.release(reservation_id)
    with at(CLOSED, tick=False):
        entry = late_cost(tenant, way, reservation_id)
        decision = tenant.check("1", **WRITER | {"agent_execution_id": "run-2"}).body

    assert "late" in entry["flags"]
    assert entry["month"] == "2026-12"
    assert gate(decision, period)["spent_usd"] == ("9" if period == "month" else "0")
    assert tenant.usage(month="2026-12")["spent_usd"] == "9"


def late_cost(tenant: Tenant, way: str, reservation_id: str) -> Mapping[str, Any]:
    cost = {"cost_usd": "9", "occurred_at": "2026-10-15T10:00:00Z", **WRITER}
    if way == "record":
        return dict(tenant.call("record_cost", **cost).body["entry"])
    if way == "batch":
        return dict(tenant.call("record_costs", costs=[cost]).body["results"][0]["entry"])
    return dict(tenant.settle(reservation_id, "9").body["entry"])


LATE_WORDS = "30 USD of what {} spent in 2026-12 came late for a closed month"


@pytest.mark.parametrize("asked", ["check", "reserve"])
@pytest.mark.parametrize("period", ["tenant-month", "month", "system-month"])
def test_a_refusal_says_that_30_usd_of_the_month_came_late(
    tenant: Tenant, door: Door, cloud: MemoryCloud, asked: str, period: str
) -> None:
    cloud.set_limits(execution="none", tenant="50" if period == "tenant-month" else "none")
    with at(CLOSED, tick=False):
        if period == "month":
            custom(tenant, "month", "50")
        if period == "system-month":
            assert set_system(door, "system-month", "50").error is None
        tenant.spend("10", **WRITER)
        tenant.spend("30", occurred_at="2026-10-15T10:00:00Z", **WRITER)
        decision = getattr(tenant, asked)("20", **WRITER).body

    assert (decision["allowed"], decision["action"]) == (False, "block")
    assert decision["reason"].endswith("; " + LATE_WORDS.format(tenant.id))
    assert gate(decision, period)["spent_usd"] == "40"


@pytest.mark.parametrize("asked", ["check", "reserve"])
def test_a_refusal_without_late_costs_or_by_a_run_does_not_speak_of_them(
    tenant: Tenant, cloud: MemoryCloud, asked: str
) -> None:
    cloud.set_limits(tenant="50")
    with at(CLOSED, tick=False):
        entry_id = tenant.spend("9", occurred_at="2026-10-15T10:00:00Z", **WRITER)
        by_run = getattr(tenant, asked)("2", **WRITER).body
        assert tenant.adjust(entry_id, "-9").error is None
        by_month = getattr(tenant, asked)("51", agent_execution_id="run-2").body

    assert by_run["reason_code"] == "EXECUTION_EXCEEDED"
    assert "late" not in by_run["reason"] + by_month["reason"]


def test_a_pause_and_an_alert_of_a_first_refusal_say_late_too(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(execution="none", tenant="50")
    with at(CLOSED, tick=False):
        tenant.spend("30", occurred_at="2026-10-15T10:00:00Z", **WRITER)
        assert tenant.reserve("21", **WRITER).error is None
        (alert,) = [one for one in tenant.call("alerts").body["items"] if one["kind"] == "blocked"]

    assert LATE_WORDS.format(tenant.id) in str(alert)


@pytest.mark.parametrize(
    ("moment", "booked"),
    [(MIDNIGHT[2], ("2026-11", [])), (CLOSED, ("2026-12", ["late"]))],
)
def test_a_repricing_books_where_the_settlement_stands_and_late_in_no_hour(
    cloud: MemoryCloud, moment: str, booked: tuple[str, list[str]]
) -> None:
    tenant, price = Tenant(DirectDoor()), {"model": "own", **WHO, "output_usd_per_million": "0"}
    with at("2026-11-15T00:00:00Z", tick=False):
        assert tenant.call("set_price", input_usd_per_million="9", **price).error is None
        custom(tenant, "hour", "100")
        custom(tenant, "month", "100")
    with at(MIDNIGHT[0], tick=False):
        reservation_id = tenant.hold("9", **WRITER | {"model": "own"})
    with at(MIDNIGHT[1], tick=False):
        usage = {"input_tokens": 1_000_000}
        assert tenant.call("settle", reservation_id=reservation_id, usage=usage).error is None
    with at(moment, tick=False):
        since = {"from": "2026-11-16T00:00:00Z"}
        assert tenant.call("set_price", input_usd_per_million="4", **price, **since).error is None
        span = {"from": "2026-11-01T00:00:00Z", "to": "2026-12-02T00:00:00Z"}
        page = tenant.call("reprice", dry_run=False, **span, **WHO).body
        entry = next(one for one in tenant.entries() if one["kind"] == "adjustment")

    assert page["difference_usd"] == "-5"
    assert (entry["month"], entry["flags"]) == booked
    in_november = booked[0] == "2026-11"
    assert list(spent(cloud, "budget#hour").values()) == [Decimal(4 if in_november else 9)]
    own = {name[-7:]: amount for name, amount in spent(cloud, "budget#month").items()}
    assert own == {name[-7:]: amount for name, amount in spent(cloud, "agent#writer").items()}
    assert differences(cloud.rows()) == []


def test_a_systems_hour_budget_with_stripes_keeps_its_level_when_an_old_hour_is_corrected(
    tenant: Tenant, door: Door, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "4")
    with at("2026-11-30T22:50:00Z", tick=False):
        assert set_system(door, "hourly", "100", scope="system", period="hour").error is None
        reservation_id = tenant.hold("9", **WRITER)
    with at("2026-11-30T23:02:00Z", tick=False):
        assert tenant.settle(reservation_id, "9").error is None
    with at("2026-11-30T23:03:00Z", tick=False):
        assert tenant.adjust(f"settle:{reservation_id}", "-4").error is None

    rows = [one for one in cloud.rows()["AccountsTable"] if "hourly" in one["pk"]["S"]]
    assert {one["level"]["S"].split("/")[1] for one in rows} == {"100"}
    assert list(spent(cloud, "hourly").values()) == [Decimal(5)]


def test_a_late_correction_by_a_process_that_remembers_older_budgets_moves_todays(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    processes = Processes(monkeypatch)
    with at("2026-11-15T10:00:00Z", tick=False):
        entry_id = tenant.spend("9", **WRITER)
    with at(CLOSED, tick=False):
        tenant.spend("1", **WRITER)
        processes.answer(2)
        custom(tenant, "month", "100")
        processes.answer(1)
        assert tenant.adjust(entry_id, "-9").error is None

    assert list(spent(cloud, "budget#month").values()) == [Decimal(-9)]
    assert differences(cloud.rows()) == []


@pytest.mark.parametrize(("stripes", "period"), [("1", "day"), ("8", "month")])
def test_the_largest_entry_is_corrected_in_its_month_and_after_it(
    cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, stripes: str, period: str
) -> None:
    door = DirectDoor()
    tenant = Tenant(door)
    cloud.set_limits(**GENEROUS)
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    with at("2026-11-15T10:00:00Z", tick=False):
        for number in range(6):
            set_system(door, f"all-{number}", "100", scope="system", period="day")
        own = [
            set_budget(
                tenant, f"own-{number}", "50", period=period, scope="agent", scope_id="writer"
            )
            for number in range(21)
        ]
        for number in range(9):
            parent = {"parent_execution_id": f"run-{number - 1}"} if number else {}
            labels = WRITER | {
                "agent_execution_id": f"run-{number}",
                "workflow_execution_id": "flow",
            }
            entry_id = tenant.spend("9", **labels | parent)
        assert tenant.adjust(entry_id, "-4").error is None
    with at(CLOSED, tick=False):
        assert tenant.adjust(entry_id, "-4").error is None
        assert tenant.record("9", occurred_at="2026-08-01T00:00:00Z", **labels).error is None

    assert {one.error for one in own} == {None, "CONFLICT"}
    assert differences(cloud.rows()) == []
