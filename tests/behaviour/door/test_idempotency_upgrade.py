"""Rows of the version that made ids of keys, and kept few names, replay after the upgrade."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, budgets, cap, delete_budget, lift

RUN = {"agent_execution_id": "run-1"}
KEY = {"idempotency_key": "key-1"}
MISMATCH = "IDEMPOTENCY_MISMATCH"


def forget_keys(cloud: MemoryCloud, *, kept_with_decisions: bool = False) -> None:
    """No key has a row of its own, or it is where decisions had theirs."""
    tables = cloud.database._tables  # noqa: SLF001 - as an earlier version wrote them
    held, decided = (tables[cloud.tables[f"{one}Table"]] for one in ("Reservations", "Budgets"))
    keys = [(key, item) for key, item in held.rows.items() if "#operation#" in key[0]]
    assert keys
    for (pk,), item in keys:
        held.put((pk,), None, 0)
        if kept_with_decisions:
            earlier = pk.replace("#operation#", "#operation#idempotency_key%23")
            decided.put((earlier,), {**item, "pk": {"S": earlier}}, 0)


def test_costs_and_holds_named_by_a_key_alone_are_replayed(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    def everything(replayed: bool) -> None:  # noqa: FBT001 - what is asserted
        cost = tenant.record("1", **RUN, idempotency_key="a").body["entry"]
        hold = tenant.reserve("1", **RUN, idempotency_key="b").body
        less = tenant.adjust(cost["entry_id"], "-0.5", idempotency_key="c").body["entry"]
        costs = [{**RUN, "cost_usd": "1"}, {**RUN, "cost_usd": "2"}]
        batch = tenant.call("record_costs", costs=costs, idempotency_key="d").body["results"]
        found = [cost, hold, less, *(one["entry"] for one in batch)]
        assert [one["replayed"] for one in found] == [replayed] * 5

    everything(replayed=False)
    forget_keys(cloud)

    everything(replayed=True)
    assert (tenant.usage()["spent_usd"], tenant.usage()["held_usd"]) == ("3.5", "1")
    assert tenant.record("2", **RUN, idempotency_key="a").refusal == (MISMATCH, "cost_usd")


def test_a_key_that_was_not_looked_at_beside_an_id_is_that_ids_from_now_on(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", entry_id="cost-1", **RUN, **KEY)
    forget_keys(cloud)

    assert tenant.record("1", entry_id="cost-1", **RUN, **KEY).body["entry"]["replayed"] is True
    assert tenant.record("1", entry_id="cost-2", **RUN, **KEY).refusal == (MISMATCH, "entry_id")


@pytest.mark.parametrize("name", [{"raise_id": "r1"}, {}, {"raise_id": "r1", **KEY}, KEY])
def test_a_raise_is_replayed_by_its_id_or_its_key(
    tenant: Tenant, cloud: MemoryCloud, name: dict[str, str]
) -> None:
    cap(tenant, "2")
    first = lift(tenant, "cap", "1", **{**KEY, **name}).body
    forget_keys(cloud)

    again = lift(tenant, "cap", "1", **{**KEY, **name}).body

    assert again == {**first, "replayed": True}
    assert budgets(tenant)["cap"]["limit_usd"] == "3"
    assert lift(tenant, "cap", "2", **KEY).error == MISMATCH


def test_the_keys_that_were_kept_with_decisions_are_still_theirs(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    put = cap(tenant, "2", idempotency_key="put").body
    gone = delete_budget(tenant, "cap", idempotency_key="gone").body
    flow = {"workflow_execution_id": "flow-1", **WHO}
    tenant.call("pause", idempotency_key="halt", **flow).body  # noqa: B018 - must not fail
    forget_keys(cloud, kept_with_decisions=True)
    before = cloud.rows()

    assert cap(tenant, "2", idempotency_key="put").body == {**put, "replayed": True}
    assert delete_budget(tenant, "cap", idempotency_key="gone").body == {**gone, "replayed": True}
    assert tenant.call("pause", idempotency_key="halt", **flow).body["replayed"] is True
    assert cap(tenant, "3", idempotency_key="put").refusal == (MISMATCH, "limit_usd")
    other = tenant.call("resume", idempotency_key="halt", **flow)
    assert other.refusal == (MISMATCH, "idempotency_key")
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", ["record_cost", "reserve"])
def test_tags_stored_in_another_order_are_the_same_request(
    tenant: Tenant, cloud: MemoryCloud, operation: str
) -> None:
    content: dict[str, Any] = {
        "record_cost": {"cost_usd": "1", "entry_id": "name-1"},
        "reserve": {"estimated_cost_usd": "1", "reservation_id": "name-1"},
    }[operation]
    tenant.call(operation, tags=["b", "a"], **RUN, **content).body  # noqa: B018
    for table in cloud.database._tables.values():  # noqa: SLF001 - as an earlier version wrote
        for key, item in list(table.rows.items()):
            if "request" in item:
                stored = item["request"]["S"].replace('["a","b"]', '["b","a"]')
                assert stored != item["request"]["S"]
                table.put(key, {**item, "request": {"S": stored}}, 0)

    for tags in (["b", "a"], ["a", "b"]):
        again = tenant.call(operation, tags=tags, **RUN, **content).body
        assert again.get("entry", again)["replayed"] is True
    assert tenant.call(operation, tags=["a"], **RUN, **content).refusal == (MISMATCH, "tags")
