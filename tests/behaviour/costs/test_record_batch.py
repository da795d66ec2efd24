"""Booking many costs at once: all of them valid or none recorded, each counted once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.times import at


def cost(amount: Any, **fields: Any) -> dict[str, Any]:
    return {"cost_usd": amount, "agent_execution_id": "run-1", **fields}


def batch(tenant: Tenant, *costs: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    answer = tenant.call("record_costs", costs=list(costs), **fields)
    assert answer.has_status(200)
    return list(answer.body["results"])


def error_of(result: dict[str, Any]) -> str:
    error = result["error"]
    return str(error["error"] if isinstance(error, dict) else error)


def test_the_results_are_in_the_order_of_the_costs(tenant: Tenant) -> None:
    results = batch(tenant, cost("1"), cost("2", agent_execution_id="run-2"), cost("3"))

    assert [result["entry"]["cost_usd"] for result in results] == ["1", "2", "3"]
    assert [result["entry"]["agent_execution_id"] for result in results] == [
        "run-1", "run-2", "run-1",
    ]  # fmt: skip
    assert len({result["entry"]["entry_id"] for result in results}) == 3
    assert tenant.usage()["spent_usd"] == "6"
    assert tenant.call("execution", agent_execution_id="run-1").body["spent_usd"] == "4"


def test_a_hundred_costs_of_many_runs_are_all_booked(tenant: Tenant) -> None:
    amounts = [Decimal(n) / 1000 for n in range(1, 101)]
    costs = [
        cost(str(amount), agent_execution_id=f"run-{n % 40}", workflow_execution_id="flow-1",
             agent=f"agent-{n % 7}", model=f"model-{n % 3}", tokens=n)
        for n, amount in enumerate(amounts)
    ]  # fmt: skip

    results = batch(tenant, *costs)

    assert [Decimal(result["entry"]["cost_usd"]) for result in results] == amounts
    month = tenant.usage()
    assert (month["spent_usd"], month["entries"], month["tokens"]) == ("5.05", 100, 4950)
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "5.05"
    assert tenant.call("agent_costs").body["total_usd"] == "5.05"
    assert len(tenant.entries(limit=1000)) == 100


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_has_one_to_a_hundred_costs(tenant: Tenant, cloud: Cloud, size: int) -> None:
    before = cloud.rows()

    answer = tenant.call("record_costs", costs=[cost("1")] * size)

    assert answer.refusal == ("VALIDATION_ERROR", "costs")
    assert cloud.rows() == before


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (cost("-1"), "costs[3].cost_usd"),
        (cost("1", tokens=-1), "costs[3].tokens"),
        (cost("1", colour="blue"), "costs[3].colour"),
        (cost("1", agent_execution_id="no spaces"), "costs[3].agent_execution_id"),
        (cost("1", entry_id="settle:x"), "costs[3].entry_id"),
        (5, "costs[3]"),
    ],
)
def test_one_invalid_cost_refuses_the_whole_batch_and_records_nothing(
    tenant: Tenant, cloud: Cloud, bad: Any, field: str
) -> None:
    before = cloud.rows()

    answer = tenant.call("record_costs", costs=[cost("1"), cost("2"), cost("3"), bad, cost("4")])

    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert answer.has_status(400)
    assert cloud.rows() == before


def test_the_same_id_twice_in_a_batch_is_booked_once(tenant: Tenant) -> None:
    entry_id = new_id("cost")

    results = batch(tenant, cost("1", entry_id=entry_id), cost("1.0", entry_id=entry_id))

    assert [result["entry"]["replayed"] for result in results] == [False, True]
    assert tenant.usage()["spent_usd"] == "1"


def test_the_same_id_with_another_cost_in_a_batch_is_refused_alone(tenant: Tenant) -> None:
    entry_id = new_id("cost")

    results = batch(tenant, cost("1", entry_id=entry_id), cost("2", entry_id=entry_id), cost("4"))

    assert results[0]["entry"]["cost_usd"] == "1"
    assert error_of(results[1]) == "IDEMPOTENCY_MISMATCH"
    assert results[2]["entry"]["cost_usd"] == "4"
    assert tenant.usage()["spent_usd"] == "5"


def test_a_batch_sent_again_is_booked_once(tenant: Tenant) -> None:
    costs = [cost(str(n), entry_id=new_id("cost"), agent=f"agent-{n}") for n in range(1, 6)]
    first = batch(tenant, *costs)

    second = batch(tenant, *costs)

    assert [result["entry"] for result in second] == [
        {**result["entry"], "replayed": True} for result in first
    ]
    assert tenant.usage()["spent_usd"] == "15"
    assert tenant.usage()["entries"] == 5


def test_known_costs_in_a_batch_do_not_stop_the_new_ones(tenant: Tenant) -> None:
    known = [cost(str(n), entry_id=new_id("cost")) for n in (1, 2)]
    for one in known:
        tenant.call("record_cost", **one)
    other = {**known[1], "cost_usd": "20"}

    results = batch(tenant, known[0], cost("4"), other, cost("8"))

    assert results[0]["entry"]["replayed"] is True
    assert results[1]["entry"]["replayed"] is False
    assert error_of(results[2]) == "IDEMPOTENCY_MISMATCH"
    assert results[3]["entry"]["cost_usd"] == "8"
    assert tenant.usage()["spent_usd"] == "15"


def test_a_cost_that_names_another_workflow_than_its_runs_is_booked_where_the_run_stands(
    tenant: Tenant,
) -> None:
    tenant.spend("1", agent_execution_id="run-1", workflow_execution_id="flow-1")

    results = batch(
        tenant,
        cost("2", workflow_execution_id="flow-1"),
        cost("4", workflow_execution_id="flow-2"),
        cost("8", agent_execution_id="run-2"),
    )

    assert "entry" in results[0]
    assert results[1]["entry"]["workflow_execution_id"] == "flow-1"
    assert [one["entry"]["flags"] for one in results] == [[], ["relabelled"], []]
    assert tenant.usage()["spent_usd"] == "15"


def test_a_parent_first_seen_earlier_in_the_batch_is_known(tenant: Tenant) -> None:
    results = batch(
        tenant,
        cost("1", agent_execution_id="root"),
        cost("2", agent_execution_id="child", parent_execution_id="root"),
    )

    assert all("entry" in result for result in results)
    assert tenant.call("execution", agent_execution_id="root").body["spent_usd"] == "3"


@pytest.mark.parametrize("child", ["a-child", "z-child"])  # sorted before and after the root
def test_a_run_opened_beside_its_child_keeps_its_workflow(tenant: Tenant, child: str) -> None:
    root = {"agent_execution_id": "root", "workflow_execution_id": "flow-1"}
    batch(
        tenant,
        cost("1", **root),
        cost("2", agent_execution_id=child, parent_execution_id="root"),
    )

    answer = tenant.reserve("4", agent_execution_id="root", workflow_execution_id="flow-2")

    assert answer.error == "CONFLICT"
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == "3"


def test_usage_without_a_cost_in_a_batch_records_nothing_for_it(tenant: Tenant) -> None:
    unpriced = {"agent_execution_id": "run-1", "model": "gpt-x", "usage": {"input_tokens": 1}}

    answer = tenant.call("record_costs", costs=[cost("1"), unpriced])

    if answer.error:
        assert answer.error == "UNKNOWN_PRICE"
        assert tenant.usage()["spent_usd"] == "0"
    else:
        assert error_of(answer.body["results"][1]) == "UNKNOWN_PRICE"
        assert tenant.usage()["spent_usd"] == "1"


def test_costs_of_two_months_in_one_batch_go_to_their_own(tenant: Tenant) -> None:
    with at("2026-12-02T10:00:00Z"):
        batch(tenant, cost("1", occurred_at="2026-11-30T10:00:00Z"), cost("2"))

        assert tenant.usage(month="2026-11")["spent_usd"] == "1"
        assert tenant.usage(month="2026-12")["spent_usd"] == "2"


def test_costs_that_have_nothing_in_common_are_all_booked(tenant: Tenant) -> None:
    costs = [
        cost("0.01", agent_execution_id=f"run-{n}", workflow_execution_id=f"flow-{n}",
             agent=f"agent-{n}", model=f"model-{n}",
             occurred_at=f"2020-01-{n % 28 + 1:02}T10:00:00Z")
        for n in range(100)
    ]  # fmt: skip

    batch(tenant, *costs)

    assert (tenant.usage()["spent_usd"], tenant.usage()["entries"]) == ("1", 100)
    assert len(tenant.call("model_costs").body["items"]) == 100
    assert len(tenant.entries(limit=1000)) == 100
