"""Suspended: everything that asks is refused at once, and every cost is still recorded."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, Processes, run


@pytest.fixture(params=["1", "3"], ids=["whole", "striped"])
def processes(
    cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Processes:
    """Processes that remember."""
    monkeypatch.setenv("TENANT_STRIPES", request.param)
    return Processes(monkeypatch)


def test_a_suspension_stops_every_process_at_once(
    tenant: Tenant, processes: Processes, door: Door
) -> None:
    other = Tenant(door)
    for number in (1, 2, 3):
        processes.answer(number)
        assert tenant.reserve("1", **run(number)).body["allowed"]
    processes.answer(1)
    stopped = tenant.call("suspend", by="maria", reason="it loops").body
    assert stopped["state"] == "suspended"

    for number in (1, 2, 3):
        processes.answer(number)
        for ask in (tenant.check, tenant.reserve):
            refused = ask("0", **run(number)).body
            assert (refused["allowed"], refused["action"]) == (False, "block")
            assert refused["reason_code"] == "TENANT_SUSPENDED"
            assert refused["reason"].startswith("Tenant suspended by maria since 20")
            assert refused["reason"].endswith("it loops")
            assert (refused["unblock"], refused["reservation"]) == ("reinstate the tenant", None)
            assert refused["status"]["held_usd"] == "3"
        assert other.reserve("1").body["allowed"]

    processes.answer(2)
    assert tenant.call("reinstate", **WHO).body["state"] == "active"
    for number in (1, 2, 3):
        processes.answer(number)
        assert tenant.reserve("1", **run(number)).body["allowed"]


def test_a_tenant_never_seen_can_be_suspended(tenant: Tenant, processes: Processes) -> None:
    processes.answer(2)
    tenant.check("1")
    processes.answer(1)
    tenant.call("suspend", **WHO)
    processes.answer(2)
    assert tenant.reserve("1").body["reason_code"] == "TENANT_SUSPENDED"
    assert tenant.usage()["entries"] == 0


def test_costs_are_recorded_and_holds_end_while_suspended(
    tenant: Tenant, processes: Processes, cloud: MemoryCloud
) -> None:
    holds = [tenant.hold("1", **run()) for _ in range(3)]
    cost = tenant.spend("1", **run())
    processes.answer(2)
    tenant.call("suspend", **WHO)
    processes.answer(1)

    assert tenant.settle(holds[0], "2").has_status(201)
    assert tenant.release(holds[1]).body["state"] == "released"
    assert tenant.settle(holds[1], "0.5").body["entry"]["flags"] == ["unreserved"]
    extended = tenant.call("extend", reservation_id=holds[2], expires_in_seconds=3600)
    assert extended.body["state"] == "open"
    assert tenant.record("3", **run(2)).has_status(201)
    batch = tenant.call("record_costs", costs=[{"cost_usd": "1", **run(3)}]).body
    assert batch["results"][0]["entry"]["cost_usd"] == "1"
    assert tenant.adjust(cost, "-0.5").error is None
    assert tenant.usage()["spent_usd"] == "7"
    assert not differences(cloud.rows())


def test_a_hold_that_was_granted_replays_while_suspended(tenant: Tenant) -> None:
    tenant.hold("1", reservation_id="r", **run())
    tenant.call("suspend", **WHO)

    again = tenant.reserve("1", reservation_id="r", **run()).body
    assert (again["allowed"], again["replayed"]) == (True, True)


def test_twice_is_once_and_both_are_in_the_history(tenant: Tenant) -> None:
    first = tenant.call("suspend", by="maria", reason="it loops").body
    second = tenant.call("suspend", by="bob", reason="me too").body
    assert second["suspended"] == first["suspended"]
    assert tenant.call("get_tenant").body["suspended"]["by"] == "maria"
    for _ in range(2):
        assert tenant.call("reinstate", **WHO).body["suspended"] is None

    told = tenant.call("tenant_history").body["items"]
    assert [one["operation"] for one in told] == ["reinstate"] * 2 + ["suspend"] * 2
    assert [one["by"] for one in told] == ["maria", "maria", "bob", "maria"]
    assert (told[-1]["before"]["state"], told[-1]["after"]["state"]) == ("active", "suspended")


def test_a_suspension_is_made_once_under_its_key(tenant: Tenant) -> None:
    first = tenant.call("suspend", idempotency_key="stop", **WHO).body
    tenant.call("reinstate", **WHO)
    again = tenant.call("suspend", idempotency_key="stop", **WHO).body

    assert again == {**first, "replayed": True}
    assert tenant.call("get_tenant").body["state"] == "active"
    other = tenant.call("reinstate", idempotency_key="stop", **WHO)
    assert other.refusal == ("IDEMPOTENCY_MISMATCH", "idempotency_key")
