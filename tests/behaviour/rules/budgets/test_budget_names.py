"""The names of a budget for each name: listed by page, the largest first in each thousand."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, set_budget, set_system
from tests.support.times import at

EACH: dict[str, Any] = {"scope": "user", "scope_id": "*", "period": "day"}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def names(tenant: Tenant, **fields: Any) -> list[tuple[str, str]]:
    """All names with what they spent, from every page."""
    found, cursor = [], None
    while True:
        given: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = tenant.call("budget_names", **{"budget_id": "each"} | fields | given).body
        assert len(page["items"]) <= fields.get("limit", 100)
        found += [(one["name"], one["spent_usd"]) for one in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            return found


def test_names_are_listed_with_the_largest_first(tenant: Tenant) -> None:
    set_budget(tenant, "each", "5", **EACH)
    for name, cost in {"ann": "1", "bob": "3", "c#d": "2", "*": "4"}.items():
        tenant.spend(cost, user=name)
    tenant.hold("0.5", user="eve")

    assert names(tenant, limit=2) == [
        ("*", "4"),
        ("bob", "3"),
        ("c#d", "2"),
        ("ann", "1"),
        ("eve", "0"),
    ]
    (first, *_) = tenant.call("budget_names", budget_id="each").body["items"]
    assert first["scope_id"] == "*"
    assert (first["limit_usd"], first["available_usd"], first["used_percent"]) == ("5", "1", "80")


def test_names_of_another_rule_period_or_tenant_are_not_listed(tenant: Tenant) -> None:
    set_budget(tenant, "each", "5", **EACH)
    set_budget(tenant, "tags", "5", **EACH | {"scope": "tag"})
    other = Tenant(tenant.door)
    set_budget(other, "each", "5", **EACH)
    other.spend("1", user="zoe")
    tenant.spend("1", user="ann", tags=["blue"])
    with at("2026-11-23T10:05:00Z", tick=False):
        assert names(tenant) == []
        tenant.spend("1", user="bob")
        assert names(tenant) == [("bob", "1")]
        assert names(tenant, budget_id="tags") == []


def test_more_than_a_thousand_names_are_read_a_thousand_at_a_time(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("budget_monitor.usecases.rules.budget_names.TOGETHER", 7)
    set_budget(tenant, "each", "5", **EACH)
    spent = {f"user-{n}": f"{n}" for n in range(1, 31)}
    costs = [
        {"agent_execution_id": "run-1", "user": name, "cost_usd": cost}
        for name, cost in spent.items()
    ]
    tenant.call("record_costs", costs=costs).body  # noqa: B018 - must not fail
    for limit in (1, 3, 7, 100):
        found = names(tenant, limit=limit)
        assert dict(found) == spent
        assert len(found) == len(spent)


def test_a_rule_of_the_system_lists_the_tenants_own_names(tenant: Tenant) -> None:
    set_system(tenant.door, "each", "5", **EACH)
    tenant.spend("1", user="ann")
    Tenant(tenant.door).spend("1", user="zoe")

    assert names(tenant) == [("ann", "1")]


def test_a_budget_that_is_not_for_each_name_has_no_list(tenant: Tenant) -> None:
    set_budget(tenant, "anns", "5", **EACH | {"scope_id": "ann"})
    set_budget(tenant, "runs", "5", scope="agent", scope_id="*", period="run")

    for name in ("anns", "runs", "tenant-month"):
        assert tenant.call("budget_names", budget_id=name).error == "CONFLICT"
    assert tenant.call("budget_names", budget_id="nobodys").error == "NOT_FOUND"


@pytest.mark.parametrize(
    "position", ["x", "##", "a##b", "acme%23budget##", "#1e5#ann", "#1", "é#1#é"]
)
def test_a_forged_cursor_is_refused_or_harmless(tenant: Tenant, position: str) -> None:
    set_budget(tenant, "each", "5", **EACH)
    for name in ("ann", "bob"):
        tenant.spend("1", user=name)
    cursor = tenant.call("budget_names", budget_id="each", limit=1).body["cursor"]
    mark, _ = json.loads(base64.urlsafe_b64decode(cursor + "=="))
    forged = base64.urlsafe_b64encode(json.dumps([mark, position]).encode()).decode().rstrip("=")
    answer = tenant.call("budget_names", budget_id="each", cursor=forged)

    assert answer.refusal in {("VALIDATION_ERROR", "cursor"), (None, None)}
