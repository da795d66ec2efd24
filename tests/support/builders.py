"""Builders of a tenant's requests: tests give the relevant numbers, this fills in the rest."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from tests.support.doors.doors import Answer, Door
from tests.support.doors.http_events import Body

USD = Decimal


def new_id(prefix: str) -> str:
    """Return a unique id."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


class Tenant:
    """One tenant at one door. Default labels: a new agent execution."""

    def __init__(self, door: Door, tenant_id: str | None = None) -> None:
        """Use the given tenant id, or a unique one."""
        self.door = door
        self.id = tenant_id or new_id("tenant")

    def through(self, door: Door) -> Tenant:
        """Return the same tenant at another door."""
        return Tenant(door, self.id)

    def call(self, operation: str, **fields: Any) -> Answer:
        """Call any operation as this tenant."""
        return self.door.call(operation, tenant_id=self.id, **fields)

    def check(self, amount: Any, **fields: Any) -> Answer:
        """Check whether the run may spend the amount."""
        return self.call("check", estimated_cost_usd=amount, **_labelled(fields))

    def reserve(self, amount: Any, **fields: Any) -> Answer:
        """Reserve the amount."""
        return self.call("reserve", estimated_cost_usd=amount, **_labelled(fields))

    def hold(self, amount: Any, **fields: Any) -> str:
        """Reserve the amount, which must succeed. Return the reservation's id."""
        decision = self.reserve(amount, **fields).body
        assert decision["allowed"], decision["reason"]
        return str(decision["reservation"]["reservation_id"])

    def settle(self, reservation_id: str, cost: Any, **fields: Any) -> Answer:
        """Settle the hold at its true cost."""
        return self.call("settle", reservation_id=reservation_id, cost_usd=cost, **fields)

    def draw(self, reservation_id: str, cost: Any, **fields: Any) -> Answer:
        """Draw the cost of one call from the hold."""
        return self.call("draw", reservation_id=reservation_id, cost_usd=cost, **fields)

    def release(self, reservation_id: str, **fields: Any) -> Answer:
        """Release the hold."""
        return self.call("release", reservation_id=reservation_id, **fields)

    def reservation(self, reservation_id: str) -> Body:
        """Return the current reservation."""
        return self.call("get_reservation", reservation_id=reservation_id).body

    def record(self, cost: Any, **fields: Any) -> Answer:
        """Record a cost."""
        return self.call("record_cost", cost_usd=cost, **_labelled(fields))

    def spend(self, cost: Any, **fields: Any) -> str:
        """Record a cost, which must succeed. Return the entry's id."""
        return str(self.record(cost, **fields).body["entry"]["entry_id"])

    def adjust(self, entry_id: str, amount: Any, **fields: Any) -> Answer:
        """Adjust an entry."""
        given = {"reason": "the provider's bill says otherwise", "by": "maria", **fields}
        return self.call("adjust", entry_id=entry_id, amount_usd=amount, **given)

    def usage(self, **fields: Any) -> Body:
        """Return the usage of the tenant's month."""
        return self.call("tenant_usage", **fields).body

    def entries(self, **fields: Any) -> list[Body]:
        """Return the entries of the tenant's ledger."""
        return list(self.call("ledger", **fields).body["items"])


def _labelled(fields: dict[str, Any]) -> dict[str, Any]:
    if "agent_execution_id" in fields or "workflow_execution_id" in fields:
        return fields
    return {"agent_execution_id": new_id("run"), **fields}


def gate(body: Body, budget_id: str, scope_id: str | None = None) -> Body:
    """Return the only gate of the budget in a decision or an answer."""
    found = [
        item
        for item in body["gates"]
        if item["budget_id"] == budget_id and scope_id in (None, item["scope_id"])
    ]
    assert len(found) == 1, f"{len(found)} gates {budget_id} in {body['gates']}"
    return dict(found[0])


def by_name(breakdown: Body) -> dict[str | None, str]:
    """Return the spend of each name of a breakdown."""
    return {item["name"]: item["spent_usd"] for item in breakdown["items"]}
