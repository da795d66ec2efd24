"""One name for one thing: a budget holds whatever a caller calls its model, run, user or tag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.dynamodb.calls import recorded_calls
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, allowed, set_budget
from tests.support.times import at

CLAUDE = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def cap(tenant: Tenant, limit: str, scope: str, name: str, **fields: Any) -> Any:
    """A budget for one name and a day."""
    given = {"period": "day", **fields}
    return set_budget(tenant, "cap", limit, scope=scope, scope_id=name, **given)


def test_a_model_budget_counts_what_the_response_calls_by_its_date(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    """Before, 0.24 USD passed a budget of 0.05 USD a day."""
    cap(tenant, "0.05", "model", "gpt-4o")
    booked = 0
    for _ in range(6):
        decision = tenant.reserve("0.04", model="gpt-4o").body
        if decision["allowed"]:
            name = decision["reservation"]["reservation_id"]
            answer = tenant.settle(name, "0.04", model="gpt-4o-2024-08-06").body
            assert answer["entry"]["model"] == "gpt-4o-2024-08-06"
            assert answer["entry"]["model_resolved"] == "gpt-4o"
            assert gate(answer, "cap")["spent_usd"] == "0.04"
            booked += 1

    assert booked == 1
    assert not differences(cloud.rows())


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("gpt-4o", {"model": "GPT-4o"}),
        ("gpt-4o", {"model": "openai/gpt-4o"}),
        ("gpt-4o", {"model": "openai/gpt-4o-2024-08-06"}),
        ("gpt-4o", {"model": "azure/gpt-4o"}),
        ("gpt-4o", {"model": "gpt-4o", "provider": "azure"}),
        ("gpt-4o", {"model": "openai/gpt-4o", "provider": "openrouter"}),
        ("gpt-4o-2024-08-06", {"model": "gpt-4o"}),
        ("OpenAI/GPT-4o", {"model": "gpt-4o"}),
        (" gpt-4o ", {"model": "gpt-4o  "}),
        ("claude-sonnet-4-5", {"model": "claude-sonnet-4-5-20250929"}),
        ("claude-sonnet-4-5", {"model": "anthropic/claude-sonnet-4.5"}),
        ("claude-sonnet-4-5", {"model": f"bedrock/{CLAUDE}"}),
        ("claude-sonnet-4-5", {"model": CLAUDE}),
        ("claude-sonnet-4-5", {"model": CLAUDE, "provider": "bedrock"}),
        (CLAUDE, {"model": "vertex_ai/claude-sonnet-4-5@20250929"}),
        ("my-own", {"model": "My-Own"}),
        ("my-own", {"model": "openai/my-own"}),
        ("claude-*", {"model": "claude-sonnet-4-5-20250929"}),
        ("claude-*", {"model": f"bedrock/{CLAUDE}"}),
        ("Claude-*", {"model": "anthropic/claude-sonnet-4.5"}),
        ("glm-*", {"model": "GLM-5"}),
        ("house/*", {"model": "House/Best-1"}),
    ],
)
def test_a_model_is_the_same_however_it_is_written(
    tenant: Tenant, budget: str, said: dict[str, str]
) -> None:
    assert cap(tenant, "1", "model", budget).error is None

    assert not allowed(tenant, "2", **said)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4o", "gpt-4o-2024-05-13"),  # which the price list has as a model of its own
        ("gpt-4o", "my-gpt-4o"),
        ("claude-*", "gpt-4o"),
        ("claude-*", "not-claude-1"),
        ("my-own", "my-own-2"),
    ],
)
def test_another_model_is_another(tenant: Tenant, budget: str, said: str) -> None:
    cap(tenant, "1", "model", budget)

    assert allowed(tenant, "2", model=said)


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("openai", {"provider": "OpenAI", "model": "x"}),
        ("openai", {"model": "gpt-4o"}),
        ("openai", {"model": "openai/my-own"}),
        ("bedrock", {"model": CLAUDE}),
        ("aws", {"provider": "Amazon Bedrock"}),
        ("Amazon Bedrock", {"provider": "aws"}),
        ("house", {"provider": "House"}),
        ("*", {"provider": "openai"}),
    ],
)
def test_a_provider_has_a_budget(tenant: Tenant, budget: str, said: dict[str, str]) -> None:
    assert cap(tenant, "1", "provider", budget).error is None

    assert not allowed(tenant, "2", **said)
    assert allowed(tenant, "2", provider="groq") == (budget != "*")


def test_each_model_has_one_account_whatever_it_is_called(tenant: Tenant) -> None:
    cap(tenant, "1", "model", "*")
    tenant.spend("0.4", model="gpt-4o")
    held = tenant.hold("0.3", model="GPT-4o")
    answer = tenant.settle(held, "0.3", model="openai/gpt-4o-2024-11-20").body

    assert gate(answer, "cap")["scope_id"] == "gpt-4o"
    assert gate(answer, "cap")["spent_usd"] == "0.7"
    assert not allowed(tenant, "0.4", model="azure/gpt-4o")
    assert allowed(tenant, "1", model="gpt-4o-mini")


def test_a_budget_for_a_dated_name_overrides_the_rule_for_each_model(tenant: Tenant) -> None:
    cap(tenant, "1", "model", "*")
    given = {"scope": "model", "scope_id": "gpt-4o-2024-08-06", "period": "day"}
    set_budget(tenant, "big", "3", **given)

    assert allowed(tenant, "3", model="gpt-4o")
    assert not allowed(tenant, "2", model="gpt-4o-mini")


def test_another_model_at_settlement_counts_for_that_model(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "1", "model", "*")
    answer = tenant.settle(tenant.hold("0.5", model="gpt-4o"), "0.5", model="gpt-4o-mini").body

    assert gate(answer, "cap")["scope_id"] == "gpt-4o-mini"
    assert allowed(tenant, "1", model="gpt-4o")
    assert not allowed(tenant, "0.6", model="gpt-4o-mini")
    assert not differences(cloud.rows())


def test_usage_by_model_is_one_line_for_a_model_with_its_spellings(tenant: Tenant) -> None:
    spellings = {"gpt-4o": "3", "GPT-4o": "1", "openai/gpt-4o-2024-08-06": "0.5"}
    for name, cost in spellings.items():
        tenant.spend(cost, model=name, tokens=10)
    tenant.spend("1", model="My-Own")
    tenant.spend("0.25")
    shown = tenant.call("model_costs").body

    assert [(one["name"], one["spent_usd"], one["spellings"]) for one in shown["items"]] == [
        ("gpt-4o", "4.5", [*spellings]),
        ("My-Own", "1", ["My-Own"]),
        (None, "0.25", []),
    ]
    assert (shown["items"][0]["entries"], shown["items"][0]["tokens"]) == (3, 30)
    assert shown["total_usd"] == "5.75"


@pytest.mark.parametrize("period", ["run", "day"])
@pytest.mark.parametrize("name", ["planner", "*"])
@pytest.mark.parametrize("kind", ["agent", "workflow"])
def test_a_run_cannot_rename_itself_out_of_a_budget(
    tenant: Tenant, cloud: MemoryCloud, kind: str, name: str, period: str
) -> None:
    """Before, a run whose first name had a budget of 0.01 USD got 9 USD by another name."""
    cap(tenant, "0.01", kind, name, period=period)
    run = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
    tenant.spend("0.005", **run, **{kind: "planner"})

    for said in ({kind: "other"}, {}, {kind: "planner"}):
        assert not allowed(tenant, "0.01", **run, **said), said
        cloud.start_another_process()
        answer = tenant.record("0.001", **run, **said).body
    assert gate(answer, "cap")["spent_usd"] == "0.008"
    assert not differences(cloud.rows())


@pytest.mark.parametrize("kind", ["agent", "workflow"])
def test_a_hold_under_another_name_settles_in_the_first_names_budget(
    tenant: Tenant, cloud: MemoryCloud, kind: str
) -> None:
    cap(tenant, "1", kind, "*")
    run = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
    tenant.spend("0.1", **run, **{kind: "planner"})
    decision = tenant.reserve("0.2", **run, **{kind: "other"}).body
    assert gate(decision, "cap")["scope_id"] == "planner"
    held = decision["reservation"]
    cloud.start_another_process()
    answer = tenant.settle(held["reservation_id"], "0.3", receipt=held["receipt"]).body

    assert gate(answer, "cap")["scope_id"] == "planner"
    assert gate(answer, "cap")["spent_usd"] == "0.4"
    assert answer["entry"][kind] == "other"
    assert allowed(tenant, "1", **{f"{kind}_execution_id": "fresh", kind: "other"})
    assert not differences(cloud.rows())


def test_later_names_count_in_the_breakdown(tenant: Tenant) -> None:
    cap(tenant, "9", "agent", "planner")
    tenant.spend("1", agent_execution_id="run-1", agent="planner")
    tenant.spend("2", agent_execution_id="run-1", agent="other")
    items = tenant.call("agent_costs").body["items"]

    assert {one["name"]: one["spent_usd"] for one in items} == {"planner": "1", "other": "2"}


def test_costs_of_a_batch_follow_the_first_name_of_their_run(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "9", "agent", "*")
    names = ["planner", "other", None, "planner", "third"]
    costs = [
        {"agent_execution_id": "run-1", "cost_usd": "1"} | ({"agent": name} if name else {})
        for name in names
    ]
    results = tenant.call("record_costs", costs=costs).body["results"]

    assert all("entry" in one for one in results)
    shown = gate(tenant.check("1", agent_execution_id="run-1", agent="zoe").body, "cap")
    assert (shown["scope_id"], shown["spent_usd"]) == ("planner", "5")
    assert not differences(cloud.rows())


def test_a_batch_of_an_opened_run_follows_its_first_name(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "9", "workflow", "*")
    tenant.spend("1", workflow_execution_id="flow-1", workflow="nightly")
    cloud.start_another_process()
    costs = [
        {"workflow_execution_id": "flow-1", "cost_usd": "1", "workflow": name}
        for name in ("other", "nightly", "third")
    ]
    results = tenant.call("record_costs", costs=costs).body["results"]

    assert all("entry" in one for one in results)
    answer = tenant.check("1", workflow_execution_id="flow-1", workflow="zoe").body
    assert gate(answer, "cap")["spent_usd"] == "4"
    assert not differences(cloud.rows())


def test_a_confirmed_cost_counts_in_the_budget_of_the_first_name(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.spend("1", agent_execution_id="run-1", agent="planner")
    entry = tenant.spend("20000", agent_execution_id="run-1", agent="other")
    cap(tenant, "9", "agent", "*")
    cloud.start_another_process()
    tenant.call("confirm_cost", entry_id=entry, by="maria", reason="it is right").body  # noqa: B018

    answer = tenant.check("1", agent_execution_id="run-1", agent="other").body
    assert (gate(answer, "cap")["scope_id"], gate(answer, "cap")["spent_usd"]) == (
        "planner",
        "20000",
    )
    assert not differences(cloud.rows())


def test_a_request_that_says_its_names_costs_no_read_for_them(tenant: Tenant) -> None:
    cap(tenant, "9", "agent", "planner")
    run = {"agent_execution_id": "run-1", "agent": "planner", "include_gates": False}
    tenant.spend("1", agent_execution_id="run-2", agent="planner")
    with recorded_calls() as calls:
        tenant.spend("1", **run)
        tenant.settle(tenant.hold("1", **run), "1", include_gates=False)

    assert calls.operations == ["TransactWriteItems"] * 3


def test_a_run_under_another_name_costs_one_look_and_is_then_remembered(tenant: Tenant) -> None:
    cap(tenant, "9", "agent", "planner")
    tenant.spend("1", agent_execution_id="run-1", agent="planner")
    run = {"agent_execution_id": "run-1", "agent": "other", "include_gates": False}
    with recorded_calls() as calls:
        tenant.spend("1", **run)
    first = [*calls.operations]
    with recorded_calls() as calls:
        tenant.spend("1", **run)

    assert len(first) <= 4
    assert calls.operations == ["TransactWriteItems"]
