"""Limits in tokens and calls: held, settled and refused in the unit that they count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def limit(tenant: Tenant, budget_id: str = "cap", /, **fields: Any) -> Any:
    """A budget of the tenant's month, unless the fields say otherwise."""
    given = {"scope": "user", "scope_id": "ana", "period": "day", "by": "maria", "reason": "test"}
    return tenant.call("set_budget", budget_id=budget_id, **{**given, **fields})


def usage(tokens_in: int, tokens_out: int) -> dict[str, int]:
    return {"input_tokens": tokens_in, "max_output_tokens": tokens_out}


ANA = {"user": "ana"}


def test_a_limit_of_1000_tokens_takes_1000_and_not_one_more(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_tokens=1000)
    assert tenant.reserve("1", estimated_usage=usage(300, 600), **ANA).body["allowed"]
    refused = tenant.reserve("1", estimated_usage=usage(100, 1), **ANA).body
    assert refused["reason_code"] == "BUDGET_EXCEEDED"
    assert refused["reason"] == (
        "Budget cap exceeded: user ana spent 0 tokens and holds 900 tokens of 1000 tokens in "
        "2026-11-22; 101 tokens more would make 1001 tokens"
    )
    assert refused["unblock"].startswith("set limit_tokens of cap to 1001 or more, or wait until")
    shown = gate(refused, "cap")
    assert (shown["unit"], shown["limit_tokens"], shown["held_tokens"]) == ("tokens", 1000, 900)
    assert (shown["available_tokens"], shown["projected_tokens"]) == (100, 1001)
    assert "limit_usd" not in shown
    assert tenant.reserve("1", estimated_usage=usage(100, 0), **ANA).body["allowed"]


def test_settling_replaces_900_held_tokens_by_the_450_used(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_tokens=1000, limit_calls=5)
    held = tenant.hold("1", estimated_usage=usage(300, 600), **ANA)
    told = tenant.settle(held, "0.5", usage={"input_tokens": 300, "output_tokens": 150}).body
    gates = {one["unit"]: one for one in told["gates"] if one["budget_id"] == "cap"}
    assert (gates["tokens"]["spent_tokens"], gates["tokens"]["held_tokens"]) == (450, 0)
    assert (gates["calls"]["spent_calls"], gates["calls"]["held_calls"]) == (1, 0)
    assert not differences(cloud.rows())


def test_input_and_output_tokens_are_limited_apart(cloud: MemoryCloud, tenant: Tenant) -> None:
    made = limit(tenant, limit_tokens={"input": 500, "output": 100}).body
    assert made["limit_tokens"] == {"input": 500, "output": 100}
    assert made["limit_usd"] is None
    assert tenant.reserve("1", estimated_usage=usage(500, 50), **ANA).body["allowed"]
    refused = tenant.reserve("1", estimated_usage=usage(0, 51), **ANA).body
    assert "51 output tokens more would make 101 output tokens" in refused["reason"]
    assert [one["unit"] for one in refused["gates"] if not one["allowed"]] == ["output_tokens"]


