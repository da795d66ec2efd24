"""A correction books where the cost stands while its month is open, and late after that."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.support.builders import Tenant, by_name, gate
from tests.support.costs.corrections import CLOSED, MIDNIGHT, WRITER, custom, over_midnight, spent
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, delete_budget
from tests.support.times import at


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
