"""What is left: each budget with what is spent, held and available, and when it resets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import LABELS, cap, lift, set_budget
from tests.support.times import at

USAGE = ("spent_usd", "held_usd", "available_usd", "used_percent", "resets_at")
RUN = {"agent_execution_id": "run", "workflow_execution_id": "flow", **LABELS}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The default gates, and a clock that stands still."""
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def left(tenant: Tenant, budget_id: str) -> tuple[Any, ...]:
    shown = tenant.call("get_budget", budget_id=budget_id).body
    listed = tenant.call("list_budgets").body["items"]
    assert shown in listed
    return tuple(shown[name] for name in USAGE)


@pytest.mark.parametrize(
    ("fields", "resets_at"),
    [
        ({"scope": "tenant", "period": "day"}, "2026-11-23T00:00:00Z"),
        ({"scope": "user", "scope_id": "ann", "period": "month"}, "2026-12-01T00:00:00Z"),
        ({"scope": "tag", "scope_id": "blue", "period": "hour"}, "2026-11-22T11:00:00Z"),
        ({"scope": "model", "scope_id": "gpt-4o", "period": "week"}, "2026-11-23T00:00:00Z"),
        ({"scope": "tenant", "period": "month"}, "2026-12-01T00:00:00Z"),
    ],
)
def test_of_8_usd_2_are_spent_and_1_is_held(
    tenant: Tenant, fields: dict[str, Any], resets_at: str
) -> None:
    set_budget(tenant, "cap", "7", **fields)
    lift(tenant, "cap", "1")
    tenant.spend("2", **RUN)
    tenant.hold("1", **RUN)
    assert left(tenant, "cap") == ("2", "1", "5", "25", resets_at)


def test_a_default_says_what_is_left_of_the_month(tenant: Tenant) -> None:
    tenant.spend("4", **RUN)
    assert left(tenant, "tenant-month") == ("4", "0", "996", "0.4", "2026-12-01T00:00:00Z")


def test_a_budget_without_a_limit_has_nothing_left_to_say(tenant: Tenant) -> None:
    cap(tenant, None)
    tenant.spend("4", **RUN)
    assert left(tenant, "cap") == ("4", "0", None, None, "2026-11-23T00:00:00Z")


def test_a_budget_of_single_runs_has_not_one_account(tenant: Tenant) -> None:
    tenant.spend("4", **RUN)
    assert left(tenant, "execution") == (None,) * 5


def test_a_budget_that_does_not_exist_is_404_and_another_field_a_400(tenant: Tenant) -> None:
    assert tenant.call("get_budget", budget_id="cap").error == "NOT_FOUND"
    refused = tenant.call("get_budget", budget_id="cap", smile="1")
    assert refused.refusal == ("VALIDATION_ERROR", "smile")
