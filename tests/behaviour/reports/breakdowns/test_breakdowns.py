"""The breakdowns by user, tag, workflow name and provider: pages, sums, and what they cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import TAG, USER, WORKFLOW_NAME, AccountKey, Move
from tests.support.builders import Tenant, by_name
from tests.support.doors.doors import Answer
from tests.support.dynamodb.bulk import put_accounts
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at

BREAKDOWNS = {
    "user_costs": "user",
    "workflow_costs": "workflow",
    "provider_costs": "provider",
    "tag_costs": "tags",
}
RANKED = ["user_costs", "workflow_costs", "tag_costs"]


def labelled(operation: str, name: str) -> dict[str, Any]:
    """The label of a breakdown with this name."""
    label = BREAKDOWNS[operation]
    return {label: [name] if label == "tags" else name}


def refusal(answer: Answer) -> tuple[str | None, str | None]:
    """The code and the field of an error."""
    return answer.error, answer.field


def pages(tenant: Tenant, operation: str, **fields: Any) -> list[list[str | None]]:
    """The names of each page."""
    found, cursor = list[list[str | None]](), None
    while True:
        given: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = tenant.call(operation, **fields, **given).body
        found.append([item["name"] for item in page["items"]])
        cursor = page["cursor"]
        if cursor is None:
            return found


@pytest.mark.parametrize("operation", BREAKDOWNS)
def test_costs_without_the_label_appear_without_a_name(tenant: Tenant, operation: str) -> None:
    tenant.spend("1", **labelled(operation, "first"))
    tenant.spend("2", agent="a", model="m")
    tenant.spend("5", workflow_execution_id="flow-1", tokens=7)

    breakdown = tenant.call(operation).body

    assert by_name(breakdown) == {None: "7", "first": "1"}
    assert [item["name"] for item in breakdown["items"]] == [None, "first"]
    assert breakdown["total_usd"] == "8"
    assert [item["share_percent"] for item in breakdown["items"]] == ["87.5", "12.5"]
    assert [(item["entries"], item["tokens"]) for item in breakdown["items"]] == [(2, 7), (1, 0)]


@pytest.mark.parametrize("operation", BREAKDOWNS)
def test_an_unknown_tenant_has_no_items_and_spent_0(tenant: Tenant, operation: str) -> None:
    body = tenant.call(operation).body
    assert (body["items"], body["total_usd"], body["cursor"]) == ([], "0", None)


def test_each_label_is_broken_down_by_itself(tenant: Tenant) -> None:
    tenant.spend("1", user="ana", provider="openai")
    tenant.spend("2", user="ana", workflow="nightly")
    tenant.spend("4", tags=["a", "b"], workflow="nightly", user="ben")
    tenant.spend("8")

    found = {operation: by_name(tenant.call(operation).body) for operation in BREAKDOWNS}

    assert found == {
        "user_costs": {None: "8", "ben": "4", "ana": "3"},
        "workflow_costs": {None: "9", "nightly": "6"},
        "provider_costs": {None: "14", "openai": "1"},
        "tag_costs": {None: "11", "a": "4", "b": "4"},
    }


def test_a_cost_with_2_tags_counts_in_both_and_the_total_is_the_months(tenant: Tenant) -> None:
    tenant.spend("3", tags=["a", "b"])
    tenant.spend("1", tags=["b"])

    breakdown = tenant.call("tag_costs").body

    assert by_name(breakdown) == {"b": "4", "a": "3"}
    assert breakdown["total_usd"] == "4"
    assert [item["share_percent"] for item in breakdown["items"]] == ["100", "75"]


@pytest.mark.parametrize("operation", RANKED)
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_go_from_the_largest_to_the_smallest_and_the_rest_has_its_place(
    tenant: Tenant, operation: str, limit: int
) -> None:
    for name, amount in (("e", "9"), ("a", "8"), ("c", "3"), ("b", "3"), ("d", "0"), ("f", "1")):
        tenant.spend(amount, **labelled(operation, name))
    tenant.spend("5")

    found = pages(tenant, operation, limit=limit)

    assert all(len(page) == limit for page in found[:-1])
    names = [name for page in found for name in page]
    assert names[:3] == ["e", "a", None]
    assert set(names[3:5]) == {"b", "c"}
    assert names[5:] == ["f", "d"]


@pytest.mark.parametrize("operation", RANKED)
def test_a_rest_of_1_comes_after_names_of_5_and_4_that_fill_the_page(
    tenant: Tenant, operation: str
) -> None:
    for name, amount in (("a", "5"), ("b", "4")):
        tenant.spend(amount, **labelled(operation, name))
    tenant.spend("1")

    assert pages(tenant, operation, limit=2) == [["a", "b"], [None]]


@pytest.mark.parametrize("operation", ["agent_costs", "model_costs", "provider_costs"])
def test_breakdowns_that_are_read_whole_have_pages_too(tenant: Tenant, operation: str) -> None:
    label = {"agent_costs": "agent", "model_costs": "model"}.get(operation, "provider")
    for name, amount in (("e", "9"), ("a", "8"), ("c", "3"), ("b", "3")):
        tenant.spend(amount, **{label: name})
    tenant.spend("5")

    assert pages(tenant, operation, limit=2) == [["e", "a"], [None, "b"], ["c"]]
    assert pages(tenant, operation) == [["e", "a", None, "b", "c"]]
    assert tenant.call(operation, limit=2).body["total_usd"] == "28"


def test_days_have_pages_in_their_order(tenant: Tenant) -> None:
    with at("2026-11-20T10:00:00Z"):
        for day, amount in (("18", "1"), ("19", "9"), ("20", "4")):
            tenant.spend(amount, occurred_at=f"2026-11-{day}T08:00:00Z")
        found = pages(tenant, "daily_costs", limit=2)

    assert found == [["2026-11-18", "2026-11-19"], ["2026-11-20"]]


@pytest.mark.parametrize("operation", [*BREAKDOWNS, "agent_costs", "model_costs", "daily_costs"])
def test_a_cursor_of_another_breakdown_month_or_tenant_is_refused(
    tenant: Tenant, operation: str
) -> None:
    for n in range(3):
        tenant.spend("1", user=f"user-{n}", provider="p", workflow=f"w{n}", tags=[f"t{n}"])
    cursor = tenant.call("user_costs", limit=1).body["cursor"]
    other = Tenant(tenant.door)

    assert refusal(tenant.call(operation, cursor="abc")) == ("VALIDATION_ERROR", "cursor")
    assert refusal(other.call("user_costs", cursor=cursor)) == ("VALIDATION_ERROR", "cursor")
    refused = tenant.call(operation, cursor=cursor, month="2026-01")
    assert refusal(refused) == ("VALIDATION_ERROR", "cursor")
    if operation != "user_costs":
        assert refusal(tenant.call(operation, cursor=cursor)) == ("VALIDATION_ERROR", "cursor")


@pytest.mark.parametrize("limit", [0, 1001, "x"])
def test_a_limit_out_of_1_to_1000_is_refused(tenant: Tenant, limit: Any) -> None:
    assert refusal(tenant.call("user_costs", limit=limit)) == ("VALIDATION_ERROR", "limit")


def test_another_month_has_its_own_names(tenant: Tenant) -> None:
    with at("2026-10-15T10:00:00Z"):
        tenant.spend("5", user="ana")
    with at("2026-11-15T10:00:00Z"):
        tenant.spend("2", user="ben")
        now, before = (tenant.call("user_costs", **one).body for one in ({}, {"month": "2026-10"}))

    assert (now["month"], by_name(now)) == ("2026-11", {"ben": "2"})
    assert (before["month"], by_name(before)) == ("2026-10", {"ana": "5"})


def test_a_correction_moves_the_names_of_its_cost(tenant: Tenant) -> None:
    entry = tenant.spend("5", user="ana", tags=["a"], provider="openai", workflow="nightly")
    tenant.adjust(entry, "-2")

    found = {one: tenant.call(one).body["items"] for one in BREAKDOWNS}

    assert {one: (items[0]["spent_usd"], items[0]["entries"]) for one, items in found.items()} == (
        dict.fromkeys(BREAKDOWNS, ("3", 1))
    )


def test_a_settled_hold_counts_and_an_open_one_does_not(tenant: Tenant) -> None:
    tenant.hold("4", user="ben")
    tenant.settle(tenant.hold("4", user="ana"), "1")

    assert by_name(tenant.call("user_costs").body) == {"ana": "1"}


def test_a_provider_is_one_line_however_it_is_spelled(tenant: Tenant) -> None:
    tenant.spend("1", provider="OpenAI")
    tenant.spend("2", provider="openai")

    assert by_name(tenant.call("provider_costs").body) == {"openai": "3"}


def test_names_are_told_apart_to_the_letter(tenant: Tenant) -> None:
    names = ["writer", "Writer", "a#b", "a", "a%23b", "null", "None", "é", "a/b", "€" * 256]
    for name in names:
        tenant.spend("1", user=name)

    found = pages(tenant, "user_costs", limit=3)
    assert sorted(name or "" for page in found for name in page) == sorted(names)


@pytest.mark.doors("direct")
@pytest.mark.parametrize(
    ("operation", "scope"),
    [("user_costs", USER), ("tag_costs", TAG), ("workflow_costs", WORKFLOW_NAME)],
)
def test_a_page_costs_the_same_requests_at_10_and_1000_and_10000_names(
    tenant: Tenant, cloud: MemoryCloud, operation: str, scope: str
) -> None:
    counts, known = list[list[str]](), 0
    for names in (10, 1000, 10_000):
        accounts = {
            AccountKey(tenant.id, scope, f"name-{number:05}", "2026-10"): Move(
                spent=Decimal(number)
            )
            for number in range(known, names)
        }
        put_accounts(cloud, accounts)
        known = names
        cursor = dict[str, Any]()
        for place in (1, 6):
            with recorded_calls() as calls:
                page = tenant.call(operation, month="2026-10", limit=5, **cursor).body
            found = [item["name"] for item in page["items"]]
            assert found == [f"name-{names - one:05}" for one in range(place, place + 5)]
            cursor = {"cursor": page["cursor"]}
            counts.append(calls.operations)

    # The rules, the month with its costs without a name, the list, and the accounts of the page.
    assert counts == [["BatchGetItem", "TransactGetItems", "Query", "BatchGetItem"]] * 6


def test_a_cost_with_no_room_for_its_names_is_shown_without_a_name(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget_monitor.domain.accounting.breakdowns.MAX_MOVED", 11)
    tenant.spend("1", user="ana", workflow="nightly")
    tenant.spend("2", user="ana", tags=[f"t{n}" for n in range(10)])

    assert by_name(tenant.call("user_costs").body) == {None: "2", "ana": "1"}
    assert by_name(tenant.call("tag_costs").body) == {None: "3"}
