"""A batch is booked as if its costs had come one by one, in their order."""

from __future__ import annotations

from typing import Any

from tests.behaviour.costs.test_record_batch import batch, cost, error_of
from tests.support.builders import Tenant, new_id


def test_a_run_is_first_used_by_its_first_cost_that_is_booked(tenant: Tenant) -> None:
    known = tenant.spend("1", agent_execution_id="other")
    results = batch(
        tenant,
        cost("2", entry_id=known),
        cost("4", workflow_execution_id="flow-1"),
        cost("8"),
    )

    assert error_of(results[0]) == "IDEMPOTENCY_MISMATCH"
    assert [one["entry"]["workflow_execution_id"] for one in results[1:]] == ["flow-1", "flow-1"]


def test_an_earlier_cost_under_the_same_id_opens_its_run_first(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="run-2")
    twice = new_id("cost")
    results = batch(
        tenant,
        cost("2", entry_id=twice, agent_execution_id="run-2", workflow_execution_id="flow-1"),
        cost("4", entry_id=twice),
        cost("8", workflow_execution_id="flow-1"),
    )

    assert results[0]["entry"]["flags"] == ["relabelled"]
    assert error_of(results[1]) == "IDEMPOTENCY_MISMATCH"
    assert results[2]["entry"]["workflow_execution_id"] == "flow-1"


def test_parents_that_wait_for_each_other_stop_no_other_cost(tenant: Tenant) -> None:
    results = batch(
        tenant,
        cost("1", agent_execution_id="egg", parent_execution_id="hen"),
        cost("2", agent_execution_id="hen", parent_execution_id="egg"),
        cost("4", agent_execution_id="hen"),
    )

    assert results[0]["entry"]["cost_usd"] == "1"  # and so the hen was first
    assert results[1]["entry"]["flags"] == ["relabelled"]
    assert results[1]["entry"]["parent_execution_id"] is None
    assert results[2]["entry"]["cost_usd"] == "4"
    assert tenant.call("execution", agent_execution_id="hen").body["spent_usd"] == "7"


def test_children_who_say_that_their_new_parent_is_elsewhere_are_booked_where_it_is(
    tenant: Tenant,
) -> None:
    def child(name: str, flow: str) -> dict[str, Any]:
        return {"agent_execution_id": name, "workflow_execution_id": flow}

    results = batch(
        tenant,
        cost("1", **child("a", "flow-1"), parent_execution_id="root"),
        cost("2", **child("b", "flow-2"), parent_execution_id="root"),
        cost("4", **child("c", "flow-1"), parent_execution_id="root"),
    )

    assert [one["entry"]["flags"] for one in results] == [[], ["relabelled"], []]
    assert tenant.call("execution", agent_execution_id="root").body["spent_usd"] == "7"
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "7"
