"""Counts of what a request costs: writes, refused transactions and reads."""

from __future__ import annotations

import pytest

from local.bench.costs import Costs, costs_of, total
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud

RUN = {"agent_execution_id": "run-1", "include_gates": False}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """The tables in memory."""
    return memory_cloud


def test_a_refused_transaction_is_counted_with_2_units_an_item(cloud: MemoryCloud) -> None:
    cloud.set_limits(execution="1")
    tenant = Tenant(DirectDoor())
    tenant.spend("1", **RUN)
    found = costs_of(cloud, lambda: tenant.reserve("1", **RUN))
    assert (found.failed, found.items) == (1, 0)
    assert found.units % 2 == 0
    assert found.units >= 4
    assert found.bytes > 500


def test_a_check_costs_one_request_and_no_write_unit(cloud: MemoryCloud) -> None:
    tenant = Tenant(DirectDoor())
    tenant.check("1", agent_execution_id="run-1")
    found = costs_of(cloud, lambda: tenant.check("1", agent_execution_id="run-1"))
    assert (found.requests, found.units, found.items) == (1, 0, 0)


def test_costs_add_up() -> None:
    assert total([Costs(1, 0, 2, 3, 4, 5), Costs(1, 1)]) == Costs(2, 1, 2, 3, 4, 5)
