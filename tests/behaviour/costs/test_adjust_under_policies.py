"""Corrections under prices, budgets and stripes that change, and under as many as there can be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.costs.corrections import CLOSED, MIDNIGHT, WRITER, custom, spent
from tests.support.doors.doors import DirectDoor, Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO, Processes, set_budget, set_system
from tests.support.times import at


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


def nth_run(number: int) -> dict[str, Any]:
    """A run of the writer in a workflow, below the one before it."""
    parent = {"parent_execution_id": f"run-{number - 1}"} if number else {}
    names = {"agent_execution_id": f"run-{number}", "workflow_execution_id": "flow"}
    return WRITER | names | parent


@pytest.mark.parametrize(("stripes", "period"), [("1", "day"), ("8", "month")])
def test_the_largest_entry_is_corrected_in_its_month_and_after_it(
    cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, stripes: str, period: str
) -> None:
    door = DirectDoor()
    tenant = Tenant(door)
    cloud.set_limits(**GENEROUS)
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    with at("2026-11-15T10:00:00Z", tick=False):
        for number in range(8):
            tenant.spend("9", **nth_run(number))
        for number in range(6):
            set_system(door, f"all-{number}", "100", scope="system", period="day")
        own = [
            set_budget(
                tenant, f"own-{number}", "50", period=period, scope="agent", scope_id="writer"
            )
            for number in range(21)
        ]
        entry_id = tenant.spend("9", **nth_run(8))
        assert tenant.adjust(entry_id, "-4").error is None
    with at(CLOSED, tick=False):
        assert tenant.adjust(entry_id, "-4").error is None
        assert tenant.record("9", occurred_at="2026-08-01T00:00:00Z", **nth_run(8)).error is None

    assert {one.error for one in own} == {None, "CONFLICT"}
    assert differences(cloud.rows()) == []
