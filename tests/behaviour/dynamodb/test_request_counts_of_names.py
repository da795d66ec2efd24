"""Requests and items of budgets by name: the figures of docs/concepts/budgets.md."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, Door
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.paths import ROOT
from tests.support.rules.governing import GENEROUS, set_budget
from tests.support.times import at

LABELS: dict[str, Any] = {
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "agent": "planner",
    "workflow": "nightly",
    "model": "gpt-4o",
    "provider": "openai",
    "user": "ann",
    "tags": [f"tag-{n}" for n in range(10)],
}
KINDS: dict[str, list[dict[str, Any]]] = {
    "no custom budget": [],
    "one name": [{"scope": "user", "scope_id": "ann", "period": "day"}],
    "each user": [{"scope": "user", "scope_id": "*", "period": "day"}],
    "each model": [{"scope": "model", "scope_id": "*", "period": "day"}],
    "a family of models": [{"scope": "model", "scope_id": "gpt-*", "period": "day"}],
    "each run of each agent": [{"scope": "agent", "scope_id": "*", "period": "run"}],
    "each tag, 10 tags": [{"scope": "tag", "scope_id": "*", "period": "day"}],
}
DECISION = ROOT / "docs" / "decisions" / "0019-breakdowns-and-lists.md"
DOCS = ROOT / "docs" / "concepts" / "budgets.md"


@pytest.fixture
def door(cloud: MemoryCloud, library_loaded: None, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The direct one: the store is asked the same at both. Each account is one row."""
    cloud.set_limits(**GENEROUS)
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    return DirectDoor()


def written(tenant: Tenant, operation: Any) -> tuple[int, int]:
    """How many requests, and how many items of the one that writes."""
    with recorded_calls() as calls:
        operation()
    (write,) = [one for one in calls if one.wrote]
    return len(calls), len(write.request["TransactItems"])


NAMES: dict[str, dict[str, Any]] = {
    "none of these": {},
    "a user": {"user": "ann"},
    "a provider": {"provider": "openai"},
    "user, provider, workflow name": {"user": "ann", "provider": "openai", "workflow": "nightly"},
    "these and 10 tags": LABELS,
}


@pytest.mark.parametrize("labels", NAMES)
def test_the_figures_of_breakdowns_in_the_documentation_are_measured(
    tenant: Tenant, labels: str
) -> None:
    run = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
    lean = {**run, "agent": "planner", "model": "gpt-4o", **NAMES[labels], "include_gates": False}
    with at("2026-11-22T10:05:00Z", tick=False):
        tenant.spend("1", **lean)
        reserve = written(tenant, lambda: tenant.hold("1", reservation_id="hold", **lean))
        settle = written(tenant, lambda: tenant.settle("hold", "1", include_gates=False))
        record = written(tenant, lambda: tenant.spend("1", **lean))

    assert {reserve[0], settle[0], record[0]} == {1}
    assert f"| {labels} | {reserve[1]} | {record[1]} | {settle[1]} |" in DECISION.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_of_the_documentation_are_measured(tenant: Tenant, kind: str) -> None:
    with at("2026-11-22T10:05:00Z", tick=False):
        for n, budget in enumerate(KINDS[kind]):
            set_budget(tenant, f"budget-{n}", "9", **budget).body  # noqa: B018 - must not fail
        tenant.spend("1", **LABELS)
        lean = {**LABELS, "include_gates": False}
        reserve = written(tenant, lambda: tenant.hold("1", reservation_id="hold", **lean))
        settle = written(tenant, lambda: tenant.settle("hold", "1", include_gates=False))
        record = written(tenant, lambda: tenant.spend("1", **lean))

    assert {reserve[0], settle[0], record[0]} == {1}
    assert f"| {kind} | 1 | {reserve[1]} | {record[1]} | {settle[1]} |" in DOCS.read_text()
