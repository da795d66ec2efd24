"""The system's breakdowns: the names of all tenants added up."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, by_name
from tests.support.dynamodb.calls import recorded_calls
from tests.support.times import at

LABELS = {"agent": "reader", "model": "gpt-4o", "user": "ana", "workflow": "nightly"} | {
    "provider": "openai"
}
BREAKDOWNS = ("agent", "model", "user", "workflow", "provider", "tag")


def system(tenant: Tenant, label: str, **fields: Any) -> dict[str | None, str]:
    """What the system spent, by name."""
    return by_name(tenant.door.call(f"system_{label}_costs", **fields).body)


@pytest.mark.parametrize("label", BREAKDOWNS)
def test_tenants_names_add_up_and_the_rest_has_no_name(tenant: Tenant, label: str) -> None:
    other = Tenant(tenant.door)
    for one, amount in ((tenant, "1"), (other, "2")):
        one.spend(amount, tags=["prod"], **LABELS)
    other.spend("4", tags=["dev"], **{**LABELS, label: "second"} if label != "tag" else LABELS)
    tenant.spend("8")
    first = "prod" if label == "tag" else LABELS[label]
    second = "dev" if label == "tag" else "second"

    assert system(tenant, label) == {None: "8", second: "4", first: "3"}
    body = tenant.door.call(f"system_{label}_costs", limit=2).body
    assert (body["total_usd"], [item["name"] for item in body["items"]]) == ("15", [None, second])
    rest = tenant.door.call(f"system_{label}_costs", limit=2, cursor=body["cursor"]).body
    assert ([item["name"] for item in rest["items"]], rest["cursor"]) == ([first], None)


def test_days_of_two_tenants_add_up_in_their_order(tenant: Tenant) -> None:
    with at("2026-11-20T10:00:00Z"):
        for one, day, amount in ((tenant, 18, "1"), (Tenant(tenant.door), 18, "2")):
            one.spend(amount, occurred_at=f"2026-11-{day}T08:00:00Z")
        tenant.spend("5")
        body = tenant.door.call("system_daily_costs").body
        page = tenant.door.call("system_daily_costs", limit=1).body
        rest = tenant.door.call("system_daily_costs", cursor=page["cursor"]).body

    assert [(one["name"], one["spent_usd"], one["entries"]) for one in body["items"]] == [
        ("2026-11-18", "3", 2),
        ("2026-11-20", "5", 1),
    ]
    assert (body["total_usd"], page["items"], rest["items"]) == (
        "8",
        body["items"][:1],
        body["items"][1:],
    )


def test_another_month_and_a_cursor_of_another_list(tenant: Tenant) -> None:
    with at("2026-10-15T10:00:00Z"):
        for n in range(2):
            tenant.spend("5", user=f"user-{n}", tags=["t"])
    with at("2026-11-15T10:00:00Z"):
        assert system(tenant, "user") == {}
        assert system(tenant, "user", month="2026-10") == {"user-0": "5", "user-1": "5"}
        page = tenant.door.call("system_user_costs", month="2026-10", limit=1).body
        for operation, month in (("system_user_costs", "2026-11"), ("system_tag_costs", "2026-10")):
            answer = tenant.door.call(operation, month=month, cursor=page["cursor"])
            assert (answer.error, answer.field) == ("VALIDATION_ERROR", "cursor")


@pytest.mark.doors("direct")
def test_20_tenants_with_80_names_cost_the_same_5_requests_as_10_with_10(tenant: Tenant) -> None:
    counts = list[list[str]]()
    for entries in (1, 300):
        for one in (Tenant(tenant.door) for _ in range(10)):
            costs = [
                {"cost_usd": "0.01", "agent_execution_id": "run", "user": f"user-{n % 4}"}
                for n in range(entries // 10 or 1)
            ]
            one.call("record_costs", costs=costs).body  # noqa: B018 - must not fail
        with recorded_calls() as calls:
            tenant.door.call("system_user_costs").body  # noqa: B018 - must not fail
        counts.append(calls.operations)

    assert counts[0] == counts[1]
    assert sorted(counts[0]) == ["BatchGetItem"] * 3 + ["Query"] * 2


def pairs(tenant: Tenant, label: str, **fields: Any) -> list[tuple[str, str | None, str]]:
    """Tenant, name and spend of each line of all pages, one line a page."""
    found, cursor = list[tuple[str, str | None, str]](), dict[str, Any]()
    while True:
        asked = {"group_by": "tenant", "limit": 1, **cursor, **fields}
        body = tenant.door.call(f"system_{label}_costs", **asked).body
        found += [(one["tenant_id"], one["name"], one["spent_usd"]) for one in body["items"]]
        if body["cursor"] is None:
            return found
        cursor = {"cursor": body["cursor"]}


@pytest.mark.parametrize("label", BREAKDOWNS)
def test_grouped_by_tenant_each_name_of_each_tenant_is_a_line(tenant: Tenant, label: str) -> None:
    other = Tenant(tenant.door)
    name = "a#b%23" if label != "model" else "gpt-4o"
    labels = {"tags": [name]} if label == "tag" else {label: name}
    tenant.spend("8", **labels)
    other.spend("4", **labels)
    tenant.spend("2")

    assert pairs(tenant, label) == [
        (tenant.id, name, "8"),
        (other.id, name, "4"),
        (tenant.id, None, "2"),
    ]
    body = tenant.door.call(f"system_{label}_costs", group_by="tenant").body
    assert body["total_usd"] == "14"


def test_grouped_by_tenant_days_are_in_their_order(tenant: Tenant) -> None:
    first, second = sorted((tenant.id, "zoe"))
    with at("2026-11-20T10:00:00Z"):
        for number, one in enumerate((first, second)):
            its = Tenant(tenant.door, one)
            its.spend("1", occurred_at="2026-11-18T08:00:00Z")
            its.spend(str(2 + number))
        found = pairs(tenant, "daily")

    assert found == [
        (first, "2026-11-18", "1"),
        (second, "2026-11-18", "1"),
        (first, "2026-11-20", "2"),
        (second, "2026-11-20", "3"),
    ]


def test_a_csv_grouped_by_tenant_has_the_tenant_of_each_line(direct_tenant: Tenant) -> None:
    direct_tenant.spend("1", agent="reader", occurred_at="2026-11-18T08:00:00Z")
    asked = {"group_by": "tenant", "format": "csv", "month": "2026-11"}

    text = direct_tenant.door.call("system_agent_costs", **asked).body["csv"]

    assert f"\n{direct_tenant.id},2026-11,agent,reader,1," in text.replace("\r", "")


def test_groups_for_which_there_is_no_account_are_refused_with_what_to_use(
    tenant: Tenant,
) -> None:
    for label in BREAKDOWNS:
        answer = tenant.call(f"{label}_costs", group_by="model")
        assert answer.refusal == ("VALIDATION_ERROR", "group_by")
        assert "group_by=tenant" in answer.message
        assert "export the ledger" in answer.message
        of_system = tenant.door.call(f"system_{label}_costs", group_by="model")
        assert of_system.refusal == ("VALIDATION_ERROR", "group_by")
        assert "tenant" in of_system.message


def test_a_cursor_of_lines_by_tenant_is_not_one_of_lines_by_name(tenant: Tenant) -> None:
    tenant.spend("1", user="a")
    tenant.spend("2", user="b")
    page = tenant.door.call("system_user_costs", group_by="tenant", limit=1).body

    answer = tenant.door.call("system_user_costs", limit=1, cursor=page["cursor"])

    assert answer.refusal == ("VALIDATION_ERROR", "cursor")
