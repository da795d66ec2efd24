"""Telling those who wait takes no longer than a request may, and what is left is not lost."""

from __future__ import annotations

from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.adapters.aws.step_functions import ATTEMPTS
from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor, handler_of
from tests.support.histories.stored_pauses import disagreements, runs
from tests.support.memory.fixture import MemoryCloud
from tests.support.workflows.machines import Machines, out_of_reach

FLOWS = ("flow-1", "flow-2", "flow-3")
WHO = {"by": "maria", "reason": "fine"}


class Time:
    """A clock that goes on when Step Functions is asked."""

    def __init__(self, seconds: float) -> None:
        self.now, self.seconds, self.asked = 1000.0, seconds, 0

    def __call__(self) -> float:
        return self.now

    def slow(self, attempt: Any) -> Any:
        self.now += self.seconds
        self.asked += 1
        return attempt()

    def hanging(self, _: Any) -> Any:
        self.now += self.seconds
        self.asked += 1
        return out_of_reach(_)


@pytest.fixture
def tenant(memory_cloud: MemoryCloud, machines: Machines) -> Tenant:
    return Tenant(DirectDoor())


def waiting(tenant: Tenant, flow: str, count: int) -> None:
    for number in range(count):
        fields = {"workflow_execution_id": flow, "task_token": f"{flow}-{number:02}"}
        tenant.call("await_resume", **fields).body  # noqa: B018


def resume(tenant: Tenant, flow: str = "flow-1") -> dict[str, Any]:
    return tenant.call("resume", workflow_execution_id=flow, **WHO).body


def test_a_resumption_tells_as_many_as_it_has_time_for_and_records_them(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(tenant, "flow-1", 20)
    time = Time(1.0)
    machines.fate = time.slow
    monkeypatch.setattr("budget_monitor.deadline.monotonic", time)

    body = resume(tenant)

    assert (body["woken"], body["waking"]) == (6, 14)
    assert not disagreements(memory_cloud.rows())
    told = 6
    while told < 20:
        more = tenant.door.call("wake").body["woken"]
        assert more > 0
        told += more
    assert len(machines.woken) == 20
    assert set(machines.told.values()) == {1}


def test_a_hanging_step_functions_takes_seconds_not_minutes(
    tenant: Tenant, machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting(tenant, "flow-1", 20)
    time = Time(3.0)
    machines.fate = time.hanging
    monkeypatch.setattr("budget_monitor.deadline.monotonic", time)

    body = resume(tenant)

    assert (body["state"], body["woken"], body["waking"]) == ("active", 0, 20)
    assert time.asked <= deadline.BUDGET_SECONDS / 3 + ATTEMPTS


def test_the_schedule_stops_before_its_invocation_ends_and_the_next_goes_on(
    tenant: Tenant, machines: Machines, memory_cloud: MemoryCloud
) -> None:
    machines.fate = out_of_reach
    for flow in FLOWS:
        waiting(tenant, flow, 1)
        resume(tenant, flow)
    machines.fate = None

    class Ending(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 29_000

    for told in (1, 2, 3):
        answer = handler_of("budgeting")({"operation": "wake"}, Ending())
        assert answer == {"woken": 1, "alerts": 0, "expired": 0}
        assert len(machines.woken) == told
    assert not any(run["due"] for run in runs(memory_cloud.rows()).values())
