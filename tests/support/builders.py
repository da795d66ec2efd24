"""A tenant's side of a conversation: tests say the numbers that matter, this fills in the rest."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from tests.support.doors.doors import Answer, Door
from tests.support.doors.http_events import Body

USD = Decimal


def new_id(prefix: str) -> str:
    """An id that nothing else has."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


class Tenant:
    """One tenant, seen through one door. Labels not given: an agent execution of its own."""

    def __init__(self, door: Door, tenant_id: str | None = None) -> None:
        """A tenant that nobody else has, unless named."""
        self.door = door
        self.id = tenant_id or new_id("tenant")

    def through(self, door: Door) -> Tenant:
        """The same tenant at another door."""
        return Tenant(door, self.id)

    def call(self, operation: str, **fields: Any) -> Answer:
        """Any operation, as this tenant."""
        return self.door.call(operation, tenant_id=self.id, **fields)

    def check(self, amount: Any, **fields: Any) -> Answer:
        """May this run spend that much?"""
        return self.call("check", estimated_cost_usd=amount, **_labelled(fields))

    def reserve(self, amount: Any, **fields: Any) -> Answer:
        """Hold that much."""
        return self.call("reserve", estimated_cost_usd=amount, **_labelled(fields))

    def hold(self, amount: Any, **fields: Any) -> str:
        """Hold that much, surely; answers the reservation's id."""
        decision = self.reserve(amount, **fields).body
        assert decision["allowed"], decision["reason"]
        return str(decision["reservation"]["reservation_id"])

    def settle(self, reservation_id: str, cost: Any, **fields: Any) -> Answer:
        """Replace the hold by the true cost."""
        return self.call("settle", reservation_id=reservation_id, cost_usd=cost, **fields)

    def release(self, reservation_id: str, **fields: Any) -> Answer:
        """Give the hold back."""
        return self.call("release", reservation_id=reservation_id, **fields)

    def reservation(self, reservation_id: str) -> Body:
        """The reservation as of now."""
        return self.call("get_reservation", reservation_id=reservation_id).body

    def record(self, cost: Any, **fields: Any) -> Answer:
        """Book a cost."""
        return self.call("record_cost", cost_usd=cost, **_labelled(fields))

    def spend(self, cost: Any, **fields: Any) -> str:
        """Book a cost, surely; answers the entry's id."""
        return str(self.record(cost, **fields).body["entry"]["entry_id"])

    def adjust(self, entry_id: str, amount: Any, **fields: Any) -> Answer:
        """Correct an entry."""
        given = {"reason": "the provider's bill says otherwise", "by": "maria", **fields}
        return self.call("adjust", entry_id=entry_id, amount_usd=amount, **given)

    def usage(self, **fields: Any) -> Body:
        """The status of the tenant's month."""
        return self.call("tenant_usage", **fields).body

    def entries(self, **fields: Any) -> list[Body]:
        """The tenant's ledger."""
        return list(self.call("ledger", **fields).body["items"])


def _labelled(fields: dict[str, Any]) -> dict[str, Any]:
    if "agent_execution_id" in fields or "workflow_execution_id" in fields:
        return fields
    return {"agent_execution_id": new_id("run"), **fields}


def gate(body: Body, budget_id: str, scope_id: str | None = None) -> Body:
    """The one gate of that budget in a decision or an answer."""
    found = [
        item
        for item in body["gates"]
        if item["budget_id"] == budget_id and scope_id in (None, item["scope_id"])
    ]
    assert len(found) == 1, f"{len(found)} gates {budget_id} in {body['gates']}"
    return dict(found[0])


def by_name(breakdown: Body) -> dict[str | None, str]:
    """What each name of a breakdown spent."""
    return {item["name"]: item["spent_usd"] for item in breakdown["items"]}