def test_a_rate_brake_of_3_calls_a_minute_opens_again_with_the_next_minute(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    made = limit(tenant, limit_calls=3, period="minute").body
    assert made["thresholds"] == []
    for _ in range(3):
        assert tenant.reserve("1", **ANA).body["allowed"]
    refused = tenant.reserve("1", **ANA).body
    shown = gate(refused, "cap")
    assert (shown["period"], shown["resets_at"]) == (
        "2026-11-22T10:05+0000",
        "2026-11-22T10:06:00Z",
    )
    with at("2026-11-22T10:06:00Z", tick=False):
        assert tenant.reserve("1", **ANA).body["allowed"]


def test_a_hold_without_an_estimate_keeps_1_call_and_1_token(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_tokens=2, limit_calls=10)
    held = [tenant.hold("1", **ANA) for _ in range(2)]
    assert not tenant.reserve("1", **ANA).body["allowed"]
    tenant.release(held[0])
    assert tenant.reserve("1", **ANA).body["allowed"]
    assert not differences(cloud.rows())


@pytest.mark.parametrize("counted", [{"limit_tokens": 0}, {"limit_calls": 0}])
def test_a_limit_of_zero_tokens_or_calls_allows_nothing(
    cloud: MemoryCloud, tenant: Tenant, counted: dict[str, Any]
) -> None:
    limit(tenant, **counted)
    assert not tenant.check("1", **ANA).body["allowed"]
    assert not tenant.reserve("1", **ANA).body["allowed"]


def test_a_run_of_the_default_budget_has_its_own_count_of_calls(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    fields = {"scope": "execution", "scope_id": None, "period": "run"}
    limit(tenant, "execution", limit_usd="100", limit_calls=2, **fields)
    for run in ("one", "two"):
        for _ in range(2):
            tenant.spend("1", agent_execution_id=run)
        refused = tenant.reserve("1", agent_execution_id=run).body
        assert refused["reason_code"] == "EXECUTION_EXCEEDED"
        assert refused["reason"].startswith(
            f"Execution budget exceeded: {run} spent 2 calls and holds 0 calls of 2 calls in this "
        )
    assert not differences(cloud.rows())


def test_a_budget_of_calls_for_a_named_agent_leaves_the_default_in_usd_in_force(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    cloud.set_limits(execution="10")
    limit(tenant, limit_calls=5, scope="agent", scope_id="crawler", period="run")
    refused = tenant.reserve("11", agent="crawler", agent_execution_id="r").body
    assert refused["reason_code"] == "EXECUTION_EXCEEDED"
    assert [one["unit"] for one in refused["gates"] if one["budget_id"] == "cap"] == ["calls"]


def test_children_count_in_the_calls_of_their_parents_run(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    fields = {"scope": "execution", "scope_id": None, "period": "run"}
    limit(tenant, "execution", limit_usd=None, limit_calls=3, **fields)
    child = {"agent_execution_id": "child", "parent_execution_id": "mother"}
    for _ in range(3):
        tenant.record("1", **child)
    refused = tenant.reserve("1", agent_execution_id="mother").body
    assert not refused["allowed"]
    shown = [one for one in refused["gates"] if one["unit"] == "calls"]
    assert [(one["scope_id"], one["spent_calls"]) for one in shown] == [("mother", 3)]


def test_calls_that_a_usage_counts_are_so_many_calls(cloud: MemoryCloud, tenant: Tenant) -> None:
    limit(tenant, limit_calls=10)
    tenant.record("1", usage={"calls": 7}, **ANA)
    refused = tenant.reserve("1", estimated_usage={"calls": 4}, **ANA).body
    assert not refused["allowed"]
    assert gate(refused, "cap")["spent_calls"] == 7


def test_the_tenants_month_may_limit_tokens_beside_usd(cloud: MemoryCloud, tenant: Tenant) -> None:
    fields = {"scope": "tenant", "scope_id": None, "period": "month"}
    limit(tenant, "tenant-month", limit_usd="1000", limit_tokens=100, **fields)
    tenant.record("1", usage={"input_tokens": 60, "output_tokens": 30})
    body = tenant.reserve("1", estimated_usage=usage(11, 0)).body
    assert body["reason_code"] == "TENANT_MONTH_EXCEEDED"
    assert body["status"]["spent_usd"] == "1"
    months = [one for one in body["gates"] if one["budget_id"] == "tenant-month"]
    assert [one["unit"] for one in months] == ["usd", "tokens"]
    assert months[1]["scope_id"] == tenant.id


def test_a_limit_in_tokens_counts_from_the_moment_that_it_is_set(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_usd="100")
    tenant.record("1", usage={"input_tokens": 900, "output_tokens": 0}, **ANA)
    with at("2026-11-22T11:00:00Z", tick=False):
        limit(tenant, limit_usd="100", limit_tokens=100)
        body = tenant.check("1", estimated_usage=usage(100, 0), **ANA).body
    counted = {
        one["unit"]: one["counting_since"] for one in body["gates"] if one["budget_id"] == "cap"
    }
    assert body["allowed"]
    assert counted == {"usd": "2026-11-22T10:05:00Z", "tokens": "2026-11-22T11:00:00Z"}


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({}, "limit_usd"),
        ({"limit_tokens": -1}, "limit_tokens"),
        ({"limit_tokens": 1.5}, "limit_tokens"),
        ({"limit_tokens": {}}, "limit_tokens.total"),
        ({"limit_tokens": {"cached": 1}}, "limit_tokens.cached"),
        ({"limit_tokens": {"input": -1}}, "limit_tokens.input"),
        ({"limit_calls": "five"}, "limit_calls"),
        ({"limit_calls": 1, "reserve_percent": 100}, "reserve_percent"),
        ({"limit_calls": 1, "downgrade": [{"model": "a"}, {"model": "A"}]}, "downgrade"),
        ({"limit_calls": 1, "downgrade": [{"at_percent": 5}]}, "downgrade[0].model"),
    ],
)
def test_a_bad_limit_is_a_400_that_names_its_field(
    cloud: MemoryCloud, tenant: Tenant, bad: dict[str, Any], field: str
) -> None:
    assert limit(tenant, **bad).refusal == ("VALIDATION_ERROR", field)


def test_budgets_that_one_request_could_not_write_together_are_refused(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    runs = {"scope": "execution", "scope_id": None, "period": "run"}
    for number in range(3):
        limit(tenant, f"run-{number}", limit_calls=100, **runs)
    for name in ("three", "six"):
        limit(tenant, name, limit_tokens={"input": 1, "output": 1, "total": 1})
    limit(tenant, "eight", limit_tokens={"input": 1, "output": 1})
    refused = limit(tenant, "one-more", limit_calls=1)
    assert refused.refusal == ("VALIDATION_ERROR", "limit_calls")
    assert limit(tenant, "run-0", limit_usd="5", **runs).body["limit_calls"] is None
    assert limit(tenant, "one-more", limit_calls=1).body["limit_calls"] == 1


def test_the_longest_line_of_runs_under_the_most_budgets_of_calls_is_booked(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    runs = {"scope": "execution", "scope_id": None, "period": "run"}
    for number in range(3):
        limit(tenant, f"run-{number}", limit_calls=100, **runs)
    above = None
    for depth in range(9):
        run = {"agent_execution_id": f"run-{depth}", "parent_execution_id": above}
        tenant.spend("1", **run, workflow_execution_id="flow", **ANA)
        above = f"run-{depth}"
    held = tenant.hold("1", **run, workflow_execution_id="flow", **ANA)
    assert tenant.settle(held, "1").body["reservation"]["state"] == "settled"
    assert not differences(cloud.rows())
