"""Holds taken just before their state machine stopped: an index may show them a moment later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.expiring import app as expiring
from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.errors import DynamoError
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.knobs import behind, fresh
from tests.support.times import at

pytestmark = pytest.mark.doors("direct")

ARN = "arn:aws:states:eu-central-1:000000000000:execution:machine:one"
STOPPED = {
    "source": "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    "detail": {"executionArn": ARN, "status": "FAILED"},
}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    with at("2026-11-22T10:00:00Z"):
        yield memory_cloud


def call(event: dict[str, Any]) -> dict[str, Any]:
    return dict(expiring.lambda_handler(event, None))


def states(tenant: Tenant, holds: list[str]) -> list[str]:
    return [tenant.reservation(one)["state"] for one in holds]


@pytest.mark.parametrize("lag", range(6))
def test_a_hold_that_the_index_lacked_is_released_a_minute_later_and_none_twice(
    tenant: Tenant, cloud: MemoryCloud, lag: int
) -> None:
    labels = {"state_machine_execution_arn": ARN, "expires_in_seconds": 86400}
    holds = [tenant.hold("1", **labels) for _ in range(3)]
    theirs = tenant.hold("1", state_machine_execution_arn=ARN + "-other", expires_in_seconds=86400)
    cloud.database.stale_indexes = behind(lag)
    at_once = call(STOPPED)["released"]
    cloud.database.stale_indexes = fresh

    with at("2026-11-22T10:00:30Z"):
        assert call({"operation": "expire"}) == {"expired": 0}
        assert states(tenant, holds).count("released") == at_once
    with at("2026-11-22T10:01:30Z"):
        assert call({"operation": "expire"}) == {"expired": 0}
        assert states(tenant, [*holds, theirs]) == ["released"] * 3 + ["open"]
        assert tenant.usage()["held_usd"] == "1"
        assert call({"operation": "expire"}) == {"expired": 0}
    assert not differences(cloud.rows())
    assert lag < 3 or at_once < 3


def test_what_was_settled_meanwhile_is_not_released(tenant: Tenant, cloud: MemoryCloud) -> None:
    hold = tenant.hold("1", state_machine_execution_arn=ARN)
    cloud.database.stale_indexes = behind(2)
    assert call(STOPPED) == {"released": 0}
    cloud.database.stale_indexes = fresh
    tenant.settle(hold, "0.5")
    with at("2026-11-22T10:02:00Z"):
        call({"operation": "expire"})
    assert states(tenant, [hold]) == ["settled"]
    assert not differences(cloud.rows())


def test_an_execution_has_a_second_pass_and_another_when_it_is_reported_again(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    def waiting() -> int:
        rows = cloud.rows()["BudgetsTable"]
        return len([row for row in rows if row.get("due_list") == {"S": "stopped"}])

    call(STOPPED)
    assert waiting() == 1
    with at("2026-11-22T10:02:00Z"):
        call({"operation": "expire"})
        assert waiting() == 0
        call(STOPPED)
        assert waiting() == 1


def test_one_that_cannot_be_released_stays_for_the_next_minute_and_stops_no_other(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = tenant.hold("1", state_machine_execution_arn=ARN, expires_in_seconds=86400)
    overdue = tenant.hold("2", expires_in_seconds=30)
    cloud.database.stale_indexes = behind(5)
    assert call(STOPPED) == {"released": 0}
    cloud.database.stale_indexes = fresh
    execute = cloud.database.execute

    def failing(operation: str, request: dict[str, Any]) -> Any:
        if operation == "TransactWriteItems" and hold in json.dumps(request):
            raise DynamoError("ValidationException", "not now")
        return execute(operation, request)

    with at("2026-11-22T10:02:00Z"):
        with monkeypatch.context() as patch:
            patch.setattr(cloud.database, "execute", failing)
            assert call({"operation": "expire"}) == {"expired": 1}
        assert states(tenant, [hold, overdue]) == ["open", "expired"]
        call({"operation": "expire"})
        assert states(tenant, [hold]) == ["released"]


def test_a_hold_taken_after_the_stop_and_one_whose_time_is_up_are_not_released(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    short = tenant.hold("1", state_machine_execution_arn=ARN, expires_in_seconds=30)
    cloud.database.stale_indexes = behind(2)
    assert call(STOPPED) == {"released": 0}
    cloud.database.stale_indexes = fresh
    with at("2026-11-22T10:00:10Z"):
        after = tenant.hold("1", state_machine_execution_arn=ARN, expires_in_seconds=86400)
    with at("2026-11-22T10:02:00Z"):
        assert call({"operation": "expire"}) == {"expired": 1}
    assert states(tenant, [short, after]) == ["expired", "open"]
