"""People who decide: budgets set, raised and taken back, by two processes that remember."""

from __future__ import annotations

from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer, Door

WHO: dict[str, Any] = {"by": "maria", "reason": "the board decided"}
UNIT = "0.000000000001"
GENEROUS = {"execution": "none", "workflow": "none", "tenant": "none", "system": "none"}
LABELS: dict[str, Any] = {
    "agent": "planner",
    "workflow": "nightly",
    "model": "gpt-4o",
    "user": "ann",
    "tags": ["blue"],
}
NAMES = {"workflow": "nightly", "agent": "planner", "model": "gpt-4o", "user": "ann", "tag": "blue"}
CAP: dict[str, Any] = {"scope": "tenant", "period": "day"}


def run(number: int = 1) -> dict[str, Any]:
    """The labels of one agent execution in a workflow execution, with every name."""
    ids = {"agent_execution_id": f"run-{number}", "workflow_execution_id": f"flow-{number}"}
    return ids | LABELS


def set_budget(tenant: Tenant, budget_id: str, limit: str | None, **fields: Any) -> Answer:
    """Put a tenant's budget."""
    return tenant.call("set_budget", budget_id=budget_id, limit_usd=limit, **WHO | fields)


def cap(tenant: Tenant, limit: str | None = "5", budget_id: str = "cap", **fields: Any) -> Answer:
    """Put a budget for the tenant's day."""
    return set_budget(tenant, budget_id, limit, **CAP | fields)


def delete_budget(tenant: Tenant, budget_id: str, **fields: Any) -> Answer:
    """Take a tenant's budget back."""
    return tenant.call("delete_budget", budget_id=budget_id, **WHO | fields)


def lift(tenant: Tenant, budget_id: str, amount: str, **fields: Any) -> Answer:
    """Raise a tenant's limit."""
    return tenant.call("raise_limit", budget_id=budget_id, amount_usd=amount, **WHO | fields)


def set_system(door: Door, budget_id: str, limit: str | None, **fields: Any) -> Answer:
    """Put a budget of the system."""
    return door.call("set_system_budget", budget_id=budget_id, limit_usd=limit, **WHO | fields)


def delete_system(door: Door, budget_id: str) -> Answer:
    """Take a budget of the system back."""
    return door.call("delete_system_budget", budget_id=budget_id, **WHO)


def budgets(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """The tenant's budgets by their ids."""
    return {one["budget_id"]: one for one in tenant.call("list_budgets").body["items"]}


def allowed(tenant: Tenant, amount: str, **labels: Any) -> bool:
    """Whether check and reserve, which must agree, let that pass."""
    checked = tenant.check(amount, **labels).body
    reserved = tenant.reserve(amount, **labels).body
    assert checked["allowed"] == reserved["allowed"], (checked["reason"], reserved["reason"])
    assert checked["reason_code"] == reserved["reason_code"]
    return bool(reserved["allowed"])


class Processes:
    """Several processes of the functions; each remembers what it saw, however old it is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.answer(1)

    def answer(self, number: int) -> None:
        """From here on this process answers. A deployment counts as one by its settings."""
        self._monkeypatch.setenv("MOST_HOLDS", str(5000 + number))
