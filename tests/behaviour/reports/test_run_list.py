"""Lists of agent executions and workflow executions: order, filters, pages, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import Move, execution_key
from tests.support.builders import Tenant
from tests.support.doors.doors import Answer
from tests.support.dynamodb.bulk import put_accounts
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, set_budget
from tests.support.times import at

IDS = {"list_executions": "agent_execution_id", "list_workflows": "workflow_execution_id"}


def spend(tenant: Tenant, amounts: dict[str, str], run: str = "agent_execution_id") -> None:
    """Record a cost for each run, one a minute from 10:00."""
    for n, (name, amount) in enumerate(amounts.items()):
        with at(f"2026-11-22T10:{n:02}:00Z"):
            tenant.spend(amount, **{run: name})


def listed(tenant: Tenant, operation: str, **fields: Any) -> list[str]:
    """The ids of all pages, in order."""
    found, cursor = list[str](), None
    while True:
        given: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = tenant.call(operation, **fields, **given).body
        assert len(page["items"]) <= fields.get("limit", 100)
        found += [item[IDS[operation]] for item in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            return found


def refusal(answer: Answer) -> tuple[str | None, str | None]:
    """The code and the field of an error."""
    return answer.error, answer.field


@pytest.mark.parametrize("operation", IDS)
@pytest.mark.parametrize("limit", [1, 2, 100])
def test_runs_are_listed_latest_first_or_largest_first(
    tenant: Tenant, operation: str, limit: int
) -> None:
    spend(tenant, {"a": "3", "b": "9", "c": "0", "d": "4"}, IDS[operation])

    assert listed(tenant, operation, limit=limit) == ["d", "c", "b", "a"]
    assert listed(tenant, operation, limit=limit, order="recent") == ["d", "c", "b", "a"]
    assert listed(tenant, operation, limit=limit, order="spend") == ["b", "d", "a", "c"]


@pytest.mark.parametrize("operation", IDS)
def test_an_unknown_tenant_has_no_runs(tenant: Tenant, operation: str) -> None:
    assert tenant.call(operation).body == {"items": [], "cursor": None}


def test_an_execution_says_what_it_spent_where_it_belongs_and_when_it_began(
    tenant: Tenant,
) -> None:
    labels = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1", "agent": "reader"}
    with at("2026-11-22T10:00:00Z", tick=False):
        tenant.hold("2", **labels)
    with at("2026-11-22T10:05:00Z"):
        tenant.spend("1", tokens=5, **labels)
        (run,) = tenant.call("list_executions").body["items"]
        (flow,) = tenant.call("list_workflows").body["items"]
        alone = tenant.call("execution", agent_execution_id="run-1").body

    assert (run["spent_usd"], run["held_usd"], run["tokens"], run["agent"]) == (
        "1",
        "2",
        5,
        "reader",
    )
    assert (run["workflow_execution_id"], run["parent_execution_id"]) == ("flow-1", None)
    assert run["began_at"] == flow["began_at"] == "2026-11-22T10:00:00Z"
    assert (run["state"], flow["state"], flow["workflow"]) == ("active", "active", None)
    assert {name: run[name] for name in run if name in alone} == {
        name: alone[name] for name in run if name in alone
    }


def test_a_run_that_only_holds_money_is_listed_in_both_orders(tenant: Tenant) -> None:
    tenant.hold("2", agent_execution_id="held")
    tenant.spend("1", agent_execution_id="spent")

    assert sorted(listed(tenant, "list_executions")) == ["held", "spent"]
    assert listed(tenant, "list_executions", order="spend") == ["spent", "held"]


def test_executions_are_filtered_by_state_and_by_the_first_name_of_their_agent(
    tenant: Tenant,
) -> None:
    with at("2026-11-22T10:00:00Z"):
        for n in range(6):
            agent = {"agent": "odd" if n % 2 else "even"}
            tenant.spend("11" if n < 3 else "1", agent_execution_id=f"run-{n}", **agent)
        tenant.spend("1", agent_execution_id="run-0", agent="odd")

        over = listed(tenant, "list_executions", state="exceeded", limit=2)
        active = listed(tenant, "list_executions", state="active", limit=2)
        odd = listed(tenant, "list_executions", agent="odd", order="spend", limit=2)
        both = listed(tenant, "list_executions", agent="even", state="exceeded")

    assert (sorted(over), sorted(active)) == (
        ["run-0", "run-1", "run-2"],
        ["run-3", "run-4", "run-5"],
    )
    assert (odd[0], sorted(odd[1:])) == ("run-1", ["run-3", "run-5"])
    assert sorted(both) == ["run-0", "run-2"]


@pytest.mark.parametrize("order", ["recent", "spend"])
def test_paused_workflows_are_listed_until_they_are_resumed(tenant: Tenant, order: str) -> None:
    spend(tenant, {"a": "3", "b": "9", "c": "1"}, "workflow_execution_id")
    with at("2026-11-22T11:00:00Z"):
        for flow in ("a", "c", "never-seen"):
            tenant.call("pause", workflow_execution_id=flow, **WHO).body  # noqa: B018 - must not fail
    wanted = {
        "recent": ["never-seen", "c", "a"],
        "spend": ["a", "c", "never-seen"],
    }[order]

    assert listed(tenant, "list_workflows", paused=True, order=order, limit=2) == wanted
    assert listed(tenant, "list_workflows", state="paused", order=order) == wanted
    assert listed(tenant, "list_workflows", paused=False, order=order) == ["b"]
    tenant.call("resume", workflow_execution_id="a", **WHO).body  # noqa: B018 - must not fail
    assert listed(tenant, "list_workflows", paused=True, order=order) == [
        one for one in wanted if one != "a"
    ]
    page = tenant.call("list_workflows", paused=True, order=order).body["items"]
    assert {one["state"] for one in page} == {"paused"}


def test_workflows_are_filtered_by_their_first_name(tenant: Tenant) -> None:
    tenant.spend("1", workflow_execution_id="flow-1", workflow="nightly")
    tenant.spend("1", workflow_execution_id="flow-2", workflow="daily")

    assert listed(tenant, "list_workflows", workflow="daily") == ["flow-2"]


def test_a_budget_of_the_run_decides_whether_it_is_exceeded(tenant: Tenant) -> None:
    set_budget(tenant, "execution", "2", scope="execution", period="run")
    tenant.spend("3", agent_execution_id="run-1")

    (run,) = tenant.call("list_executions", state="exceeded").body["items"]
    assert (run["limit_usd"], run["used_percent"]) == ("2", "150")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"order": "size"}, "order"),
        ({"state": "open"}, "state"),
        ({"limit": 0}, "limit"),
        ({"limit": 1001}, "limit"),
        ({"cursor": "abc"}, "cursor"),
        ({"month": "2026-11"}, "month"),
    ],
)
@pytest.mark.parametrize("operation", IDS)
def test_a_bad_question_names_its_field(
    tenant: Tenant, operation: str, fields: dict[str, Any], field: str
) -> None:
    assert refusal(tenant.call(operation, **fields)) == ("VALIDATION_ERROR", field)


def test_an_execution_is_never_paused(tenant: Tenant) -> None:
    assert refusal(tenant.call("list_executions", state="paused")) == ("VALIDATION_ERROR", "state")
    assert refusal(tenant.call("list_executions", paused=True)) == ("VALIDATION_ERROR", "paused")


def test_a_cursor_of_another_list_or_tenant_is_refused(tenant: Tenant) -> None:
    spend(tenant, {"a": "3", "b": "9"})
    cursor = tenant.call("list_executions", limit=1).body["cursor"]
    other = Tenant(tenant.door)

    for answer in (
        other.call("list_executions", cursor=cursor),
        tenant.call("list_workflows", cursor=cursor),
        tenant.call("list_executions", cursor=cursor, order="spend"),
        tenant.call("list_executions", cursor=cursor, state="active"),
    ):
        assert refusal(answer) == ("VALIDATION_ERROR", "cursor")


@pytest.mark.doors("direct")
def test_a_page_costs_the_same_requests_at_10_and_1000_and_10000_runs(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    counts, known = dict[str, list[list[str]]](), 0
    for runs in (10, 1000, 10_000):
        spent = {execution_key(tenant.id, f"run-{n}"): Move(Decimal(1)) for n in range(known, runs)}
        put_accounts(cloud, spent)
        known = runs
        for order in ("spend", "recent"):
            with recorded_calls() as calls:
                assert len(tenant.call("list_executions", order=order, limit=9).body["items"]) == 9
            counts.setdefault(order, []).append(calls.operations)

    for found in counts.values():
        assert found[0] == found[1] == found[2]
        assert len(found[0]) <= 3
    with recorded_calls() as calls:
        page = tenant.call("list_executions", state="exceeded").body
    assert (page["items"], len(calls) <= 21) == ([], True)
