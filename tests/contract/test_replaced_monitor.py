"""The behaviours of the monitor that this one replaces, as its users know them.

Nine of the eleven; the alert and the monthly reset stand in a file of their own beside this one.
"""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, by_name, gate
from tests.support.cloud import Cloud
from tests.support.doors.doors import Door


def test_the_cost_of_an_agent_is_tracked(tenant: Tenant) -> None:
    answer = tenant.record("0.25", agent_execution_id="run-1", agent="writer", tokens=1200)

    assert answer.has_status(201)
    entry = answer.body["entry"]
    assert entry["agent_execution_id"] == "run-1"
    assert entry["agent"] == "writer"
    assert entry["cost_usd"] == "0.25"
    assert entry["tokens"] == 1200
    run = tenant.call("execution", agent_execution_id="run-1").body
    assert run["spent_usd"] == "0.25"
    assert tenant.usage()["spent_usd"] == "0.25"


def test_the_cost_of_a_workflow_is_its_own_plus_that_of_its_agents(tenant: Tenant) -> None:
    tenant.spend("1.5", workflow_execution_id="flow-1")
    tenant.spend("2.25", workflow_execution_id="flow-1", agent_execution_id="run-1")
    tenant.spend("0.25", workflow_execution_id="flow-1", agent_execution_id="run-2")
    tenant.spend("100", workflow_execution_id="flow-2")

    flow = tenant.call("workflow", workflow_execution_id="flow-1").body

    assert flow["spent_usd"] == "4"
    assert flow["entries"] == 3
    assert tenant.call("execution", agent_execution_id="run-1").body["spent_usd"] == "2.25"


def test_a_run_within_the_budget_is_allowed(tenant: Tenant) -> None:
    tenant.spend("500")

    decision = tenant.check("100").body

    assert decision["allowed"] is True
    assert decision["action"] == "allow"
    assert decision["reason_code"] is None
    assert decision["warnings"] == []
    assert gate(decision, "tenant-month")["projected_usd"] == "600"


def test_a_run_is_blocked_when_it_would_take_the_month_over_its_limit(tenant: Tenant) -> None:
    tenant.spend("950")

    decision = tenant.check("100").body

    assert decision["allowed"] is False
    assert decision["action"] == "block"
    assert decision["reason_code"] == "TENANT_MONTH_EXCEEDED"
    assert decision["reason"].startswith("Monthly budget exceeded")
    month = gate(decision, "tenant-month")
    assert month["allowed"] is False
    assert month["exceeded"] is False
    assert month["nearing_limit"] is True
    assert month["used_percent"] == "95"
    assert month["available_usd"] == "50"
    assert month["projected_usd"] == "1050"


def test_a_reserve_is_refused_when_it_would_take_the_month_over_its_limit(tenant: Tenant) -> None:
    tenant.spend("950")

    answer = tenant.reserve("100")

    assert answer.has_status(200)
    assert answer.body["allowed"] is False
    assert answer.body["reservation"] is None
    assert answer.body["reason_code"] == "TENANT_MONTH_EXCEEDED"
    assert tenant.usage()["held_usd"] == "0"


@pytest.mark.parametrize(("spent", "warned"), [("800", False), ("800.000000000001", True)])
def test_a_tenant_is_warned_above_eighty_percent(
    tenant: Tenant, spent: str, *, warned: bool
) -> None:
    tenant.spend(spent)

    decision = tenant.check("1").body

    assert decision["allowed"] is True
    assert gate(decision, "tenant-month")["nearing_limit"] is warned
    assert len(decision["warnings"]) == int(warned)
    for warning in decision["warnings"]:
        assert warning.startswith("Nearing")
        assert "tenant-month" in warning


def test_the_month_of_a_tenant_counts_agents_and_workflows_each_once(tenant: Tenant) -> None:
    tenant.spend("1", agent_execution_id="standalone")
    tenant.spend("10", workflow_execution_id="flow-1")
    tenant.spend("100", workflow_execution_id="flow-1", agent_execution_id="run-1")

    month = tenant.usage()

    assert month["spent_usd"] == "111"
    assert month["entries"] == 3
    assert month["agent_cost_usd"] == "101"
    assert month["workflow_cost_usd"] == "10"


def test_the_month_of_the_system_counts_every_tenant_once(door: Door) -> None:
    one, other = Tenant(door), Tenant(door)
    one.spend("1", agent_execution_id="standalone")
    one.spend("10", workflow_execution_id="flow-1")
    other.spend("100", workflow_execution_id="flow-1", agent_execution_id="standalone")

    month = door.call("system_usage").body

    assert month["spent_usd"] == "111"
    assert month["entries"] == 3
    assert month["agent_cost_usd"] == "101"
    assert month["workflow_cost_usd"] == "10"
    spent = {item["tenant_id"]: item["spent_usd"] for item in month["tenants"]}
    assert spent == {one.id: "11", other.id: "100"}


def test_every_tenant_is_blocked_when_the_system_would_pass_its_limit(
    cloud: Cloud, door: Door
) -> None:
    cloud.set_limits(execution="none", workflow="none", system="1000")
    Tenant(door).spend("990")
    newcomer = Tenant(door)

    for decision in (newcomer.check("10.01").body, newcomer.reserve("10.01").body):
        assert decision["allowed"] is False
        assert decision["reason_code"] == "SYSTEM_MONTH_EXCEEDED"
        assert decision["reason"].startswith("System-wide budget exceeded")
    assert newcomer.check("10").body["allowed"] is True


def test_the_breakdown_by_agent_adds_up_to_the_month(tenant: Tenant) -> None:
    tenant.spend("3", agent="writer", tokens=30)
    tenant.spend("4", agent="writer", tokens=40)
    tenant.spend("1", agent="critic", tokens=10)
    tenant.spend("2", workflow_execution_id="flow-1")

    breakdown = tenant.call("agent_costs").body

    assert by_name(breakdown) == {"writer": "7", "critic": "1", None: "2"}
    assert breakdown["total_usd"] == "10" == tenant.usage()["spent_usd"]
    writer = next(item for item in breakdown["items"] if item["name"] == "writer")
    assert (writer["tokens"], writer["entries"], writer["share_percent"]) == (70, 2, "70")
