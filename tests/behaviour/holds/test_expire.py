"""Nothing squats: every hold ends by itself."""

from __future__ import annotations

from typing import Any

import pytest

from functions.expiring import app as expiring
from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:"
START = "2026-11-22T10:00:00Z"
LATER = "2026-11-22T11:00:00Z"


def call(event: dict[str, Any]) -> dict[str, Any]:
    return expiring.lambda_handler(event, None)


def stopped(arn: str, status: str = "FAILED") -> dict[str, Any]:
    """What EventBridge sends when an execution of a state machine did not succeed."""
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"executionArn": arn, "status": status},
    }


def test_a_schedule_gives_back_every_hold_whose_time_is_up_and_no_other(tenant: Tenant) -> None:
    with at(START):
        short = [tenant.hold("1", expires_in_seconds=60) for _ in range(3)]
        long = tenant.hold("1", expires_in_seconds=7200)
    with at(LATER):
        assert call({"operation": "expire"}) == {"expired": 3}
        assert call({"operation": "expire"}) == {"expired": 0}
        assert {tenant.reservation(one)["state"] for one in short} == {"expired"}
        assert tenant.reservation(long)["state"] == "open"
        assert tenant.usage()["held_usd"] == "1"


def test_a_refusal_first_returns_the_expired_holds_in_its_way(tenant: Tenant) -> None:
    with at(START):
        for _ in range(2):
            tenant.hold("5", agent_execution_id="run", expires_in_seconds=60)
        assert tenant.reserve("1", agent_execution_id="run").body["allowed"] is False
    with at(LATER):
        assert tenant.reserve("10", agent_execution_id="run").body["allowed"] is True
        assert tenant.usage()["held_usd"] == "10"


def test_a_check_that_would_refuse_returns_them_too_and_says_what_a_reserve_would(
    tenant: Tenant,
) -> None:
    with at(START):
        tenant.hold("10", agent_execution_id="run", expires_in_seconds=60)
    with at(LATER):
        assert tenant.check("10", agent_execution_id="run").body["allowed"] is True
        assert tenant.usage()["held_usd"] == "0"


def test_the_systems_refusal_returns_other_tenants_expired_holds(
    tenant: Tenant, cloud: Cloud
) -> None:
    cloud.set_limits(system="10")
    other = Tenant(tenant.door)
    with at(START):
        other.hold("9", expires_in_seconds=60)
        assert tenant.reserve("2").body["reason_code"] == "SYSTEM_MONTH_EXCEEDED"
    with at(LATER):
        assert tenant.reserve("2").body["allowed"] is True
        assert other.usage()["held_usd"] == "0"


def test_an_extended_hold_is_not_swept(tenant: Tenant) -> None:
    with at(START):
        hold = tenant.hold("1", expires_in_seconds=60)
        tenant.call("extend", reservation_id=hold, expires_in_seconds=7200)
    with at(LATER):
        assert call({"operation": "expire"}) == {"expired": 0}


def test_a_cost_settled_after_the_sweep_is_recorded_late_and_once(tenant: Tenant) -> None:
    with at(START):
        hold = tenant.hold("1", expires_in_seconds=60)
    with at(LATER):
        call({"operation": "expire"})
        entry = tenant.settle(hold, "2").body["entry"]
        assert entry["flags"] == ["late_settlement"]
        assert tenant.settle(hold, "2").body["entry"]["replayed"] is True
        assert (tenant.usage()["spent_usd"], tenant.usage()["held_usd"]) == ("2", "0")
        assert call({"operation": "expire"}) == {"expired": 0}


def test_the_holds_of_a_state_machine_that_stopped_are_released_at_once(tenant: Tenant) -> None:
    arn, other = ARN + new_id("execution"), ARN + new_id("execution")
    mine = [tenant.hold("1", state_machine_execution_arn=arn) for _ in range(2)]
    settled = tenant.hold("1", state_machine_execution_arn=arn)
    tenant.settle(settled, "1")
    theirs = tenant.hold("1", state_machine_execution_arn=other)

    for goes_on in ("RUNNING", "SUCCEEDED"):
        assert call(stopped(arn, goes_on)) == {"released": 0}
    assert call(stopped(arn)) == {"released": 2}
    assert call(stopped(arn)) == {"released": 0}
    assert {tenant.reservation(one)["state"] for one in mine} == {"released"}
    assert tenant.reservation(settled)["state"] == "settled"
    assert tenant.reservation(theirs)["state"] == "open"


def test_a_tenant_has_only_so_many_open_holds(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOST_HOLDS", "3")
    with at(START):
        holds = [tenant.hold("0.01", expires_in_seconds=60) for _ in range(3)]
        refused = tenant.reserve("0.01")
        assert refused.error == "TOO_MANY_HOLDS"
        assert refused.has_status(429)
        assert Tenant(tenant.door).reserve("0.01").body["allowed"] is True
        tenant.release(holds[0])
        assert tenant.reserve("0.01", expires_in_seconds=60).body["allowed"] is True
    with at(LATER):
        assert tenant.reserve("0.01").body["allowed"] is True


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"operation": "expire", "tenant_id": "acme"},
        {"operation": "release_stopped"},
        {"source": "aws.states", "detail": {}},
    ],
)
def test_what_it_does_not_know_is_refused_by_name(cloud: Cloud, event: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"operation|field|required") as refused:
        call(event)
    assert type(refused.value).__name__ == "ValidationError"


def test_a_refusal_finds_the_hold_in_its_way_behind_a_hundred_others(tenant: Tenant) -> None:
    with at(START):
        for _ in range(101):
            tenant.hold("0.01", agent_execution_id="other", expires_in_seconds=30)
        tenant.hold("10", agent_execution_id="mine", expires_in_seconds=60)
    with at(LATER):
        assert tenant.reserve("1", agent_execution_id="mine").body["allowed"] is True


def test_a_damaged_reservation_stops_no_other_sweep(tenant: Tenant, cloud: MemoryCloud) -> None:
    other = Tenant(tenant.door)
    with at(START):
        damaged = tenant.hold("1", expires_in_seconds=30)
        other.hold("1", expires_in_seconds=60)
    name, row = cloud.tables["ReservationsTable"], f"{tenant.id}#reservation#{damaged}"
    (item,) = [one for one in cloud.database.rows(name) if one["pk"] == {"S": row}]
    cloud.database.forbidden -= {"PutItem"}
    item = {**item, "facts": {"S": "junk"}}
    cloud.database.execute("PutItem", {"TableName": name, "Item": item})
    with at(LATER):
        assert call({"operation": "expire"}) == {"expired": 1}
        assert other.usage()["held_usd"] == "0"
        assert tenant.call("get_reservation", reservation_id=damaged).error == "UNAVAILABLE"
