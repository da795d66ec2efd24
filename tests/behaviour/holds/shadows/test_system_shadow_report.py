"""The first weeks: default budgets as shadows, and a report of what they would have refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from budget_monitor import deadline
from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, allowed, budgets, cap, set_budget
from tests.support.times import at

NOTHING = {"tenants": 0, "runs": 0, "times": 0, "amount_usd": "0"}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryCloud]:
    """Default budgets that are shadows: 2 USD a run, 5 USD a tenant's month."""
    memory_cloud.set_limits(execution="2", workflow="none", tenant="5", system="none")
    monkeypatch.setenv("DEFAULT_ENFORCEMENT", "shadow")
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def test_default_budgets_are_shadows_and_those_that_people_set_are_enforced(
    tenant: Tenant,
) -> None:
    assert {one["enforcement"] for one in budgets(tenant).values()} == {"shadow"}
    assert allowed(tenant, "3")
    put = set_budget(tenant, "execution", "2").body
    assert put["enforcement"] == "enforce"
    assert put["warnings"] == ["execution was a shadow and is enforced from now on"]
    assert not allowed(tenant, "3")
    assert cap(tenant, "1").body["enforcement"] == "enforce"


def test_a_patch_of_a_shadow_default_leaves_it_a_shadow(tenant: Tenant) -> None:
    patch = {"budget_id": "tenant-month", "limit_usd": "1", **WHO}
    assert tenant.call("update_budget", **patch).body["enforcement"] == "shadow"
    assert allowed(tenant, "2")


def test_another_word_in_the_environment_is_named(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEFAULT_ENFORCEMENT", "maybe")
    with pytest.raises(Exception, match="DEFAULT_ENFORCEMENT must be one of: enforce, shadow"):
        tenant.check("1").body  # noqa: B018


def test_the_summary_says_how_many_runs_whose_and_how_much(door: Door, cloud: MemoryCloud) -> None:
    first, second, quiet = (Tenant(door, name) for name in ("a", "b", "c"))
    for _ in range(2):
        first.hold("3", agent_execution_id="run-1")
    first.hold("2.5", agent_execution_id="run-2")
    second.hold("4", agent_execution_id="run-1")
    quiet.hold("1")

    report = door.call("system_shadow_report", days=7).body
    assert report["summary"] == {"tenants": 2, "runs": 3, "times": 4, "amount_usd": "12.5"}
    lines = [
        (one["tenant_id"], one["budget_id"], one["runs"], one["times"], one["amount_usd"])
        for one in report["items"]
    ]
    assert lines == [
        ("a", "execution", 2, 3, "8.5"),
        ("a", "tenant-month", 2, 2, "5.5"),
        ("b", "execution", 1, 1, "4"),
    ]
    assert report["cursor"] is None


def test_what_is_older_than_the_days_is_not_counted(door: Door, cloud: MemoryCloud) -> None:
    Tenant(door, "a").hold("3")
    with at("2026-11-30T10:05:00Z", tick=False):
        assert door.call("system_shadow_report", days=7).body["summary"] == NOTHING
        assert door.call("system_shadow_report").body["summary"]["runs"] == 1


def test_pages_end_by_limit_and_by_time_and_together_have_every_tenant_once(
    door: Door, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        Tenant(door, f"t{number}").hold("3")
    seen, cursor = list[str](), None
    with monkeypatch.context() as patch:
        patch.setattr(deadline, "remaining", lambda: 1.0)
        while True:
            more: dict[str, str] = {"cursor": cursor} if cursor else {}
            page = door.call("system_shadow_report", limit=2, **more).body
            assert page["summary"]["tenants"] == 1
            seen += [one["tenant_id"] for one in page["items"]]
            cursor = page["cursor"]
            if cursor is None:
                break
    assert seen == [f"t{number}" for number in range(5)]
    assert len(door.call("system_shadow_report", limit=2).body["items"]) == 2
