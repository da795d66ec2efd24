"""Where did the money go? Reports from the accounts, to the last digit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, by_name
from tests.support.doors.doors import Door
from tests.support.times import at, month_now

FLOW_AND_RUN = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}
BREAKDOWNS = {"agent_costs": "agent", "model_costs": "model"}


def pages(door: Door, operation: str, list_name: str, **fields: Any) -> list[list[Any]]:
    found = []
    cursor = None
    for _ in range(50):
        body = door.call(operation, **fields, **({"cursor": cursor} if cursor else {})).body
        found.append(body[list_name])
        cursor = body["cursor"]
        if cursor is None:
            return found
    raise AssertionError(f"{operation} pages without end")


def test_a_tenant_never_seen_has_spent_nothing(tenant: Tenant) -> None:
    month = tenant.usage()

    assert (month["spent_usd"], month["held_usd"], month["limit_usd"]) == ("0", "0", "1000")
    assert (month["entries"], month["tokens"], month["used_percent"]) == (0, 0, "0")
    assert (month["agent_cost_usd"], month["workflow_cost_usd"]) == ("0", "0")
    assert (month["exceeded"], month["nearing_limit"]) == (False, False)
    for breakdown in (*BREAKDOWNS, "daily_costs"):
        body = tenant.call(breakdown).body
        assert (body["items"], body["total_usd"]) == ([], "0")
    assert tenant.entries() == []


def test_the_month_of_a_tenant_has_the_whole_shape_of_a_status(tenant: Tenant) -> None:
    month = tenant.usage()

    expected = {
        "budget_id", "scope", "scope_id", "period", "limit_usd", "spent_usd", "held_usd",
        "available_usd", "used_percent", "exceeded", "nearing_limit", "enforcement",
        "resets_at", "tokens", "entries", "agent_cost_usd", "workflow_cost_usd",
    }  # fmt: skip
    assert expected <= month.keys()
    assert (month["budget_id"], month["scope"], month["scope_id"]) == (
        "tenant-month", "tenant", tenant.id,
    )  # fmt: skip
    assert month["period"] == month_now()


def test_the_end_of_the_year_resets_in_the_next_one(tenant: Tenant) -> None:
    assert tenant.usage(month="2026-12")["resets_at"] == "2027-01-01T00:00:00Z"
    assert tenant.usage(month="2026-11")["resets_at"] == "2026-12-01T00:00:00Z"


def test_each_month_has_its_own_totals(tenant: Tenant) -> None:
    with at("2026-10-15T10:00:00Z"):
        tenant.spend("1", agent="writer")
    with at("2026-11-15T10:00:00Z"):
        tenant.spend("2", agent="writer")

        assert tenant.usage()["spent_usd"] == "2"
        assert tenant.usage(month="2026-10")["spent_usd"] == "1"
        assert by_name(tenant.call("agent_costs", month="2026-10").body) == {"writer": "1"}
        assert by_name(tenant.call("agent_costs").body) == {"writer": "2"}
        system = tenant.door.call("system_usage", month="2026-10").body
        assert (system["spent_usd"], system["period"]) == ("1", "2026-10")


def test_an_execution_shows_its_account_its_state_and_its_entries(tenant: Tenant) -> None:
    first = tenant.spend("1", tokens=5, **FLOW_AND_RUN)
    second = tenant.spend("2", **FLOW_AND_RUN)
    tenant.hold("4", **FLOW_AND_RUN)
    tenant.spend("8", workflow_execution_id="flow-1")

    run = tenant.call("execution", agent_execution_id="run-1").body

    assert (run["agent_execution_id"], run["workflow_execution_id"]) == ("run-1", "flow-1")
    assert (run["spent_usd"], run["held_usd"], run["limit_usd"]) == ("3", "4", "10")
    assert (run["available_usd"], run["tokens"], run["entries"]) == ("3", 5, 2)
    assert (run["state"], run["budget_id"]) == ("active", "execution")
    assert [item["entry_id"] for item in run["items"]] == [first, second]
    assert run["cursor"] is None


def test_a_workflow_lists_its_own_and_its_agents_entries(tenant: Tenant) -> None:
    own = tenant.spend("8", workflow_execution_id="flow-1")
    agents = tenant.spend("2", **FLOW_AND_RUN)
    tenant.spend("4", workflow_execution_id="flow-2")

    flow = tenant.call("workflow", workflow_execution_id="flow-1").body

    assert (flow["workflow_execution_id"], flow["spent_usd"]) == ("flow-1", "10")
    assert (flow["limit_usd"], flow["budget_id"], flow["state"]) == ("50", "workflow", "active")
    assert [item["entry_id"] for item in flow["items"]] == [own, agents]


@pytest.mark.parametrize("operation", ["execution", "workflow"])
def test_an_unknown_run_is_not_found(tenant: Tenant, operation: str) -> None:
    name = {"execution": "agent_execution_id", "workflow": "workflow_execution_id"}[operation]

    answer = tenant.call(operation, **{name: "nobody"})

    assert (answer.error, answer.has_status(404)) == ("NOT_FOUND", True)


def test_a_run_that_only_holds_money_is_known(tenant: Tenant) -> None:
    tenant.hold("4", **FLOW_AND_RUN)

    assert tenant.call("execution", agent_execution_id="run-1").body["held_usd"] == "4"
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["items"] == []


@pytest.mark.parametrize("operation", ["execution", "workflow"])
def test_the_entries_of_a_run_are_paged(tenant: Tenant, operation: str) -> None:
    entries = [tenant.spend("1", **FLOW_AND_RUN) for _ in range(5)]
    key = {"execution": "agent_execution_id", "workflow": "workflow_execution_id"}[operation]
    run = {key: FLOW_AND_RUN[key]}

    found = pages(tenant.door, operation, "items", tenant_id=tenant.id, limit=2, **run)

    assert [len(page) for page in found] == [2, 2, 1]
    assert [item["entry_id"] for page in found for item in page] == entries


def test_the_month_of_the_system_shows_its_tenants_largest_first(door: Door) -> None:
    tenants = [Tenant(door) for _ in range(3)]
    for one, amount in zip(tenants, ("1", "5", "2"), strict=True):
        one.spend(amount, tokens=10)
    tenants[0].hold("3")

    month = door.call("system_usage").body

    assert (month["budget_id"], month["scope"], month["limit_usd"]) == (
        "system-month", "system", "10000",
    )  # fmt: skip
    assert (month["spent_usd"], month["held_usd"], month["tokens"]) == ("8", "3", 30)
    shown = [
        (item["tenant_id"], item["spent_usd"], item["held_usd"], item["share_percent"])
        for item in month["tenants"]
    ]
    assert shown == [
        (tenants[1].id, "5", "0", "62.5"),
        (tenants[2].id, "2", "0", "25"),
        (tenants[0].id, "1", "3", "12.5"),
    ]
    assert month["cursor"] is None


def test_the_tenants_of_the_system_are_paged(door: Door) -> None:
    amounts = {Tenant(door).id: str(n) for n in range(1, 6)}
    for tenant_id, amount in amounts.items():
        Tenant(door, tenant_id).spend(amount)

    found = pages(door, "system_usage", "tenants", limit=2)

    assert [len(page) for page in found] == [2, 2, 1]
    assert {item["tenant_id"]: item["spent_usd"] for page in found for item in page} == amounts
    sizes = [int(item["spent_usd"]) for page in found for item in page]
    assert sizes == sorted(sizes, reverse=True)
