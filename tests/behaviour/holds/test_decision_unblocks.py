"""A refusal says which budget refuses and what would unblock it; doing so unblocks it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, cap, lift, run, set_budget, set_system

pytestmark = pytest.mark.frozen

FLOW = {"workflow_execution_id": "flow-1"}
TOMORROW = "2026-11-23T10:05:00Z"


def do(tenant: Tenant, what: str) -> None:
    """What a decision says of one gate, in its first way."""
    way, flow = what.split(", or ", maxsplit=1)[0], FLOW["workflow_execution_id"]
    then = " and resume the workflow"
    if found := re.fullmatch(rf"raise (\S+) by (\S+) USD or more({then})?", way):
        run_budgets = {"execution", "workflow", "planners"}
        until = {"until": TOMORROW} if found[1] in run_budgets else {}
        assert lift(tenant, found[1], found[2], **until).error is None
        if found[3]:
            do(tenant, found[3].removeprefix(" and "))
    elif found := re.fullmatch(r"resume the workflow with a limit of (\S+) USD or more", way):
        fields = {"workflow_execution_id": flow, "limit_usd": found[1], **WHO}
        assert tenant.call("resume", **fields).error is None
    elif way == "resume the workflow":
        assert tenant.call("resume", workflow_execution_id=flow, **WHO).error is None
    else:
        raise AssertionError(f"nobody can do that: {what}")


def unblock(tenant: Tenant, amount: str, **labels: Any) -> None:
    """Refused, then all that the refusal says done, then granted."""
    refused = tenant.reserve(amount, **labels).body
    assert refused["allowed"] is False
    for part in refused["unblock"].split("; "):
        do(tenant, part.removeprefix("and ").removeprefix("then "))
    granted = tenant.reserve(amount, **labels).body
    assert granted["allowed"], (refused["unblock"], granted["reason"])


@pytest.mark.parametrize(
    ("limits", "labels"),
    [
        ({"execution": "5"}, {"agent_execution_id": "e"}),
        ({"workflow": "5"}, FLOW),
        ({"tenant": "5"}, {"agent_execution_id": "e"}),
        ({"execution": "5", "workflow": "4", "tenant": "3"}, {"agent_execution_id": "e", **FLOW}),
    ],
)
def test_doing_what_unblocks_a_default_unblocks_it(
    cloud: MemoryCloud, tenant: Tenant, limits: dict[str, str], labels: dict[str, str]
) -> None:
    cloud.set_limits(**limits)
    tenant.spend("1.5", **labels)
    tenant.hold("1", **labels)

    unblock(tenant, "6.25", **labels)


@pytest.mark.parametrize("action", ["block", "pause", "block_new"])
@pytest.mark.parametrize("period", ["hour", "day", "week", "month"])
def test_doing_what_unblocks_a_custom_budget_unblocks_it(
    tenant: Tenant, action: str, period: str
) -> None:
    cap(tenant, "2", period=period, action=action)

    unblock(tenant, "2.5", **FLOW)


def test_a_run_with_a_limit_of_its_own_is_unblocked_by_another_one(tenant: Tenant) -> None:
    set_budget(tenant, "workflow", "5", action="block")
    tenant.spend("1", **FLOW)
    assert tenant.call("resume", limit_usd="3", **FLOW, **WHO).error is None

    refused = tenant.check("2.5", **FLOW).body
    assert gate(refused, "workflow")["limit_usd"] == "3"
    assert "raise" not in refused["unblock"]
    unblock(tenant, "2.5", **FLOW)


@pytest.mark.parametrize("kind", [{"enforcement": "shadow"}, {"action": "alert"}])
def test_a_limit_of_its_own_is_no_stricter_than_the_budget_that_it_stands_for(
    tenant: Tenant, kind: dict[str, str]
) -> None:
    set_budget(tenant, "workflow", "5", **kind)
    tenant.spend("1", **FLOW)
    tenant.call("resume", limit_usd="3", **FLOW, **WHO)

    for ask in (tenant.check, tenant.reserve):
        decision = ask("2.5", **FLOW).body
        assert decision["allowed"]
        assert gate(decision, "workflow")["limit_usd"] == "3"


def test_time_is_named_only_where_time_would_help(tenant: Tenant) -> None:
    cap(tenant, "2")
    lift(tenant, "cap", "1")
    tenant.spend("1")
    tenant.hold("1")

    assert "2026-11-23T00:00:00Z" in tenant.check("2").body["unblock"]
    assert "wait" not in tenant.check("2.5").body["unblock"], "too much for any day"
    assert "released or expired" in tenant.check("1.5").body["unblock"]
    assert "released or expired" not in tenant.check("2.01").body["unblock"]


def test_returned_holds_unblock_where_the_decision_says_so(tenant: Tenant) -> None:
    cap(tenant, "2")
    held = tenant.hold("1.5")
    assert "wait until 0.5 of 1.5 USD of holds" in tenant.reserve("1").body["unblock"]

    tenant.release(held)

    assert tenant.reserve("1").body["allowed"]


def test_the_order_of_refusals(tenant: Tenant, door: Door) -> None:
    for budget_id in ("b", "a"):
        cap(tenant, "1", budget_id)
    set_system(door, "all", "1", scope="system", period="day")
    for budget_id in ("execution", "workflow", "tenant-month"):
        set_budget(tenant, budget_id, "1", action="block")
    kinds = {"scope": "agent", "scope_id": "planner", "period": "run"}
    set_budget(tenant, "planners", "1", **kinds)
    expected = ["planners", "workflow", "a", "b", "tenant-month", "all"]

    for budget_id in expected:
        refused = tenant.check("2", **run()).body
        assert refused["budget_id"] == budget_id
        codes = {"workflow": "WORKFLOW_EXCEEDED", "tenant-month": "TENANT_MONTH_EXCEEDED"}
        assert refused["reason_code"] == codes.get(budget_id, "BUDGET_EXCEEDED")
        openings = {"workflow": "Workflow budget", "tenant-month": "Monthly budget"}
        assert refused["reason"].startswith(openings.get(budget_id, f"Budget {budget_id}"))
        if budget_id == "all":
            set_system(door, "all", "9", scope="system", period="day")
        elif budget_id == "planners":
            set_budget(tenant, "planners", "9", **kinds)
        else:
            until = {"until": TOMORROW} if budget_id == "workflow" else {}
            lift(tenant, budget_id, "9", **until)
    assert tenant.check("2", **run()).body["allowed"]

    tenant.call("pause", workflow_execution_id="flow-1", **WHO)
    set_budget(tenant, "execution", "0")
    paused = tenant.check("2", **run()).body
    assert (paused["reason_code"], paused["action"]) == ("WORKFLOW_PAUSED", "pause")
    tenant.call("suspend", **WHO)
    stopped = tenant.check("2", **run()).body
    assert (stopped["reason_code"], stopped["action"]) == ("TENANT_SUSPENDED", "block")


def test_a_pause_without_a_workflow_is_a_block(tenant: Tenant) -> None:
    cap(tenant, "1", action="pause")

    alone, within = tenant.reserve("2").body, tenant.reserve("2", **FLOW).body

    assert (alone["action"], within["action"]) == ("block", "pause")
    assert within["pause_id"] == 1
    assert tenant.reserve("0.5", **FLOW).body["reason_code"] == "WORKFLOW_PAUSED"


def test_warnings_name_the_budgets_that_near_their_limits(tenant: Tenant) -> None:
    cap(tenant, "10")
    cap(tenant, "10", "watched", action="alert")
    tenant.spend("8.01")

    warnings = tenant.check("0").body["warnings"]

    assert [one.split(":")[0] for one in warnings if "execution" not in one] == [
        "Nearing cap",
        "Nearing watched",
    ]
