"""A month that nobody decided anything in yet: a policy of before it grants nothing there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.errors import DynamoError
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO, Processes, set_budget, set_system
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


BEFORE, DECIDED, AFTER = "2026-11-29T10:00:00Z", "2026-11-29T11:00:00Z", "2026-12-01T00:10:00Z"


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch, cloud: MemoryCloud) -> Processes:
    """Two of them, of which each remembers its own."""
    return Processes(monkeypatch)


@contextmanager
def rules_unreadable(cloud: MemoryCloud) -> Iterator[None]:
    """The table of what people decided cannot be read; all others can."""
    execute, table = cloud.database.execute, cloud.tables["BudgetsTable"]

    def failing(operation: str, request: Mapping[str, Any]) -> Any:
        if operation == "BatchGetItem" and table in request["RequestItems"]:
            raise DynamoError("AccessDeniedException", "not now")
        return execute(operation, dict(request))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud.database, "execute", failing)
        yield


def test_a_suspended_tenant_with_limit_5_is_not_granted_700_as_a_month_begins(
    tenant: Tenant, cloud: MemoryCloud, processes: Processes
) -> None:
    with at(BEFORE):
        tenant.hold("1")
    with at(DECIDED):
        processes.answer(2)
        set_budget(tenant, "tenant-month", "5")
        tenant.call("suspend", **WHO)
    with at(AFTER):
        processes.answer(1)
        with rules_unreadable(cloud):
            for asking in (tenant.reserve, tenant.check):
                refused = asking("700")
                assert refused.error == "UNAVAILABLE"
                assert refused.has_status(503)
            assert tenant.record("3").body["entry"]["cost_usd"] == "3"
            batch = [{"cost_usd": "4", "agent_execution_id": "run"}]
            assert "entry" in tenant.call("record_costs", costs=batch).body["results"][0]
            assert tenant.reserve("700").error == "UNAVAILABLE"
        assert tenant.reserve("700").body["reason_code"] == "TENANT_SUSPENDED"
        assert tenant.usage()["spent_usd"] == "7"
    assert not differences(cloud.rows())


def test_a_cost_booked_by_an_old_policy_does_not_prove_its_version(
    tenant: Tenant, cloud: MemoryCloud, processes: Processes
) -> None:
    with at(BEFORE):
        set_budget(tenant, "tenant-month", "1000")
        for number in (1, 2):
            processes.answer(number)
            tenant.hold("1")
    with at(DECIDED):
        processes.answer(3)
        tenant.call("suspend", **WHO)
    with at(AFTER), rules_unreadable(cloud):
        for number in (1, 2):
            processes.answer(number)
            tenant.spend("1")
            assert tenant.reserve("700").error == "UNAVAILABLE"
    rows = {row["pk"]["S"]: row for row in cloud.rows()["AccountsTable"]}
    assert "policy_version" not in rows[f"{tenant.id}#tenant#{tenant.id}#2026-12"]


def test_what_the_system_decided_is_not_passed_over_either(
    tenant: Tenant, cloud: MemoryCloud, processes: Processes, door: Door
) -> None:
    with at(BEFORE):
        tenant.hold("1")
    with at(DECIDED):
        processes.answer(2)
        set_system(door, "system-month", "5")
    with at(AFTER):
        processes.answer(1)
        with rules_unreadable(cloud):
            assert tenant.reserve("700").error == "UNAVAILABLE"
        assert tenant.reserve("700").body["reason_code"] == "SYSTEM_MONTH_EXCEEDED"


@pytest.mark.parametrize(
    ("zone", "moment", "granted"),
    [
        ("UTC", "2026-11-30T23:59:00Z", True),
        ("UTC", "2026-12-01T00:01:00Z", False),
        ("Asia/Tokyo", "2026-11-30T14:59:00Z", True),
        ("Asia/Tokyo", "2026-11-30T15:01:00Z", False),
        ("America/New_York", "2026-12-01T04:59:00Z", True),
        ("America/New_York", "2026-12-01T05:01:00Z", False),
    ],
)
def test_the_month_is_the_tenants_own(
    tenant: Tenant, cloud: MemoryCloud, zone: str, moment: str, *, granted: bool
) -> None:
    with at("2026-11-20T10:00:00Z"):
        tenant.call("set_tenant", time_zone=zone, **WHO)
        tenant.hold("1")
    with at(moment), rules_unreadable(cloud):
        answered = tenant.reserve("700")
        assert (answered.error is None) is granted
        assert granted or answered.error == "UNAVAILABLE"


def test_within_the_month_a_decision_is_announced_and_the_old_policy_stays_right(
    tenant: Tenant, cloud: MemoryCloud, processes: Processes
) -> None:
    with at(BEFORE):
        tenant.hold("1")
    with at("2026-11-29T12:00:00Z"), rules_unreadable(cloud):
        assert tenant.reserve("700").body["allowed"]
    with at("2026-11-29T13:00:00Z"):
        processes.answer(2)
        set_budget(tenant, "tenant-month", "5")
        processes.answer(1)
        with rules_unreadable(cloud):
            assert tenant.reserve("700").error == "UNAVAILABLE"
        assert not tenant.reserve("700").body["allowed"]
