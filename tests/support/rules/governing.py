"""Change budgets in tests, with two processes that have caches."""

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
    """Return all labels of one agent execution in a workflow execution."""
    ids = {"agent_execution_id": f"run-{number}", "workflow_execution_id": f"flow-{number}"}
    return ids | LABELS


def set_budget(tenant: Tenant, budget_id: str, limit: str | None, **fields: Any) -> Answer:
    """Set a tenant's budget."""
    return tenant.call("set_budget", budget_id=budget_id, limit_usd=limit, **WHO | fields)


def cap(tenant: Tenant, limit: str | None = "5", budget_id: str = "cap", **fields: Any) -> Answer:
    """Set a budget for the tenant's day."""
    return set_budget(tenant, budget_id, limit, **CAP | fields)


def patch(tenant: Tenant, budget_id: str = "cap", **fields: Any) -> Answer:
    """Change fields of a tenant's budget."""
    return tenant.call("update_budget", budget_id=budget_id, **WHO | fields)


def erase(tenant: Tenant, **fields: Any) -> Answer:
    """Erase the tenant, as an operator."""
    return tenant.call("delete_tenant", by="olga", reason="contract ended", **fields)


def delete_budget(tenant: Tenant, budget_id: str, **fields: Any) -> Answer:
    """Delete a tenant's budget."""
    return tenant.call("delete_budget", budget_id=budget_id, **WHO | fields)


def lift(tenant: Tenant, budget_id: str, amount: str, **fields: Any) -> Answer:
    """Raise a tenant's limit."""
    return tenant.call("raise_limit", budget_id=budget_id, amount_usd=amount, **WHO | fields)


def set_system(door: Door, budget_id: str, limit: str | None, **fields: Any) -> Answer:
    """Set a system budget."""
    return door.call("set_system_budget", budget_id=budget_id, limit_usd=limit, **WHO | fields)


def delete_system(door: Door, budget_id: str) -> Answer:
    """Delete a system budget."""
    return door.call("delete_system_budget", budget_id=budget_id, **WHO)


def budgets(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Return the tenant's budgets by id."""
    return {one["budget_id"]: one for one in tenant.call("list_budgets").body["items"]}


def allowed(tenant: Tenant, amount: str, **labels: Any) -> bool:
    """True if check and reserve allow the amount. Both must agree."""
    checked = tenant.check(amount, **labels).body
    reserved = tenant.reserve(amount, **labels).body
    assert checked["allowed"] == reserved["allowed"], (checked["reason"], reserved["reason"])
    assert checked["reason_code"] == reserved["reason_code"]
    return bool(reserved["allowed"])


class Processes:
    """Several processes of the functions, each with its own cache."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        self.answer(1)

    def answer(self, number: int) -> None:
        """Let this process answer from now on. Instances are cached by their settings."""
        self._monkeypatch.setenv("MOST_HOLDS", str(5000 + number))
