"""A cost above the ceiling per entry counts only after a person confirms it, and sends an alert."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.costs.quarantine import (
    HUGE,
    RUN,
    WHO,
    alerts,
    confirm,
    moved,
    quarantined,
    reject,
)
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at


def test_a_cost_of_999999999999_usd_blocks_no_tenant(
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


def test_it_alerts_once_as_critical(tenant: Tenant) -> None:
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
