"""Thresholds, refusals and shadows of a `*` budget: each name alerts by itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.rules.governing import GENEROUS, set_budget, set_system


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """In memory."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


@pytest.fixture
def door(cloud: MemoryCloud) -> Door:
    """The direct one: what is spent is the same at both."""
    return DirectDoor()


EACH: dict[str, Any] = {"scope": "user", "scope_id": "*", "period": "day"}


@pytest.mark.parametrize("owner", ["tenant", "system"])
@pytest.mark.parametrize("kind", [{}, {"enforcement": "shadow"}, {"action": "alert"}])
def test_each_name_passes_a_threshold_by_itself(
    tenant: Tenant, watch: Watch, kind: dict[str, Any], owner: str
) -> None:
    if owner == "tenant":
        set_budget(tenant, "each", "10", thresholds=[75], **EACH, **kind)
    else:
        set_system(tenant.door, "each", "10", thresholds=[75], **EACH, **kind)
    tenant.spend("7", user="ann")
    tenant.spend("8", user="bob")
    tenant.spend("9", user="c#d")
    alerts = watch.look()

    assert sorted((one["scope_id"], one["spent_usd"]) for one in alerts) == [
        ("bob", "8"),
        ("c#d", "9"),
    ]
    assert {one["tenant_id"] for one in alerts} == {tenant.id}
    tenant.spend("1", user="ann")
    tenant.spend("1", user="bob")
    assert [one["scope_id"] for one in watch.look()] == ["ann"]


def test_a_name_with_its_own_budget_alerts_by_that(tenant: Tenant, watch: Watch) -> None:
    set_budget(tenant, "each", "10", thresholds=[75], **EACH)
    set_budget(tenant, "bobs", "20", thresholds=[75], **EACH | {"scope_id": "bob"})
    tenant.spend("9", user="bob")
    assert watch.look() == []
    tenant.spend("7", user="bob")
    assert [(one["budget_id"], one["scope_id"]) for one in watch.look()] == [("bobs", "bob")]


def test_the_first_refusal_of_each_name_alerts(tenant: Tenant, watch: Watch) -> None:
    set_budget(tenant, "each", "10", **EACH)
    for name in ("ann", "bob", "ann"):
        assert not tenant.reserve("11", user=name).body["allowed"]
    alerts = [one for one in tenant.call("alerts").body["items"] if one["kind"] == "blocked"]

    assert sorted(one["scope_id"] for one in alerts) == ["ann", "bob"]
    assert all(f"user {one['scope_id']}" in one["reason"] for one in alerts)


def test_a_model_is_shown_by_its_common_name(tenant: Tenant, watch: Watch) -> None:
    set_budget(tenant, "each", "10", thresholds=[75], **EACH | {"scope": "model"})
    tenant.spend("4", model="gpt-4o")
    tenant.spend("4", model="openai/gpt-4o-2024-08-06")
    (alert,) = watch.look()

    assert (alert["scope"], alert["scope_id"], alert["spent_usd"]) == ("model", "gpt-4o", "8")
