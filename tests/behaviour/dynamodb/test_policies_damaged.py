"""A damaged policy grants nothing, loses no cost, and is nobody else's trouble."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, cap, delete_budget, lift, run, set_budget


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """The four default gates, in tables that a test may damage."""
    memory_cloud.database.forbidden -= {"PutItem"}
    return memory_cloud


def _with(**fields: Any) -> str:
    body: dict[str, Any] = {
        "budgets": {},
        "raises": {},
        "time_zone": "UTC",
        "time_zones": [],
        "owner": None,
        "fallback_price": None,
        "suspended": None,
    }
    return json.dumps({name: value for name, value in (body | fields).items() if value != "gone"})


BUDGET: dict[str, Any] = {
    "scope": "tenant",
    "scope_id": None,
    "period": "day",
    "limit_usd": "5",
    "action": "block",
    "enforcement": "enforce",
    "thresholds": [50],
    "created_at": None,
    "raises": [],
}
NOW = "2026-01-01T00:00:00Z"
RAISE = {
    "raise_id": "more",
    "amount_usd": "5",
    "by": "x",
    "reason": "y",
    "at": NOW,
    "period": None,
    "until": None,
}
PRICE = {
    "input_usd_per_million": "1",
    "output_usd_per_million": "abc",
    "cache_read_usd_per_million": None,
    "cache_write_usd_per_million": None,
}
DAMAGE: dict[str, dict[str, Any] | None] = {
    "no version": {"version": None},
    "a version that is a text": {"version": {"S": "x"}},
    "no body": {"body": None},
    "a body that is a number": {"body": {"N": "5"}},
    "a body that is no JSON": {"body": {"S": "{"}},
    "a body that is a list": {"body": {"S": "[]"}},
    "a body of nothing": {"body": {"S": "{}"}},
    "no budgets": {"body": {"S": _with(budgets="gone")}},
    "budgets in a list": {"body": {"S": _with(budgets=[BUDGET])}},
    "an unknown time zone": {"body": {"S": _with(time_zone="Mars/Olympus")}},
    "an unknown later zone": {"body": {"S": _with(time_zones=[[NOW, "X/Y"]])}},
    "a zone that is a folder": {"body": {"S": _with(time_zone="America")}},
    "a zone too long for a name": {"body": {"S": _with(time_zones=[[NOW, "x" * 300]])}},
    "a price that is no number": {"body": {"S": _with(fallback_price=PRICE)}},
    "an owner that is a number": {"body": {"S": _with(owner=5)}},
    "a suspension without a reason": {"body": {"S": _with(suspended={"by": "x"})}},
    "a suspension that is a word": {"body": {"S": _with(suspended="yes")}},
    "a limit that is no amount": {
        "body": {"S": _with(budgets={"b": {**BUDGET, "limit_usd": "x"}})}
    },
    "a negative limit": {"body": {"S": _with(budgets={"b": {**BUDGET, "limit_usd": "-1"}})}},
    "an unknown action": {"body": {"S": _with(budgets={"b": {**BUDGET, "action": "warn"}})}},
    "a name in a list": {"body": {"S": _with(budgets={"b": {**BUDGET, "scope_id": ["x"]}})}},
    "a default of another scope": {"body": {"S": _with(budgets={"execution": BUDGET})}},
    "thresholds of words": {"body": {"S": _with(budgets={"b": {**BUDGET, "thresholds": ["x"]}})}},
    "a threshold without end": {
        "body": {"S": _with(budgets={"b": {**BUDGET, "thresholds": [float("inf")]}})}
    },
    "a budget without an id": {"body": {"S": _with(budgets={"": BUDGET})}},
    "a raise for a number": {"body": {"S": _with(raises={"execution": [{**RAISE, "period": 5}]})}},
    "a raise of nothing": {"body": {"S": _with(raises={"execution": [{}]})}},
}


def damage(cloud: MemoryCloud, owner: str, changes: dict[str, Any]) -> None:
    """Write over parts of what an owner decided; None: the part is gone."""
    table = cloud.tables["BudgetsTable"]
    (row,) = [row for row in cloud.database.rows(table) if row["pk"]["S"] == f"{owner}#rules#"]
    left = {name: value for name, value in {**row, **changes}.items() if value is not None}
    cloud.database.execute("PutItem", {"TableName": table, "Item": left})
    cloud.start_another_process()


@pytest.mark.parametrize("what", list(DAMAGE))
def test_a_damaged_policy_grants_nothing_and_loses_no_cost(
    tenant: Tenant, cloud: MemoryCloud, door: Door, what: str
) -> None:
    other = Tenant(door)
    cap(tenant, "50")
    held = tenant.hold("1", **run())
    damage(cloud, tenant.id, DAMAGE[what] or {})
    before = cloud.rows()

    for answer in (tenant.check("1", **run()), tenant.reserve("1", **run())):
        assert answer.error == "UNAVAILABLE"
        assert answer.has_status(503)
    for answer in (
        cap(tenant, "5"),
        lift(tenant, "tenant-month", "1"),
        delete_budget(tenant, "cap"),
        tenant.call("suspend", **WHO),
        tenant.call("set_tenant", owner="alice", **WHO),
        tenant.call("list_budgets"),
        tenant.call("get_tenant"),
    ):
        assert (answer.error, answer.has_status(503)) == ("UNAVAILABLE", True)
        assert "damaged" in answer.message
        assert cloud.tables["BudgetsTable"] not in answer.message
    assert cloud.rows() == before

    assert tenant.record("2", **run()).has_status(201)
    assert tenant.settle(held, "1.5").has_status(201)
    batch = tenant.call("record_costs", costs=[{"cost_usd": "1", **run()}]).body
    assert batch["results"][0]["entry"]["cost_usd"] == "1"
    assert tenant.usage()["spent_usd"] == "4.5"
    assert other.reserve("1", **run()).body["allowed"]
    assert set_budget(other, "tenant-month", "5").error is None
    assert not differences(cloud.rows())


def test_a_damaged_policy_of_the_system_stops_all_and_loses_no_cost(
    tenant: Tenant, cloud: MemoryCloud, door: Door
) -> None:
    put = {"budget_id": "system-month", "limit_usd": "10", **WHO}
    door.call("set_system_budget", **put)
    damage(cloud, "*", {"body": {"S": _with(time_zone="Mars/Olympus")}})

    assert tenant.reserve("1").error == "UNAVAILABLE"
    assert tenant.record("1").has_status(201)
    answer = door.call("set_system_budget", **put)
    assert (answer.error, "damaged" in answer.message) == ("UNAVAILABLE", True)


def test_a_cost_without_a_price_is_asked_for_again_while_prices_cannot_be_read(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "50")
    damage(cloud, tenant.id, {"body": {"S": "{"}})
    usage = {"usage": {"input_tokens": 1}, "agent_execution_id": "e"}

    assert tenant.call("record_cost", **usage).error == "UNAVAILABLE"
    told = tenant.call("record_costs", costs=[usage, {**usage, "cost_usd": "1"}]).body["results"]
    assert told[0]["error"] == "UNAVAILABLE"
    assert told[1]["entry"]["cost_usd"] == "1"
