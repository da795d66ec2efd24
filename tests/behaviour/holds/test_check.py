"""May this run spend x? The rules of `check`, which holds nothing and changes nothing."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate
from tests.support.cloud import Cloud
from tests.support.times import month_now

FLOW_AND_RUN = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}


def test_a_check_shows_all_four_gates_narrowest_first(tenant: Tenant) -> None:
    decision = tenant.check("1", **FLOW_AND_RUN).body

    shown = [item["budget_id"] for item in decision["gates"]]
    assert shown == ["execution", "workflow", "tenant-month", "system-month"]
    limits = [item["limit_usd"] for item in decision["gates"]]
    assert limits == ["10", "50", "1000", "10000"]


def test_a_check_has_the_whole_shape_of_a_decision(tenant: Tenant) -> None:
    decision = tenant.check("1", **FLOW_AND_RUN).body

    assert decision["allowed"] is True
    assert decision["action"] == "allow"
    assert decision["reason_code"] is None
    assert decision["reservation"] is None
    assert decision["replayed"] is False
    assert decision["warnings"] == []
    expected = {
        "budget_id", "scope", "scope_id", "period", "limit_usd", "spent_usd", "held_usd",
        "available_usd", "projected_usd", "used_percent", "exceeded", "nearing_limit",
        "allowed", "action", "enforcement", "resets_at",
    }  # fmt: skip
    assert all(expected <= item.keys() for item in decision["gates"])


def test_the_status_of_a_decision_is_the_month_of_the_tenant(tenant: Tenant) -> None:
    tenant.spend("2", tokens=7, agent_execution_id="run-1")
    tenant.hold("3", agent_execution_id="run-1")

    status = tenant.check("1").body["status"]

    assert status.items() <= tenant.usage().items()
    assert status["budget_id"] == "tenant-month"
    assert (status["spent_usd"], status["held_usd"], status["available_usd"]) == ("2", "3", "995")
    assert (status["tokens"], status["entries"]) == (7, 1)
    assert "projected_usd" not in status


def test_the_gates_name_their_scope_and_period(tenant: Tenant) -> None:
    decision = tenant.check("1", **FLOW_AND_RUN).body

    run, flow = gate(decision, "execution"), gate(decision, "workflow")
    assert (run["scope"], run["scope_id"], run["period"]) == ("execution", "run-1", "run")
    assert (flow["scope"], flow["scope_id"], flow["period"]) == ("workflow", "flow-1", "run")
    assert gate(decision, "tenant-month")["scope_id"] == tenant.id
    assert gate(decision, "system-month")["scope"] == "system"
    assert run["resets_at"] is None


def test_a_check_changes_nothing(tenant: Tenant, cloud: Cloud) -> None:
    tenant.hold("1", **FLOW_AND_RUN)
    before = cloud.rows()

    tenant.check("1", **FLOW_AND_RUN)
    tenant.check("100000", **FLOW_AND_RUN)

    assert cloud.rows() == before


def test_a_hold_counts_like_money_spent(tenant: Tenant) -> None:
    tenant.hold("9", agent_execution_id="run-1")

    decision = tenant.check("2", agent_execution_id="run-1").body

    assert decision["reason_code"] == "EXECUTION_EXCEEDED"
    run = gate(decision, "execution")
    assert (run["spent_usd"], run["held_usd"], run["available_usd"]) == ("0", "9", "1")
    assert run["projected_usd"] == "11"
    assert run["exceeded"] is False
    assert run["nearing_limit"] is False


def test_the_narrowest_gate_that_refuses_gives_the_reason(cloud: Cloud, tenant: Tenant) -> None:
    cloud.set_limits(execution="1", workflow="2", tenant="3", system="4")

    assert tenant.check("5", **FLOW_AND_RUN).body["reason_code"] == "EXECUTION_EXCEEDED"
    workflow_only = tenant.check("5", workflow_execution_id="flow-1").body
    assert workflow_only["reason_code"] == "WORKFLOW_EXCEEDED"
    refused = [item["budget_id"] for item in workflow_only["gates"] if not item["allowed"]]
    assert refused == ["workflow", "tenant-month", "system-month"]


@pytest.mark.parametrize(
    ("limits", "code", "action", "reason"),
    [
        ({"execution": "1"}, "EXECUTION_EXCEEDED", "block", "Execution budget exceeded"),
        ({"workflow": "1"}, "WORKFLOW_EXCEEDED", "pause", "Workflow budget exceeded"),
        ({"tenant": "1"}, "TENANT_MONTH_EXCEEDED", "block", "Monthly budget exceeded"),
        ({"system": "1"}, "SYSTEM_MONTH_EXCEEDED", "block", "System-wide budget exceeded"),
    ],
)
def test_each_gate_refuses_with_its_code_action_and_words(
    cloud: Cloud, tenant: Tenant, limits: dict[str, str], code: str, action: str, reason: str
) -> None:
    cloud.set_limits(**limits)

    decision = tenant.check("1.01", **FLOW_AND_RUN).body

    assert decision["allowed"] is False
    assert decision["reason_code"] == code
    assert decision["action"] == action
    assert decision["reason"].startswith(reason)
    assert [item["action"] for item in decision["gates"] if not item["allowed"]] == [action]


def test_the_reason_of_a_refusal_says_the_numbers(cloud: Cloud, tenant: Tenant) -> None:
    cloud.set_limits(execution="none")
    tenant.spend("950")

    reason = tenant.check("100").body["reason"]

    assert reason == (
        f"Monthly budget exceeded: {tenant.id} spent 950 USD and holds 0 USD of 1000 USD in "
        f"{month_now()}; 100 USD more would make 1050 USD"
    )


def test_a_run_that_overran_is_refused_at_its_next_check(tenant: Tenant) -> None:
    tenant.spend("12", agent_execution_id="run-1")

    decision = tenant.check("0.01", agent_execution_id="run-1").body

    assert decision["reason_code"] == "EXECUTION_EXCEEDED"
    assert gate(decision, "execution")["available_usd"] in ("-2", "0")
    assert tenant.call("execution", agent_execution_id="run-1").body["state"] == "exceeded"
    assert tenant.check("0.01", agent_execution_id="run-2").body["allowed"] is True


def test_each_gate_that_is_nearly_used_up_gives_one_warning(tenant: Tenant) -> None:
    tenant.spend("9", agent_execution_id="run-1")

    warnings = tenant.check("0.5", agent_execution_id="run-1").body["warnings"]

    assert len(warnings) == 1
    assert warnings[0].startswith("Nearing")
    assert "execution" in warnings[0]


def test_a_check_says_what_a_reserve_would_do(tenant: Tenant) -> None:
    tenant.spend("8.5", agent_execution_id="run-1")
    for amount in ("1.51", "1.5"):
        checked = tenant.check(amount, agent_execution_id="run-1").body
        reserved = tenant.reserve(amount, agent_execution_id="run-1").body
        same = ("allowed", "action", "reason_code", "reason", "warnings")
        assert {key: checked[key] for key in same} == {key: reserved[key] for key in same}


def test_a_check_of_a_run_in_a_workflow_knows_the_workflow_of_the_run(
    cloud: Cloud, tenant: Tenant
) -> None:
    cloud.set_limits(workflow="5")
    tenant.spend("4", **FLOW_AND_RUN)

    decision = tenant.check("2", agent_execution_id="run-1").body

    assert decision["reason_code"] == "WORKFLOW_EXCEEDED"
    assert gate(decision, "workflow")["scope_id"] == "flow-1"
