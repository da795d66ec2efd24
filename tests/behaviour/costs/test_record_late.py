"""A cost of a closed month counts in the month, and in no hour, day or week of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.costs.corrections import CLOSED, WRITER, custom
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import set_system
from tests.support.times import at


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
