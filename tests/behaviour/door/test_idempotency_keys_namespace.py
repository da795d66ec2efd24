"""A key names one request of all operations; tags are a set; a repeat keeps its key."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.doors.idempotency_keys import (
    KEY,
    MISMATCH,
    RUN,
    assert_refused,
    batch,
)
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, cap, set_system
from tests.support.times import later

# One namespace

COSTS = ("record_cost", "record_costs", "settle", "draw", "adjust")
OPERATIONS = (*COSTS, "reserve", "release", "extend")
DECISIONS = ("pause", "resume", "set_budget", "delete_budget", "raise_limit", "suspend")


def act(tenant: Tenant, operation: str, **fields: Any) -> Any:
    """Anything that takes a key, on a hold and a cost that are there."""
    content: dict[str, dict[str, Any]] = {
        "record_cost": {"cost_usd": "1", **RUN},
        "record_costs": {"costs": [{"cost_usd": "1", **RUN}]},
        "reserve": {"estimated_cost_usd": "1", **RUN},
        "settle": {"reservation_id": "hold-0", "cost_usd": "1"},
        "draw": {"reservation_id": "hold-0", "cost_usd": "1"},
        "release": {"reservation_id": "hold-0"},
        "extend": {"reservation_id": "hold-0", "expires_in_seconds": 5000},
        "adjust": {"entry_id": "cost-0", "amount_usd": "-1", **WHO},
        "pause": {"workflow_execution_id": "flow-0", **WHO},
        "resume": {"workflow_execution_id": "flow-0", **WHO},
        "suspend": WHO,
        "set_budget": {"budget_id": "tenant-month", "limit_usd": "5", **WHO},
        "delete_budget": {"budget_id": "cap", **WHO},
        "raise_limit": {"budget_id": "cap", "amount_usd": "1", **WHO},
    }
    return tenant.call(operation, **content[operation], **fields)


def furnish(tenant: Tenant) -> None:
    tenant.hold("1", reservation_id="hold-0", **RUN)
    tenant.spend("5", entry_id="cost-0", **RUN)
    tenant.spend("1", workflow_execution_id="flow-0")
    cap(tenant, "500")


@pytest.mark.parametrize("first", [*OPERATIONS, *DECISIONS])
def test_one_key_names_one_request_at_all_14_doors(
    tenant: Tenant, cloud: MemoryCloud, first: str
) -> None:
    furnish(tenant)
    act(tenant, first, **KEY).body  # noqa: B018 - must not fail
    before = cloud.rows()

    for second in (*OPERATIONS, *DECISIONS):
        answer = act(tenant, second, **KEY)
        if second == first:
            assert answer.error is None
        elif answer.error != "CONFLICT":  # such as extending what is settled: nothing is changed
            assert answer.refusal == (MISMATCH, "idempotency_key"), second
        assert cloud.rows() == before


def test_a_single_cost_and_a_batch_of_it_are_two_requests(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", **RUN, **KEY)
    before = cloud.rows()
    assert_refused(tenant, cloud, "idempotency_key", batch(tenant, "1", **KEY), before)


def test_the_system_has_keys_of_its_own(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.spend("1", **RUN, **KEY)
    for replayed in (False, True):
        put = set_system(tenant.door, "system-month", "50", **KEY).body
        assert put["replayed"] is replayed
    assert set_system(tenant.door, "system-month", "60", **KEY).refusal == (MISMATCH, "limit_usd")


def test_a_key_of_a_repricing_names_its_range(cloud: MemoryCloud) -> None:
    tenant = Tenant(DirectDoor())
    asked = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z", "dry_run": False, **WHO}
    for _ in range(2):
        assert tenant.call("reprice", **asked, **KEY).error is None
    before = cloud.rows()

    other = tenant.call("reprice", **asked | {"to": "2026-03-01T00:00:00Z"}, **KEY)
    assert_refused(tenant, cloud, "to", other, before)
    taken = tenant.record("1", **RUN, **KEY)
    assert_refused(tenant, cloud, "idempotency_key", taken, before)


# Tags are a set


@pytest.mark.parametrize("operation", ["record_cost", "reserve"])
def test_tags_a_b_and_b_a_are_the_same_request(
    tenant: Tenant, cloud: MemoryCloud, operation: str
) -> None:
    money = {"record_cost": "cost_usd", "reserve": "estimated_cost_usd"}[operation]
    id_field = {"record_cost": "entry_id", "reserve": "reservation_id"}[operation]
    asked: dict[str, Any] = {money: "1", id_field: "name-1", **RUN, **KEY}
    first = tenant.call(operation, tags=["b", "a"], **asked).body
    before = cloud.rows()

    again = tenant.call(operation, tags=["a", "b", "a"], **asked).body

    shown = again.get("entry") or again["reservation"]
    assert shown["tags"] == ["b", "a"]
    assert again.get("entry", again)["replayed"] is True
    assert first.get("entry", first)["replayed"] is False
    assert cloud.rows() == before
    for other in (["a"], ["a", "b", "c"], ["a", "c"]):
        answer = tenant.call(operation, tags=other, **asked)
        assert_refused(tenant, cloud, "tags", answer, before)


def test_tags_of_a_batch_are_a_set(tenant: Tenant) -> None:
    def send(*tags: str) -> Any:
        costs = [{"cost_usd": "1", "tags": list(tags), **RUN}]
        return tenant.call("record_costs", costs=costs, **KEY)

    send("b", "a").body  # noqa: B018 - must not fail
    assert send("a", "b").body["results"][0]["entry"]["replayed"] is True
    assert send("a").refusal == (MISMATCH, "costs[0]")


# What changed nothing


def test_an_extension_that_changed_nothing_takes_its_key(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=900, **RUN)
    shorter = {"reservation_id": reservation_id, "expires_in_seconds": 60, **KEY}
    first = tenant.call("extend", **shorter).body
    before = cloud.rows()

    other = tenant.call("extend", **shorter | {"expires_in_seconds": 7200})
    assert_refused(tenant, cloud, "expires_in_seconds", other, before)
    with later(seconds=890):  # 60 seconds from then would be more
        assert tenant.call("extend", **shorter).body["expires_at"] == first["expires_at"]
        assert cloud.rows() == before


@pytest.mark.parametrize("end", ["released", "expired"])
def test_a_release_that_changed_nothing_takes_its_key(
    tenant: Tenant, cloud: MemoryCloud, end: str
) -> None:
    ended = tenant.hold("1", expires_in_seconds=60, **RUN)
    other = tenant.hold("1", expires_in_seconds=3600, **RUN)
    if end == "released":
        tenant.release(ended)
    with later(seconds=61):
        assert tenant.release(ended, **KEY).body["state"] == end
        before = cloud.rows()

        assert_refused(tenant, cloud, "reservation_id", tenant.release(other, **KEY), before)
        assert tenant.release(ended, **KEY).body["state"] == end
    assert tenant.reservation(other)["state"] == "open"
