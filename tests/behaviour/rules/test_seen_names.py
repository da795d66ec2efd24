"""A budget for a name that nobody spent under yet is accepted, with a warning and near names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO, patch, run, set_budget, set_system
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


@pytest.mark.parametrize(
    ("scope", "name", "near"),
    [
        ("agent", "plannr", "planner"),
        ("agent", "Planner", "planner"),
        ("workflow", "nighly", "nightly"),
        ("model", "gpt-4o-maxi", "gpt-4o"),
        ("user", "anna", "ann"),
        ("tag", "blu", "blue"),
        ("provider", "opnai", "openai"),
    ],
)
def test_a_name_that_was_never_seen_is_warned_of(
    tenant: Tenant, scope: str, name: str, near: str
) -> None:
    tenant.spend("1", **run(), provider="openai")
    answer = set_budget(tenant, "cap", "5", scope=scope, scope_id=name, period="day").body

    assert f"{scope} {name}" in answer["warning"]
    assert near in answer["warning"].split(";")[1]
    assert answer["limit_usd"] == "5"


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("agent", "planner"),
        ("workflow", "nightly"),
        ("model", "gpt-4o-2024-08-06"),
        ("model", "OpenAI/gpt-4o"),
        ("model", "gpt-*"),
        ("user", "ann"),
        ("tag", "blue"),
        ("provider", "OpenAI"),
        ("user", "*"),
    ],
)
def test_a_name_that_was_seen_is_not(tenant: Tenant, scope: str, name: str) -> None:
    tenant.spend("1", **run(), provider="openai")
    answer = set_budget(tenant, "cap", "5", scope=scope, scope_id=name, period="day").body

    assert answer["warning"] is None


def test_a_patch_to_a_name_that_was_never_seen_is_warned_of(tenant: Tenant) -> None:
    tenant.spend("1", user="ann")
    set_budget(tenant, "cap", "5", scope="user", scope_id="ann", period="day")
    assert patch(tenant, limit_usd="4").body["warning"] is None
    assert "similar names: ann" in patch(tenant, scope_id="anna").body["warning"]
    assert patch(tenant, limit_usd="3").body["warning"] is None
    assert patch(tenant, scope_id="ann").body["warning"] is None


@pytest.mark.parametrize("name", ["our-gpt", "gpt-4o"])
def test_a_model_that_was_seen_under_an_alias_was_seen(tenant: Tenant, name: str) -> None:
    tenant.call("set_alias", alias="our-gpt", model="gpt-4o", **WHO).body  # noqa: B018
    tenant.spend("1", model="our-gpt")
    answer = set_budget(tenant, "cap", "5", scope="model", scope_id=name, period="day")
    assert answer.body["warning"] is None


def test_nothing_seen_at_all_suggests_nothing(tenant: Tenant) -> None:
    answer = set_budget(tenant, "cap", "5", scope="agent", scope_id="planner", period="run").body

    assert answer["warning"].startswith("the agent planner was not found")


def test_budgets_without_a_name_and_of_the_system_have_no_warning(tenant: Tenant) -> None:
    of_tenant = set_budget(tenant, "cap", "5", scope="tenant", period="day").body
    of_system = set_system(tenant.door, "cap", "5", scope="user", scope_id="x", period="day").body

    assert of_tenant["warning"] is of_system["warning"] is None
