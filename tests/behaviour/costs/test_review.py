"""A cost above the ceiling per entry is kept and told of; it counts once a person confirms it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Answer, DirectDoor, Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import ago, at, now

WHO = {"by": "maria", "reason": "the invoice says so"}
RUN = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1", "agent": "writer"}
HUGE = "999999999999"


def quarantined(tenant: Tenant, amount: str = HUGE, **fields: Any) -> str:
    """Record a cost above the ceiling; answers its id."""
    entry = tenant.record(amount, **RUN | fields).body["entry"]
    assert "quarantined" in entry["flags"]
    return str(entry["entry_id"])


def confirm(tenant: Tenant, entry_id: str, **fields: Any) -> Answer:
    return tenant.call("confirm_cost", entry_id=entry_id, **WHO | fields)


def reject(tenant: Tenant, entry_id: str, **fields: Any) -> Answer:
    return tenant.call("reject_cost", entry_id=entry_id, **WHO | fields)


def alerts(tenant: Tenant, kind: str) -> list[dict[str, Any]]:
    found = tenant.call("alerts").body["items"]
    return [one for one in found if one["kind"] == kind]


def moved(cloud: MemoryCloud) -> set[str]:
    """The accounts that hold anything."""
    counters = {"spent", "held", "committed", "entries", "tokens", "input_tokens", "holds"}
    return {
        row["pk"]["S"]
        for row in cloud.rows()["AccountsTable"]
        if any(float(row[name]["N"]) for name in counters & row.keys())
    }


def test_a_cost_of_999999999999_usd_stops_nobody(
    tenant: Tenant, cloud: MemoryCloud, door: Door
) -> None:
    answer = tenant.record(HUGE, **RUN, tokens=1000)

    assert answer.has_status(201)
    assert answer.body["entry"]["flags"] == ["quarantined"]
    assert answer.body["entry"]["decision"] is None
    assert gate(answer.body, "tenant-month")["spent_usd"] == "0"
    assert moved(cloud) == set()
    usage = tenant.usage()
    assert (usage["spent_usd"], usage["entries"], usage["tokens"]) == ("0", 0, 0)
    for breakdown in ("agent_costs", "model_costs", "daily_costs"):
        assert tenant.call(breakdown).body["items"] == []
    assert Tenant(door).reserve("10").body["allowed"]
    assert tenant.reserve("10").body["allowed"]


@pytest.mark.parametrize(
    ("amount", "apart"), [("10000", False), ("10000.000000000001", True), ("0", False)]
)
def test_a_cost_of_exactly_10000_usd_counts_and_one_above_it_does_not(
    tenant: Tenant, amount: str, apart: Any
) -> None:
    entry = tenant.record(amount).body["entry"]
    assert ("quarantined" in entry["flags"]) is apart
    assert tenant.usage()["entries"] == (0 if apart else 1)


def test_it_is_told_of_as_critical_once(tenant: Tenant) -> None:
    entry_id = quarantined(tenant, entry_id="slip")
    tenant.record(HUGE, **RUN, entry_id="slip")

    (alert,) = alerts(tenant, "cost_quarantined")
    assert (alert["severity"], alert["entry_id"], alert["cost_usd"]) == (
        "critical", entry_id, HUGE,
    )  # fmt: skip
    assert alert["most_per_entry_usd"] == "10000"


def test_every_list_shows_it_with_its_flag(tenant: Tenant) -> None:
    entry_id = quarantined(tenant)

    (entry,) = tenant.entries()
    assert (entry["entry_id"], entry["flags"]) == (entry_id, ["quarantined"])
    for operation, name in (
        ("execution", "agent_execution_id"),
        ("workflow", "workflow_execution_id"),
    ):
        body = tenant.call(operation, **{name: RUN[name]}).body
        assert (body["spent_usd"], body["entries"]) == ("0", 0)
        assert [one["flags"] for one in body["items"]] == [["quarantined"]]
    text = tenant.call("ledger", headers={"Accept": "text/csv"}).body["csv"]
    header, line, *_ = text.splitlines()
    assert dict(zip(header.split(","), line.split(","), strict=True))["flags"] == "quarantined"


def test_a_confirmed_cost_counts_in_full_and_says_who_confirmed_it(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    entry_id = quarantined(tenant, "20000", tokens=7)

    with at("2026-11-22T10:00:00Z", tick=False):
        answer = confirm(tenant, entry_id)

    assert answer.has_status(200)
    entry = answer.body["entry"]
    assert (entry["flags"], entry["replayed"]) == ([], False)
    assert {"state": "confirmed", **WHO, "at": "2026-11-22T10:00:00Z"}.items() <= entry[
        "decision"
    ].items()
    usage = tenant.usage(month=entry["month"])
    assert (usage["spent_usd"], usage["entries"], usage["tokens"]) == ("20000", 1, 7)
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "20000"
    assert not tenant.check("1").body["allowed"]
    assert not differences(cloud.rows())


def test_a_rejected_cost_never_counts_and_keeps_its_flag(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    entry_id = quarantined(tenant)

    entry = reject(tenant, entry_id).body["entry"]

    assert (entry["flags"], entry["decision"]["state"]) == (["quarantined"], "rejected")
    assert tenant.usage()["spent_usd"] == "0"
    assert tenant.entries()[0]["decision"]["reason"] == WHO["reason"]
    assert moved(cloud) == set()


@pytest.mark.parametrize(("first", "other"), [(confirm, reject), (reject, confirm)])
def test_the_same_decision_twice_is_a_replay_and_the_other_one_a_conflict(
    tenant: Tenant, cloud: MemoryCloud, first: Any, other: Any
) -> None:
    entry_id = quarantined(tenant, "20000")
    decided = first(tenant, entry_id).body["entry"]

    again = first(tenant, entry_id, by="noah", reason="another")

    assert again.has_status(200)
    assert again.body["entry"] == decided | {"replayed": True}
    assert other(tenant, entry_id).error == "CONFLICT"
    assert tenant.usage()["spent_usd"] == ("20000" if first is confirm else "0")
    assert not differences(cloud.rows())


def test_a_key_names_the_decision_and_is_remembered_where_nothing_changed(tenant: Tenant) -> None:
    one, two = (quarantined(tenant, entry_id=name) for name in ("one", "two"))
    confirm(tenant, one, idempotency_key="key")

    assert confirm(tenant, one, idempotency_key="key").body["entry"]["replayed"] is True
    for changed in (
        confirm(tenant, two, idempotency_key="key"),
        confirm(tenant, one, idempotency_key="key", reason="another"),
        reject(tenant, two, idempotency_key="key"),
    ):
        assert changed.error == "IDEMPOTENCY_MISMATCH"
    assert confirm(tenant, one, idempotency_key="later").error is None
    assert reject(tenant, two, idempotency_key="later").error == "IDEMPOTENCY_MISMATCH"
    assert reject(tenant, two).error is None


def test_a_replay_of_the_cost_answers_it_as_it_is_now(tenant: Tenant) -> None:
    entry_id = quarantined(tenant, "20000", entry_id="slip")
    confirm(tenant, entry_id)

    answer = tenant.record("20000", **RUN, entry_id="slip")

    assert answer.has_status(200)
    assert (answer.body["entry"]["flags"], answer.body["entry"]["replayed"]) == ([], True)
    assert answer.body["entry"]["decision"]["state"] == "confirmed"
    assert tenant.record("20001", **RUN, entry_id="slip").error == "IDEMPOTENCY_MISMATCH"
    assert tenant.usage()["spent_usd"] == "20000"


def test_what_is_unknown_or_not_quarantined_cannot_be_decided_on(
    tenant: Tenant, door: Door
) -> None:
    plain = tenant.spend("1")
    entry_id = quarantined(tenant)

    for decide in (confirm, reject):
        assert decide(tenant, "nothing").error == "NOT_FOUND"
        assert decide(tenant, plain).error == "CONFLICT"
        assert decide(Tenant(door), entry_id).error == "NOT_FOUND"
        for missing in ("by", "reason"):
            assert decide(tenant, entry_id, **{missing: None}).refusal == (
                "VALIDATION_ERROR", missing,
            )  # fmt: skip


def test_the_owner_of_a_tenant_decides_on_none_of_its_costs(tenant: Tenant) -> None:
    tenant.call("set_tenant", owner="lee@shop.example", **WHO)
    entry_id = quarantined(tenant)

    for decide in (confirm, reject):
        assert decide(tenant, entry_id, by="Lee@Shop.example").error == "FORBIDDEN"
    assert tenant.entries()[0]["decision"] is None


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
