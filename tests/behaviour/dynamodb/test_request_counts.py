"""How often DynamoDB is asked: one write for each movement of money, one read for each check."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.dynamodb.calls import recorded_calls
from tests.support.rules.governing import cap

WRITE = "TransactWriteItems"
READ = "BatchGetItem"
LABELS = {
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "agent": "writer",
    "model": "gpt-x",
}
GATES = pytest.mark.parametrize(
    ("include_gates", "expected"), [(False, [WRITE]), (True, [WRITE, READ])]
)


@pytest.fixture(params=["cold", "warm"])
def policy(request: pytest.FixtureRequest, tenant: Tenant) -> list[str]:
    """How the policy is read by the first request of a process, and by one after others."""
    if request.param == "cold":
        return [READ]
    tenant.settle(tenant.hold("1", **LABELS), "1")
    tenant.spend("1", **LABELS)
    return []


@GATES
def test_a_reserve_is_one_write(
    tenant: Tenant, policy: list[str], *, include_gates: bool, expected: list[str]
) -> None:
    with recorded_calls() as calls:
        assert tenant.reserve("1", include_gates=include_gates, **LABELS).body["allowed"] is True

    assert calls.operations == [*policy, *expected]


@GATES
def test_a_recorded_cost_is_one_write(
    tenant: Tenant, policy: list[str], *, include_gates: bool, expected: list[str]
) -> None:
    with recorded_calls() as calls:
        tenant.record("1", include_gates=include_gates, **LABELS).body  # noqa: B018 - must not fail

    assert calls.operations == [*policy, *expected]


@GATES
@pytest.mark.parametrize("how", ["with its receipt", "in the process that took the hold"])
def test_a_settlement_is_one_write(
    cloud: Cloud,
    tenant: Tenant,
    policy: list[str],
    *,
    include_gates: bool,
    expected: list[str],
    how: str,
) -> None:
    held = tenant.reserve("1", **LABELS).body["reservation"]
    given: dict[str, Any] = {"include_gates": include_gates}
    if how == "with its receipt":
        given["receipt"] = held["receipt"]
        cloud.start_another_process()
        policy = [READ]
    else:
        policy = []

    with recorded_calls() as calls:
        tenant.settle(held["reservation_id"], "1", **given).body  # noqa: B018 - must not fail

    assert calls.operations == [*policy, *expected]


def test_a_check_is_one_consistent_read(tenant: Tenant, policy: list[str]) -> None:
    with recorded_calls() as calls:
        tenant.check("1", **LABELS).body  # noqa: B018 - must not fail

    assert calls.operations == [*policy, READ]
    for call in calls:
        assert all(asked["ConsistentRead"] for asked in call.request["RequestItems"].values())


def test_a_check_that_refuses_is_one_consistent_read(tenant: Tenant, policy: list[str]) -> None:
    with recorded_calls() as calls:
        assert tenant.check("11", **LABELS).body["allowed"] is False

    assert calls.operations == [*policy, READ]


@pytest.mark.parametrize("include_gates", [True, False])
@pytest.mark.parametrize("amount", ["9.5", "11"])
def test_a_refused_reserve_moves_no_money(
    tenant: Tenant, cloud: Cloud, amount: str, *, include_gates: bool
) -> None:
    tenant.hold("1", **LABELS)
    before = cloud.rows()

    with recorded_calls() as calls:
        decision = tenant.reserve(amount, include_gates=include_gates, **LABELS).body

    assert decision["allowed"] is False
    assert not any(call.wrote for call in calls)
    assert len(calls) <= 3  # the write that failed, the numbers, and expired holds in the way
    assert cloud.rows() == before


def test_a_replay_writes_nothing(tenant: Tenant) -> None:
    def everything() -> None:
        tenant.reserve("1", reservation_id="hold-1", **LABELS)
        tenant.record("1", entry_id="cost-1", **LABELS)
        tenant.adjust("cost-1", "-1", adjustment_id="fix-1")
        tenant.reserve("1", reservation_id="hold-2", **LABELS)

    everything()
    tenant.settle("hold-2", "1")

    with recorded_calls() as calls:
        everything()
        tenant.settle("hold-2", "1")

    assert not any(call.wrote for call in calls)


def test_only_transactions_write(tenant: Tenant) -> None:
    with recorded_calls() as calls:
        entry_id = tenant.spend("1", **LABELS)
        tenant.adjust(entry_id, "-1")
        tenant.settle(tenant.hold("1", **LABELS), "2")
        tenant.call("extend", reservation_id=tenant.hold("1"), expires_in_seconds=7200)
        tenant.release(tenant.hold("1", **LABELS))
        costs = [{"cost_usd": "1", "agent_execution_id": f"run-{n}"} for n in range(3)]
        tenant.call("record_costs", costs=costs)

    assert {call.operation for call in calls if call.wrote} == {WRITE}


def test_no_request_scans(tenant: Tenant) -> None:
    with recorded_calls() as calls:
        tenant.settle(tenant.hold("1", **LABELS), "1")
        for operation in ("tenant_usage", "agent_costs", "model_costs", "daily_costs", "ledger"):
            tenant.call(operation).body  # noqa: B018 - must not fail
        tenant.call("execution", agent_execution_id="run-1").body  # noqa: B018 - must not fail
        tenant.call("workflow", workflow_execution_id="flow-1").body  # noqa: B018 - must not fail
        tenant.door.call("system_usage").body  # noqa: B018 - must not fail

    assert "Scan" not in calls.operations


@pytest.mark.parametrize("runs", [1, 5])
def test_a_hundred_costs_of_a_few_runs_take_a_handful_of_transactions(
    tenant: Tenant, runs: int
) -> None:
    costs = [
        {**LABELS, "cost_usd": "0.01", "agent_execution_id": f"run-{n % runs}"} for n in range(100)
    ]

    with recorded_calls() as calls:
        tenant.call("record_costs", costs=costs).body  # noqa: B018 - must not fail

    writes = [call for call in calls if call.operation == WRITE]
    assert len(writes) <= 5
    assert all(len(call.request["TransactItems"]) <= 100 for call in writes)
    assert tenant.usage()["spent_usd"] == "1"


def test_a_known_cost_in_a_batch_is_taken_out_and_the_rest_written_again(tenant: Tenant) -> None:
    costs = [{**LABELS, "cost_usd": "0.01", "entry_id": f"cost-{n}"} for n in range(50)]
    tenant.call("record_cost", **costs[7])

    with recorded_calls() as calls:
        tenant.call("record_costs", costs=costs).body  # noqa: B018 - must not fail

    assert len(calls) <= 6
    assert tenant.usage()["spent_usd"] == "0.5"


def test_a_bad_request_asks_nothing(tenant: Tenant) -> None:
    with recorded_calls() as calls:
        assert tenant.record("-1").error
        assert tenant.reserve("1", agent_execution_id="no spaces").error
        assert tenant.call("ledger", limit=0).error

    assert calls.operations == []


def test_a_refusal_that_people_were_alerted_to_stores_no_second_alert(
    tenant: Tenant, cloud: Cloud
) -> None:
    cap(tenant, "1")
    assert tenant.reserve("2", **LABELS).body["allowed"] is False
    with recorded_calls() as calls:
        assert tenant.reserve("2", **LABELS).body["allowed"] is False

    writes = [call.request["TransactItems"] for call in calls if call.operation == WRITE]
    assert [one for one in writes if "Put" in one[0] and "Alerts" in str(one)] == []
    assert len(writes) <= 1
