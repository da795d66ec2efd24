"""Whose thresholds: those of every budget that watches an account, and of no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.watch import Watch
from tests.support.rules.governing import cap, delete_budget, set_budget, set_system

pytestmark = pytest.mark.doors("direct")


CUSTOM: list[dict[str, Any]] = [
    {"scope": "user", "scope_id": "ada", "period": "day"},
    {"scope": "agent", "scope_id": "planner", "period": "week"},
    {"scope": "model", "scope_id": "gpt-4o", "period": "hour"},
    {"scope": "tag", "scope_id": "blue", "period": "month"},
    {"scope": "tenant", "period": "day"},
    {"scope": "tenant", "period": "month"},
]


@pytest.mark.parametrize("owner", ["tenant", "system"])
@pytest.mark.parametrize("budget", CUSTOM, ids=lambda one: f"{one['scope']}-{one['period']}")
def test_custom_budgets_are_watched_beside_the_defaults(
    tenant: Tenant, watch: Watch, budget: dict[str, Any], owner: str
) -> None:
    if owner == "tenant":
        set_budget(tenant, "mine", "10", thresholds=[75], **budget)
    else:
        set_system(tenant.door, "mine", "10", thresholds=[75], **budget)
    labels = {"user": "ada", "agent": "planner", "model": "gpt-4o", "tags": ["blue"]}
    tenant.spend("7.5", **labels)
    assert watch.passed() == []
    tenant.spend("43", **labels)
    assert sorted(watch.passed()) == [("mine", 75), ("tenant-month", 50)]
    (alert,) = [one for one in watch.post.alerts if one["budget_id"] == "mine"]
    assert alert["tenant_id"] == tenant.id
    assert alert["scope_id"] == budget.get("scope_id", tenant.id)


def test_the_systems_own_budgets_alert_the_system(tenant: Tenant, watch: Watch) -> None:
    set_system(tenant.door, "all-day", "10", scope="system", period="day")
    tenant.spend("9")
    alerts = watch.look()
    assert [(one["tenant_id"], one["threshold_percent"]) for one in alerts] == [
        (None, 50),
        (None, 80),
    ]
    assert tenant.id not in str(alerts)


def test_a_budget_that_was_deleted_or_has_no_thresholds_does_not_alert(
    tenant: Tenant, watch: Watch
) -> None:
    cap(tenant, "10")
    cap(tenant, "10", "silent", thresholds=[])
    tenant.spend("1")
    delete_budget(tenant, "cap")
    tenant.spend("40")
    assert watch.look() == []


def test_the_filter_of_the_template_passes_watched_rows_alone(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("1", agent="planner", model="gpt-4o", workflow_execution_id="flow")
    passed = {one["dynamodb"]["Keys"]["pk"]["S"] for one in watch.stream.taken()}
    assert len(watch.stream.records) > 5
    assert {pk.rsplit("#", 1)[0] for pk in passed} == {f"{tenant.id}#tenant#{tenant.id}"}
    assert all(len(pk.rsplit("#", 1)[1]) == len("2026-11") for pk in passed)


def test_a_limit_of_zero_is_passed_by_the_first_cent(tenant: Tenant, watch: Watch) -> None:
    set_budget(tenant, "tenant-month", "0", scope="tenant", period="month")
    tenant.spend("0")
    assert watch.look() == []
    tenant.spend("0.01")
    assert [percent for _, percent in watch.passed()] == [50, 80, 100]
