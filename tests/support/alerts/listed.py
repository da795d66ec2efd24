"""A tenant's alerts as its list shows them."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant


def told(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the tenant's alerts, the latest first."""
    return list(tenant.call("alerts").body["items"])


def below(tenant: Tenant) -> list[tuple[str, str, str]]:
    """Return the budget, the limit and the cause of each alert of a limit below the spend."""
    found = [one for one in told(tenant) if one["kind"] == "limit_exceeded"]
    return [(one["budget_id"], one["limit_usd"], one["cause"]) for one in found]
