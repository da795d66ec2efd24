"""A prepaid budget of a tenant: its grants, and what is left of them."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer
from tests.support.rules.governing import WHO, set_budget


def prepaid(tenant: Tenant, limit: str | None = "0", **fields: Any) -> Answer:
    """Set the budget `prepaid` of period total."""
    return set_budget(tenant, "prepaid", limit, **{"scope": "tenant", "period": "total"} | fields)


def grant(tenant: Tenant, amount: str, grant_id: str, **fields: Any) -> Answer:
    """Add a grant to the prepaid budget."""
    fields = {"budget_id": "prepaid", "amount_usd": amount, "grant_id": grant_id, **WHO} | fields
    return tenant.call("add_grant", **fields)


def left(tenant: Tenant) -> dict[str, str]:
    """Return what is left of each grant, by its id."""
    shown = tenant.call("get_budget", budget_id="prepaid").body
    return {one["grant_id"]: one["left_usd"] for one in shown["grants"]}


def available(tenant: Tenant) -> tuple[str, str]:
    """Return the limit of the prepaid budget and what is available of it."""
    shown = tenant.call("get_budget", budget_id="prepaid").body
    return shown["limit_usd"], shown["available_usd"]
