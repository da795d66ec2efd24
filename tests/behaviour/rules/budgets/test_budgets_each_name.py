"""A budget for each name by itself: one rule with `scope_id: "*"`, one account for each name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant, gate, new_id
from tests.support.dynamodb.calls import recorded_calls
from tests.support.dynamodb.write_units import put_copies
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import (
    GENEROUS,
    allowed,
    budgets,
    delete_budget,
    set_budget,
    set_system,
)
from tests.support.thorough import first
from tests.support.times import at

SCOPES = ("user", "agent", "model", "tag", "workflow", "provider")


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def each(tenant: Tenant, limit: str | None = "1", scope: str = "user", **fields: Any) -> Any:
    """One rule for each name of the scope."""
    given = {"scope": scope, "scope_id": "*", "period": "day", **fields}
    return set_budget(tenant, given.pop("budget_id", "each"), limit, **given)


def named(scope: str, name: str) -> dict[str, Any]:
    """The labels of a request of that name, in runs of its own."""
    ids = {"agent_execution_id": new_id("run"), "workflow_execution_id": new_id("flow")}
    return ids | ({"tags": [name]} if scope == "tag" else {scope: name})


@pytest.mark.parametrize("scope", SCOPES)
def test_each_name_has_the_whole_limit_and_no_more(tenant: Tenant, scope: str) -> None:
    """Before, `*` was accepted and matched nobody."""
    assert each(tenant, "1", scope).error is None
    for name in ("ann", "bob"):
        tenant.hold("0.75", **named(scope, name))
        assert not allowed(tenant, "0.26", **named(scope, name))
        assert allowed(tenant, "0.25", **named(scope, name))
    answer = tenant.record("0.1", **named(scope, "ann")).body
    assert gate(answer, "each")["scope_id"] == "ann"
    assert gate(answer, "each")["spent_usd"] == "0.1"


@pytest.mark.parametrize("scope", SCOPES)
def test_a_request_without_the_name_meets_no_such_budget(tenant: Tenant, scope: str) -> None:
    each(tenant, "0", scope)

    assert allowed(tenant, "5", agent_execution_id="run-1")


def test_ten_tags_of_a_request_are_ten_accounts(tenant: Tenant, cloud: MemoryCloud) -> None:
    each(tenant, "1", "tag")
    tags = [f"tag-{n}" for n in range(10)]
    held = tenant.hold("0.5", tags=tags)
    answer = tenant.settle(held, "0.75").body

    assert [one["scope_id"] for one in answer["gates"] if one["budget_id"] == "each"] == tags
    refused = tenant.reserve("0.5", tags=["fresh", "tag-7"]).body
    assert (refused["allowed"], refused["budget_id"]) == (False, "each")
    assert "tag tag-7 spent 0.75 USD" in refused["reason"]
    assert gate(refused, "each", "fresh")["allowed"]
    assert not differences(cloud.rows())


def test_a_refusal_names_the_name(tenant: Tenant) -> None:
    each(tenant, "1")
    refused = tenant.reserve("2", user="ann").body

    assert refused["reason"].startswith("Budget each exceeded: user ann spent 0 USD")
    assert gate(refused, "each")["scope_id"] == "ann"


def test_a_budget_for_one_name_takes_the_rules_place(tenant: Tenant) -> None:
    each(tenant, "1")
    set_budget(tenant, "bobs", "3", scope="user", scope_id="bob", period="day")

    assert allowed(tenant, "3", user="bob")
    assert [one["budget_id"] for one in tenant.check("1", user="bob").body["gates"]].count(
        "each"
    ) == 0
    assert not allowed(tenant, "2", user="ann")


@pytest.mark.parametrize("kind", [{"enforcement": "shadow"}, {"action": "alert"}])
def test_a_budget_that_refuses_nothing_takes_nobodys_place(
    tenant: Tenant, kind: dict[str, str]
) -> None:
    each(tenant, "1")
    set_budget(tenant, "bobs", "3", scope="user", scope_id="bob", period="day", **kind)

    assert not allowed(tenant, "2", user="bob")


def test_a_budget_of_another_period_takes_nobodys_place(tenant: Tenant) -> None:
    each(tenant, "1")
    set_budget(tenant, "bobs", "3", scope="user", scope_id="bob", period="week")

    assert not allowed(tenant, "2", user="bob")


def test_a_budget_without_a_limit_frees_one_name(tenant: Tenant) -> None:
    each(tenant, "1")
    set_budget(tenant, "bobs", None, scope="user", scope_id="bob", period="day")

    assert allowed(tenant, "5", user="bob")


@pytest.mark.parametrize("kind", [{"enforcement": "shadow"}, {"action": "alert"}])
def test_a_rule_that_refuses_nothing_counts_each_name(tenant: Tenant, kind: dict[str, str]) -> None:
    each(tenant, "1", **kind)
    answer = tenant.reserve("2", user="ann").body

    assert answer["allowed"]
    assert gate(answer, "each")["held_usd"] == "2"
    assert answer["would_block"] == (["each"] if "enforcement" in kind else [])


def test_runs_of_each_agent_have_the_rules_limit_and_an_override_its_own(tenant: Tenant) -> None:
    each(tenant, "1", "agent", period="run")
    set_budget(tenant, "big", "3", scope="agent", scope_id="planner", period="run")

    assert not allowed(tenant, "2", agent="writer")
    assert allowed(tenant, "3", agent="planner")
    assert allowed(tenant, "9")  # a run without a name has the default limit


def test_a_rule_that_is_deleted_and_made_again_counts_from_zero(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    each(tenant, "1")
    held = tenant.hold("0.5", user="ann")
    tenant.spend("0.5", user="ann")
    assert not allowed(tenant, "0.1", user="ann")
    assert delete_budget(tenant, "each").error is None
    assert allowed(tenant, "5", user="ann")
    each(tenant, "1")

    answer = tenant.settle(held, "0.25").body  # its old account takes the hold back and the cost
    assert gate(answer, "each")["spent_usd"] == "0.25"
    assert allowed(tenant, "0.75", user="ann")
    assert not differences(cloud.rows())


def test_a_rule_of_the_system_is_for_each_name_of_each_tenant(tenant: Tenant) -> None:
    other = Tenant(tenant.door)
    set_system(tenant.door, "every-user", "1", scope="user", scope_id="*", period="day")
    tenant.spend("1", user="ann")

    assert not allowed(tenant, "0.1", user="ann")
    assert allowed(other, "1", user="ann")
    assert budgets(tenant)["every-user"]["scope_id"] == "*"


def test_names_do_not_share_accounts_whatever_they_look_like(tenant: Tenant) -> None:
    each(tenant, "1", "user")
    names = ["*", "a#b", "a%23b", "a", "b", "each", "a#*#b", "#", "%", "x" * 256, "é" * 256]
    for name in names:
        assert allowed(tenant, "0.75", user=name), name
    for name in names:
        assert not allowed(tenant, "0.75", user=name), name


def test_a_thousand_names_cost_the_requests_of_ten(tenant: Tenant, cloud: MemoryCloud) -> None:
    """No request depends on how many names a rule has met: nothing lists or counts them."""
    each(tenant, "1")

    def requests(user: str) -> list[str]:
        with recorded_calls() as calls:
            tenant.settle(tenant.hold("0.1", user=user), "0.1")
        return [*calls.operations]

    for n in range(10):
        tenant.spend("0.1", user=f"user-{n}")
    few = [requests("user-3"), requests("nobody-yet")]
    assert put_copies(cloud, "user-9", (f"user-{n}" for n in range(10, 1000))) == 2 * 990
    cloud.start_another_process()
    tenant.check("0.1", user="user-3")  # reads the policy

    assert [requests("user-3"), requests("nobody-either")] == few
    assert few == [["TransactWriteItems", "BatchGetItem"] * 2] * 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"scope": "execution", "period": "run"}, "scope_id"),
        ({"scope": "tenant"}, "scope_id"),
        ({"action": "block_new"}, "action"),
        ({"scope_id": "team-*"}, "scope_id"),
        ({"scope_id": "*a"}, "scope_id"),
        ({"scope_id": "**"}, "scope_id"),
        ({"scope": "model", "scope_id": "*-mini"}, "scope_id"),
        ({"scope": "model", "scope_id": "gpt*mini*"}, "scope_id"),
        ({"scope": "provider", "scope_id": "open*"}, "scope_id"),
    ],
)
def test_a_wildcard_that_would_match_nothing_is_refused(
    tenant: Tenant, cloud: MemoryCloud, fields: dict[str, str], field: str
) -> None:
    before = cloud.rows()
    answer = each(tenant, "1", **{"scope": "user", **fields})

    assert answer.refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


def test_more_accounts_than_fit_a_transaction_are_refused(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    """Three `*` rules for tags would be 30 accounts of a request; with six more it is too many."""
    for n in range(3):
        assert each(tenant, "9", "tag", budget_id=f"tags-{n}", period="day").error is None
    for n in range(5):
        assert each(tenant, "9", budget_id=f"users-{n}").error is None
    before = cloud.rows()
    answer = each(tenant, "9", budget_id="users-6")
    assert answer.refusal == ("VALIDATION_ERROR", "scope_id")
    assert cloud.rows() == before
    assert each(tenant, "9", "agent", budget_id="runs", period="run").error is None


@pytest.mark.parametrize("stripes", first(1, ["8", "1", "32"]))
def test_the_most_accounts_of_a_tenant_and_the_system_are_held_spent_and_settled(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, stripes: str
) -> None:
    """8 ancestors, a workflow, 35 accounts of the tenant's budgets and 35 of the system's."""
    monkeypatch.setenv("TENANT_STRIPES", stripes)
    monkeypatch.setenv("SYSTEM_STRIPES", stripes)
    tags = [f"tag-{n}" for n in range(10)]

    def set_all() -> None:
        for n in range(3):
            each(tenant, "99", "tag", budget_id=f"tags-{n}")
            kind = {"scope": "tag", "scope_id": "*", "period": "day"}
            assert not set_system(tenant.door, f"all-tags-{n}", "99", **kind).error
        for n in range(5):
            each(tenant, "99", budget_id=f"users-{n}")
            kind = {"scope": "user", "scope_id": "*", "period": "day"}
            assert not set_system(tenant.door, f"all-users-{n}", "99", **kind).error

    set_all()
    labels = {"workflow_execution_id": "flow-1", "user": "ann", "tags": tags}
    for n in range(9):
        parent = {"parent_execution_id": f"run-{n - 1}"} if n else {}
        of_run = labels if n == 8 else {"workflow_execution_id": "flow-1"}
        tenant.spend("0.1", agent_execution_id=f"run-{n}", **parent, **of_run)
    run = {"agent_execution_id": "run-8", "parent_execution_id": "run-7", **labels}
    held = tenant.reserve("0.5", **run).body
    assert len([one for one in held["gates"] if one["limit_usd"] == "99"]) == 70
    assert tenant.settle(held["reservation"]["reservation_id"], "0.25").error is None
    replaced = tenant.hold("0.5", **run)
    for name in [*budgets(tenant)]:
        delete_budget(tenant, name)
        tenant.door.call("delete_system_budget", budget_id=name, by="maria", reason="anew")
    set_all()
    answer = tenant.settle(replaced, "0.25")  # 140 accounts of budgets that were and that are
    assert answer.error is None
    entry = answer.body["entry"]
    assert "unreserved" in entry["flags"]
    assert tenant.adjust(entry["entry_id"], "-0.05").error is None
    assert tenant.usage()["held_usd"] == "0"
    assert not differences(cloud.rows())
