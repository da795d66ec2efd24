"""However many budgets there are, a request fits one transaction."""

from __future__ import annotations

import pytest

from tests.histories.books import differences
from tests.memory.fixture import MemoryCloud, memory_cloud
from tests.support.builders import Tenant
from tests.support.doors import DirectDoor, Door
from tests.support.governing import GENEROUS, Processes, cap, run, set_budget, set_system
from tests.support.times import at

__all__ = ["memory_cloud"]


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


@pytest.fixture
def door(cloud: MemoryCloud) -> Door:
    """The direct door alone."""
    return DirectDoor()


@pytest.mark.parametrize("stripes", ["1", "4", "8"])
def test_budgets_that_would_not_fit_one_transaction_are_refused(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, stripes: str
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    processes = Processes(monkeypatch)
    with at("2026-11-22T10:05:00Z", tick=False):
        systems = [
            set_system(tenant.door, f"all-{n}", "100", scope="system", period="day").error
            for n in range(6)
        ]
        own = [cap(tenant, "50", f"cap-{n}").error for n in range(21)]
        assert set(systems) == set(own) == {None, "CONFLICT"}
        for n in range(9):
            names = {"agent_execution_id": f"run-{n}", "workflow_execution_id": "flow-1"}
            parent = {"parent_execution_id": f"run-{n - 1}"} if n else {}
            tenant.spend("0.1", **run() | names | parent)
        for number in range(6):
            processes.answer(number % 3)
            held = tenant.hold("0.5", **run() | names)
            set_budget(tenant, "tenant-month", str(100 + number))
            assert tenant.settle(held, "6").error is None
        assert not differences(cloud.rows())
