"""Where a quarantined cost is booked: settlements, batches, adjustments, repricing and months."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.costs.quarantine import (
    HUGE,
    RUN,
    WHO,
    alerts,
    confirm,
    quarantined,
    reject,
)
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import ago, at, now


def test_a_settlement_above_the_ceiling_closes_its_hold_and_gives_its_money_back(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    hold = tenant.hold("5", **RUN)

    body = tenant.settle(hold, HUGE).body

    assert body["entry"]["flags"] == ["quarantined"]
    assert body["entry"]["reservation_id"] == hold
    assert (body["reservation"]["state"], body["reservation"]["entry_id"]) == (
        "settled", f"settle:{hold}",
    )  # fmt: skip
    usage = tenant.usage()
    assert (usage["spent_usd"], usage["held_usd"], usage["entries"]) == ("0", "0", 0)
    assert tenant.settle(hold, HUGE).body["entry"]["replayed"] is True
    assert not differences(cloud.rows())
    confirm(tenant, f"settle:{hold}").body  # noqa: B018 - must not fail
    assert tenant.usage()["spent_usd"] == HUGE
    assert not differences(cloud.rows())


@pytest.mark.parametrize("release", [True, False])
def test_a_late_settlement_above_the_ceiling_is_quarantined(
    tenant: Tenant, cloud: MemoryCloud, release: Any
) -> None:
    with at("2026-11-22T10:00:00Z"):
        hold = tenant.hold("5", **RUN, expires_in_seconds=60)
        if release:
            tenant.release(hold)
    with at("2026-11-22T10:05:00Z"):
        entry = tenant.settle(hold, HUGE).body["entry"]
        assert entry["flags"] == ["quarantined", "unreserved" if release else "late_settlement"]
        assert tenant.usage()["spent_usd"] == "0"
        assert reject(tenant, entry["entry_id"]).error is None
        assert tenant.settle(hold, HUGE).body["entry"]["decision"]["state"] == "rejected"
    assert not differences(cloud.rows())


def test_a_batch_keeps_apart_only_what_is_above_the_ceiling(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    costs = [
        {"entry_id": f"e{n}", "cost_usd": HUGE if n % 2 else "0.01", "agent_execution_id": f"r{n}"}
        for n in range(100)
    ]
    results = tenant.call("record_costs", costs=costs).body["results"]

    apart = [one["entry"]["entry_id"] for one in results if "quarantined" in one["entry"]["flags"]]
    assert apart == [f"e{n}" for n in range(1, 100, 2)]
    usage = tenant.usage()
    assert (usage["spent_usd"], usage["entries"]) == ("0.5", 50)
    assert len(alerts(tenant, "cost_quarantined")) == 50
    assert len(tenant.entries(limit=1000)) == 100
    assert not differences(cloud.rows())


def test_an_adjustment_touches_nothing_that_counts_nowhere(tenant: Tenant) -> None:
    entry_id = quarantined(tenant, "20000")

    refused = tenant.adjust(entry_id, "-1")
    assert refused.error == "CONFLICT"
    assert "confirm it or reject it first" in refused.message
    confirm(tenant, entry_id)
    tenant.adjust(entry_id, "-19000").body  # noqa: B018 - must not fail
    assert tenant.usage()["spent_usd"] == "1000"
    other = quarantined(tenant)
    reject(tenant, other)
    assert tenant.adjust(other, "-1").error == "CONFLICT"


def test_an_adjustment_by_more_than_one_entry_may_be_is_refused(tenant: Tenant) -> None:
    entry_id = tenant.spend("1")
    assert tenant.adjust(entry_id, HUGE).refusal == ("VALIDATION_ERROR", "amount_usd")
    assert tenant.adjust(entry_id, "10000").error is None


def test_reconcile_makes_nothing_of_a_quarantined_cost(tenant: Tenant, cloud: MemoryCloud) -> None:
    quarantined(tenant)
    tenant.spend("1", **RUN)
    event = {"operation": "reconcile", "tenant_id": tenant.id, "rebuild": True, **WHO}

    found = DirectDoor().invoke("record_cost", json.dumps(event)).body

    assert (found["differences"], found["rebuilt"]) == ([], False)
    assert tenant.usage()["spent_usd"] == "1"
    assert not differences(cloud.rows())


def test_a_priced_cost_above_the_ceiling_is_left_out_of_a_repricing(tenant: Tenant) -> None:
    def price(usd: str) -> None:
        since = {"model": "dear", "from": ago(days=2)}
        assert tenant.call("set_price", **since, call_usd=usd, **WHO).error is None

    price("20000")
    said = {**RUN, "model": "dear", "usage": {"calls": 1}}
    entry = tenant.call("record_cost", **said).body["entry"]
    assert (entry["cost_usd"], entry["flags"]) == ("20000", ["quarantined"])
    price("1")
    span = {"from": ago(days=1), "to": (now() + timedelta(hours=1)).isoformat()}
    event = {"operation": "reprice", "tenant_id": tenant.id, "dry_run": False, **span, **WHO}

    page = DirectDoor().invoke("record_cost", json.dumps(event)).body

    assert (page["quarantined"], page["given"], page["entries"], page["items"]) == (1, 0, 0, [])
    confirm(tenant, entry["entry_id"])
    page = DirectDoor().invoke("record_cost", json.dumps(event)).body
    assert (page["quarantined"], page["difference_usd"]) == (0, "-19999")
    assert tenant.usage()["spent_usd"] == "1"


def test_a_repricing_above_the_ceiling_says_so_and_books_nothing(tenant: Tenant) -> None:
    since = {"model": "dear", "from": ago(days=2)}
    tenant.call("set_price", **since, call_usd="1", **WHO)
    tenant.call("record_cost", **RUN, model="dear", usage={"calls": 1})
    tenant.call("set_price", **since, call_usd="20000", **WHO)
    span = {"from": ago(days=1), "to": (now() + timedelta(hours=1)).isoformat()}

    for dry_run in (True, False):
        event = {"operation": "reprice", "tenant_id": tenant.id, "dry_run": dry_run, **span, **WHO}
        page = DirectDoor().invoke("record_cost", json.dumps(event)).body
        assert (page["failed"], page["difference_usd"]) == (1, "0")
        assert page["items"][0]["error"] == "VALIDATION_ERROR"
    assert tenant.usage()["spent_usd"] == "1"


def test_a_confirmed_cost_is_booked_in_its_own_month_while_that_is_open(tenant: Tenant) -> None:
    with at("2026-11-30T23:50:00Z"):
        entry_id = quarantined(tenant, "20000")
    with at("2026-12-03T23:59:00Z"):
        entry = confirm(tenant, entry_id).body["entry"]
        assert (entry["month"], entry["flags"]) == ("2026-11", [])
        assert tenant.usage(month="2026-11")["spent_usd"] == "20000"
        assert tenant.usage(month="2026-12")["spent_usd"] == "0"


def test_a_cost_confirmed_after_its_month_is_closed_is_late(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at("2026-11-30T23:50:00Z"):
        entry_id = quarantined(tenant, "20000")
    with at("2026-12-04T00:01:00Z"):
        entry = confirm(tenant, entry_id).body["entry"]
        assert (entry["month"], entry["flags"]) == ("2026-12", ["late"])
        assert tenant.usage(month="2026-11")["spent_usd"] == "0"
        assert tenant.usage(month="2026-12")["spent_usd"] == "20000"
        assert tenant.entries()[0]["entry_id"] == entry_id
    assert not differences(cloud.rows())


def test_a_run_keeps_the_workflow_of_its_quarantined_cost(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    entry_id = quarantined(tenant, "20000")

    assert tenant.reserve("1", **RUN | {"workflow_execution_id": "flow-2"}).error == "CONFLICT"
    other = tenant.record("1", **RUN | {"workflow_execution_id": "flow-2"}).body["entry"]
    assert (other["workflow_execution_id"], other["flags"]) == ("flow-1", ["relabelled"])
    confirm(tenant, entry_id)
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "20001"
    assert not differences(cloud.rows())


def test_a_quarantined_cost_is_kept_where_its_run_stands(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="run-1")
    entry = tenant.record(HUGE, **RUN).body["entry"]
    assert (entry["workflow_execution_id"], entry["flags"]) == (
        None, ["relabelled", "quarantined"],
    )  # fmt: skip
