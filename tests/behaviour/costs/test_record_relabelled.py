"""A cost that happened is booked where its run stands, whatever its caller says of the run."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud

RUN = {"agent_execution_id": "run-1"}


@pytest.fixture(params=["record_cost", "record_costs"])
def book(request: pytest.FixtureRequest, tenant: Tenant) -> Any:
    """Books one cost, alone or as a batch; answers its entry."""

    def one(amount: str, **fields: Any) -> dict[str, Any]:
        if request.param == "record_cost":
            return dict(tenant.record(amount, **fields).body["entry"])
        (result,) = tenant.call("record_costs", costs=[{"cost_usd": amount, **fields}]).body[
            "results"
        ]
        return dict(result["entry"])

    return one


def alerts(tenant: Tenant) -> list[dict[str, Any]]:
    return [one for one in tenant.call("alerts").body["items"] if one["kind"] == "cost_relabelled"]


def spent(tenant: Tenant, name: str) -> str:
    return str(tenant.call("execution", agent_execution_id=name).body["spent_usd"])


def damage(cloud: MemoryCloud, tenant: Tenant, run: str, attribute: str = "lineage") -> None:
    """Nobody can read any more what the run belongs to, or its row at all."""
    cloud.database.forbidden -= {"PutItem"}
    table, key = cloud.tables["AccountsTable"], f"{tenant.id}#execution#{run}#run"
    (row,) = [row for row in cloud.database.rows(table) if row["pk"]["S"] == key]
    cloud.database.execute("PutItem", {"TableName": table, "Item": {**row, attribute: {"S": "x"}}})


def test_a_run_that_was_first_seen_without_a_workflow_stays_without_one(
    tenant: Tenant, cloud: MemoryCloud, book: Any
) -> None:
    tenant.spend("1", **RUN)

    entry = book("2", **RUN, workflow_execution_id="flow-1")

    assert (entry["workflow_execution_id"], entry["flags"]) == (None, ["relabelled"])
    assert spent(tenant, "run-1") == "3"
    assert tenant.usage()["spent_usd"] == "3"
    assert tenant.call("workflow", workflow_execution_id="flow-1").error == "NOT_FOUND"
    assert tenant.reserve("1", **RUN, workflow_execution_id="flow-1").error == "CONFLICT"
    assert tenant.check("1", **RUN, workflow_execution_id="flow-1").error == "CONFLICT"
    assert not differences(cloud.rows())


def test_one_alert_a_run_says_where_its_costs_are_booked(tenant: Tenant, book: Any) -> None:
    tenant.spend("1", **RUN, workflow_execution_id="flow-1")
    for n in range(3):
        book("2", **RUN, workflow_execution_id="flow-2", entry_id=f"e{n}")

    (alert,) = alerts(tenant)
    assert (alert["severity"], alert["scope"], alert["scope_id"]) == (
        "warning", "execution", "run-1",
    )  # fmt: skip
    assert alert["workflow_execution_id"] == "flow-1"
    assert alert["said_workflow_execution_id"] == "flow-2"


def test_a_replay_is_compared_with_what_the_caller_said(tenant: Tenant, book: Any) -> None:
    tenant.spend("1", **RUN)
    said = {**RUN, "workflow_execution_id": "flow-1", "entry_id": "cost"}
    book("2", **said)

    assert book("2", **said)["replayed"] is True
    answer = tenant.record("2", **said | {"workflow_execution_id": "flow-2"})
    assert answer.refusal == ("IDEMPOTENCY_MISMATCH", "workflow_execution_id")
    assert spent(tenant, "run-1") == "3"


def test_another_parent_than_the_runs_own_is_not_charged(
    tenant: Tenant, cloud: MemoryCloud, book: Any
) -> None:
    for root in ("root-1", "root-2"):
        tenant.spend("1", agent_execution_id=root)
    tenant.spend("1", agent_execution_id="child", parent_execution_id="root-1")

    entry = book("4", agent_execution_id="child", parent_execution_id="root-2")

    assert (entry["parent_execution_id"], entry["flags"]) == ("root-1", ["relabelled"])
    assert [spent(tenant, name) for name in ("root-1", "root-2", "child")] == ["6", "1", "5"]
    assert not differences(cloud.rows())


@pytest.mark.parametrize("stands", ["flow-1", None])
def test_a_child_is_booked_in_the_workflow_of_its_parent(
    tenant: Tenant, cloud: MemoryCloud, book: Any, stands: str | None
) -> None:
    tenant.spend("1", agent_execution_id="root", workflow_execution_id=stands)

    entry = book(
        "2", agent_execution_id="child", parent_execution_id="root", workflow_execution_id="flow-2"
    )

    assert (entry["workflow_execution_id"], entry["flags"]) == (stands, ["relabelled"])
    assert spent(tenant, "root") == "3"
    assert tenant.call("workflow", workflow_execution_id="flow-2").error == "NOT_FOUND"
    assert not differences(cloud.rows())


def test_a_run_below_8_ancestors_and_more_is_booked_under_the_nearest_8(
    tenant: Tenant, cloud: MemoryCloud, book: Any
) -> None:
    tenant.spend("1", agent_execution_id="run-0")
    for n in range(1, 9):
        tenant.spend("1", agent_execution_id=f"run-{n}", parent_execution_id=f"run-{n - 1}")
    ninth = {"agent_execution_id": "run-9", "parent_execution_id": "run-8"}
    assert tenant.reserve("1", **ninth).refusal == ("VALIDATION_ERROR", "parent_execution_id")

    flags = [book("1", **ninth)["flags"] for _ in range(2)]
    flags.append(book("1", agent_execution_id="run-9")["flags"])
    tenth = book("1", agent_execution_id="run-10", parent_execution_id="run-9")

    assert flags == [["relabelled"], ["relabelled"], []]
    assert (tenth["parent_execution_id"], tenth["flags"]) == ("run-9", ["relabelled"])
    assert [spent(tenant, f"run-{n}") for n in (0, 1, 2, 8, 9, 10)] == [
        "9", "11", "11", "5", "4", "1",
    ]  # fmt: skip
    assert len(alerts(tenant)) == 2
    assert not differences(cloud.rows())


def test_a_run_that_names_its_own_child_as_its_parent_stays_where_it_is(
    tenant: Tenant, cloud: MemoryCloud, book: Any
) -> None:
    tenant.spend("1", agent_execution_id="root", workflow_execution_id="flow-1")
    tenant.spend("1", agent_execution_id="child", parent_execution_id="root")

    entry = book("2", agent_execution_id="root", parent_execution_id="child")

    assert (entry["parent_execution_id"], entry["flags"]) == (None, ["relabelled"])
    assert [spent(tenant, name) for name in ("root", "child")] == ["4", "1"]
    assert not differences(cloud.rows())


def test_a_run_that_names_itself_as_its_parent_is_refused(tenant: Tenant) -> None:
    own = {**RUN, "parent_execution_id": "run-1"}
    assert tenant.record("1", **own).refusal == ("VALIDATION_ERROR", "parent_execution_id")
    costs = [{"cost_usd": "1", **RUN}, {"cost_usd": "1", **own}]
    refused = tenant.call("record_costs", costs=costs)
    assert refused.refusal == ("VALIDATION_ERROR", "costs[1].parent_execution_id")
    assert tenant.usage()["spent_usd"] == "0"


@pytest.mark.parametrize("seen", [True, False])
def test_the_cost_of_a_child_whose_parents_place_is_damaged_is_booked(
    tenant: Tenant, cloud: MemoryCloud, book: Any, seen: Any
) -> None:
    child = {"agent_execution_id": "child", "parent_execution_id": "parent"}
    tenant.spend("1", agent_execution_id="root", workflow_execution_id="flow-1")
    tenant.spend("1", agent_execution_id="parent", parent_execution_id="root")
    if seen:
        tenant.spend("1", **child)
    damage(cloud, tenant, "parent")
    assert tenant.reserve("1", **child).error == "UNAVAILABLE"

    entry = book("2", **child)

    assert entry["parent_execution_id"] == "parent"
    assert entry["workflow_execution_id"] == ("flow-1" if seen else None)
    assert spent(tenant, "child") == ("3" if seen else "2")
    assert tenant.usage()["spent_usd"] == ("5" if seen else "4")
    assert not differences(cloud.rows())


def test_a_cost_below_a_grandparent_whose_place_is_damaged_is_booked(
    tenant: Tenant, cloud: MemoryCloud, book: Any
) -> None:
    tenant.spend("1", agent_execution_id="root")
    tenant.spend("1", agent_execution_id="parent", parent_execution_id="root")
    damage(cloud, tenant, "root")

    book("2", agent_execution_id="parent")
    book("2", agent_execution_id="child", parent_execution_id="parent")

    assert tenant.usage()["spent_usd"] == "6"
    assert spent(tenant, "parent") == "5"
    assert not differences(cloud.rows())


@pytest.mark.parametrize(
    "attribute", ["committed", "entries", "terms", "policy_version", "lineage"]
)
@pytest.mark.parametrize("run", ["parent", "child"])
def test_no_damage_of_a_runs_row_refuses_a_cost_or_its_replay(
    tenant: Tenant, cloud: MemoryCloud, book: Any, run: str, attribute: str
) -> None:
    named = {"scope": "agent", "scope_id": "writer", "period": "run", "limit_usd": "9"}
    who = {"by": "maria", "reason": "r"}
    assert tenant.call("set_budget", budget_id="writers", **named, **who).error is None
    child = {"agent_execution_id": "child", "parent_execution_id": "parent"}
    tenant.spend("1", agent_execution_id="parent")
    tenant.spend("1", **child, entry_id="first")
    in_time, released = (tenant.hold("1", **child) for _ in range(2))
    tenant.release(released)
    damage(cloud, tenant, run, attribute)

    own = {"agent_execution_id": "child"}
    for labels in (child, own, {**child, "agent_execution_id": "other"}):
        book("1", **labels)
        cloud.start_another_process()
        book("1", **labels, workflow_execution_id="flow-1")
    assert book("1", **child, entry_id="first")["replayed"] is True
    for hold in (in_time, released):
        assert tenant.settle(hold, "1").error is None

    assert tenant.usage()["spent_usd"] == "10"
    assert tenant.reserve("1", **child).error == "UNAVAILABLE"
