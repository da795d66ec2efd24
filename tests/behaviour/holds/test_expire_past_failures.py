"""Holds that cannot be ended are skipped and reported; the others are ended."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.usecases.holds import expire as expiry
from functions.expiring import app as expiring
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, Door
from tests.support.dynamodb.bulk import put_holds
from tests.support.memory.errors import DynamoError
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

START, LATER = "2026-11-22T10:00:00Z", "2026-11-22T11:00:00Z"
STUCK = {"agent_execution_id": "stuck", "expires_in_seconds": 30}


@pytest.fixture
def unlogged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without 240 lines of log, whose tracebacks take half of the time."""
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)


def expire(context: Context | None = None) -> int:
    return int(expiring.lambda_handler({"operation": "expire"}, context)["expired"])


@contextmanager
def unmovable(cloud: MemoryCloud, run: str) -> Iterator[list[str]]:
    """No hold of that execution can be ended; answers which attempts there were."""
    execute, attempts = cloud.database.execute, list[str]()

    def failing(operation: str, request: Mapping[str, Any]) -> Any:
        if operation == "TransactWriteItems" and f"#execution#{run}#" in str(request):
            attempts.append(str(request))
            raise DynamoError("AccessDeniedException", "not this one")
        return execute(operation, dict(request))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud.database, "execute", failing)
        yield attempts


def held(tenant: Tenant) -> str:
    return str(tenant.usage()["held_usd"])


@pytest.mark.usefixtures("unlogged")
def test_the_hundred_and_first_hold_ends_behind_100_that_fail(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    with at(START):
        put_holds(cloud, tenant, 100, "0.01", STUCK)
        tenant.hold("5", agent_execution_id="mine", expires_in_seconds=60)
    with at(LATER):
        with (
            unmovable(cloud, "stuck") as attempts,
            pytest.raises(Exception, match="did not serve") as told,
        ):
            expire()
        assert type(told.value).__name__ == "UnavailableError"
        assert len(attempts) == 200, "each is tried twice in an invocation"
        assert held(tenant) == "1"
        assert expire() == 100
        assert held(tenant) == "0"


@pytest.mark.usefixtures("unlogged")
def test_holds_of_a_tenant_that_fail_stop_no_other_tenant(
    tenant: Tenant, cloud: MemoryCloud, door: Door
) -> None:
    others = [Tenant(door) for _ in range(20)]
    with at(START):
        put_holds(cloud, tenant, 120, "0.01", STUCK)
        for other in others:
            other.hold("1", expires_in_seconds=60)
    with at(LATER), unmovable(cloud, "stuck"), pytest.raises(Exception, match="did not serve"):
        expire()
    with at(LATER):
        assert {held(other) for other in others} == {"0"}


def test_100_damaged_rows_are_gone_past_too(tenant: Tenant, cloud: MemoryCloud) -> None:
    with at(START):
        put_holds(cloud, tenant, 100, "0.01", STUCK)
    for row in cloud.rows()["ReservationsTable"]:
        damaged = {
            "TableName": cloud.tables["ReservationsTable"],
            "Key": {"pk": row["pk"]},
            "UpdateExpression": "SET facts = :junk",
            "ExpressionAttributeValues": {":junk": {"S": "junk"}},
        }
        cloud.database.execute("UpdateItem", damaged)
    with at(START):
        tenant.hold("5", expires_in_seconds=60)
    with at(LATER):
        assert expire() == 1
        assert held(tenant) == "1"


def test_with_little_time_it_begins_elsewhere_each_minute(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each failure takes so long that an invocation has time for ten: 100 stand before one."""
    with at(START):
        for _ in range(30):
            tenant.hold("0.01", agent_execution_id="stuck", expires_in_seconds=30)
        tenant.hold("5", agent_execution_id="mine", expires_in_seconds=60)
    monkeypatch.setattr(expiry, "AT_ONCE", 10)
    tried = list[int]()
    for minute in range(4):
        with at(f"2026-11-22T11:0{minute}:00Z"), unmovable(cloud, "stuck") as attempts:
            monkeypatch.setattr(deadline, "about_to_end", lambda seen=attempts: len(seen) >= 10)
            with pytest.raises(Exception, match="did not serve"):
                expire()
            tried.append(len(attempts))
    assert max(tried) == 10
    with at("2026-11-22T11:05:00Z"):
        assert held(tenant) == "0.3"


def test_a_failure_is_reported_even_if_the_time_is_up(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with at(START):
        tenant.hold("1", agent_execution_id="stuck", expires_in_seconds=30)
        for _ in range(3):
            tenant.hold("1", agent_execution_id="mine", expires_in_seconds=60)
    with at("2026-11-22T11:00:00Z"), unmovable(cloud, "stuck") as attempts:
        monkeypatch.setattr(deadline, "about_to_end", lambda: len(attempts) > 0)
        with pytest.raises(Exception, match="did not serve"):
            expire()


def test_a_refusal_goes_past_holds_that_cannot_be_ended(tenant: Tenant, cloud: MemoryCloud) -> None:
    labels = {"workflow_execution_id": "flow"}
    with at(START):
        for _ in range(3):
            tenant.hold("1", agent_execution_id="stuck", expires_in_seconds=30, **labels)
        for number in range(6):
            one = {"agent_execution_id": f"run-{number}", **labels}
            tenant.hold("7", expires_in_seconds=60, **one)
    with at(LATER), unmovable(cloud, "stuck"):
        for asking in (tenant.check, tenant.reserve):
            assert asking("10", agent_execution_id="new", **labels).body["allowed"]


def test_a_refusal_whose_holds_all_fail_is_no_answer(tenant: Tenant, cloud: MemoryCloud) -> None:
    with at(START):
        tenant.hold("10", agent_execution_id="stuck", expires_in_seconds=30)
    with at(LATER), unmovable(cloud, "stuck"):
        assert tenant.check("1", agent_execution_id="stuck").error == "UNAVAILABLE"


@pytest.mark.parametrize("window", [5])
def test_a_refusal_finds_the_hold_in_its_way_behind_more_than_its_window(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    monkeypatch.setattr(expiry, "LOOKED_AT", window)
    with at(START):
        for _ in range(23):
            tenant.hold("0.01", agent_execution_id="other", expires_in_seconds=30)
        tenant.hold("10", agent_execution_id="mine", expires_in_seconds=60)
    with at(LATER):
        assert tenant.reserve("1", agent_execution_id="mine").body["allowed"] is True


def test_overdue_holds_of_others_in_a_tenants_list_do_not_hide_his(
    tenant: Tenant, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget_monitor.adapters.dynamodb.reads.reservations._PAGE_OF_OVERDUE", 5)
    monkeypatch.setattr("budget_monitor.adapters.dynamodb.reads.reservations.shard_of", lambda _: 3)
    monkeypatch.setattr("budget_monitor.adapters.dynamodb.rows.reservations.shard_of", lambda _: 3)
    monkeypatch.setattr(expiry, "LOOKED_AT", 5)
    other = Tenant(door)
    with at(START):
        for _ in range(23):
            other.hold("0.01", expires_in_seconds=30)
        tenant.hold("10", agent_execution_id="mine", expires_in_seconds=60)
    with at(LATER):
        assert tenant.reserve("1", agent_execution_id="mine").body["allowed"] is True
