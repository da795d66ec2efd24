"""A corrupt row fails closed for its own scope; costs are recorded, others notice nothing."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud

pytestmark = pytest.mark.doors("http")


def damage(cloud: MemoryCloud, key: str, counter: str) -> None:
    """Put a text where a number was, or another text."""
    table = cloud.tables["AccountsTable"]
    (row,) = [row for row in cloud.database.rows(table) if row["pk"]["S"] == key]
    cloud.database.execute("PutItem", {"TableName": table, "Item": {**row, counter: {"S": "x"}}})


@pytest.mark.parametrize("counter", ["committed", "held", "entries"])
def test_a_damaged_account_takes_no_holds_and_loses_no_costs(
    tenant: Tenant, cloud: MemoryCloud, counter: str
) -> None:
    cloud.database.forbidden -= {"PutItem"}
    tenant.settle(tenant.hold("1", agent_execution_id="run"), "1")
    damage(cloud, f"{tenant.id}#execution#run#run", counter)

    if counter != "entries":
        assert tenant.reserve("1", agent_execution_id="run").error == "UNAVAILABLE"
    assert tenant.check("1", agent_execution_id="run").error == "UNAVAILABLE"
    entry = tenant.record("2", agent_execution_id="run").body["entry"]

    assert entry["cost_usd"] == "2"
    assert tenant.usage()["spent_usd"] == "3"
    assert tenant.reserve("1", agent_execution_id="other").body["allowed"] is True
    neighbour = Tenant(tenant.door).record("1").body
    assert gate(neighbour, "execution")["spent_usd"] == "1"


def test_a_run_whose_place_is_damaged_takes_no_holds(tenant: Tenant, cloud: MemoryCloud) -> None:
    cloud.database.forbidden -= {"PutItem"}
    tenant.record("1", agent_execution_id="run")
    damage(cloud, f"{tenant.id}#execution#run#run", "lineage")

    for answer in (
        tenant.reserve("1", agent_execution_id="run"),
        tenant.check("1", agent_execution_id="run"),
        tenant.reserve("1", agent_execution_id="child", parent_execution_id="run"),
        tenant.call("execution", agent_execution_id="run"),
    ):
        assert answer.error == "UNAVAILABLE"
    assert tenant.reserve("1", agent_execution_id="other").body["allowed"] is True


def test_a_run_whose_place_is_damaged_loses_no_costs(tenant: Tenant, cloud: MemoryCloud) -> None:
    cloud.database.forbidden -= {"PutItem"}
    in_time, released = (tenant.hold("1", agent_execution_id="run") for _ in range(2))
    damage(cloud, f"{tenant.id}#execution#run#run", "lineage")

    tenant.spend("1", agent_execution_id="run")
    costs = [{"agent_execution_id": "run", "cost_usd": "0.5", "entry_id": f"e{n}"} for n in (1, 2)]
    results = tenant.call("record_costs", costs=costs).body["results"]
    assert all(one["entry"]["cost_usd"] == "0.5" for one in results)
    assert tenant.settle(in_time, "0.25").body["entry"]["flags"] == []
    tenant.release(released)
    assert tenant.settle(released, "0.125").body["entry"]["flags"] == ["unreserved"]

    month = tenant.usage()
    assert (month["spent_usd"], month["held_usd"]) == ("2.375", "0")
    assert not differences(cloud.rows())


def test_a_damaged_stripe_of_the_system_refuses_no_cost_that_must_level_it(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cloud.set_limits(system="1")
    cloud.database.forbidden -= {"PutItem"}
    for number in range(40):
        tenant.spend("0.01", entry_id=f"cost-{number}")
    month = tenant.usage()["period"]
    damage(cloud, f"*#system#system#{month}#3", "committed")
    cloud.start_another_process()

    for _ in range(20):
        assert tenant.record("0.5").error is None
    assert tenant.reserve("0.5").error == "UNAVAILABLE"
    assert tenant.usage()["spent_usd"] == "10.4"
