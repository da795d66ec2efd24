"""Shared by alert tests: a tenant with 100 USD a month in memory, and its alerts."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.memory.watch import Watch
from tests.support.times import later

WHO = {"by": "maria", "reason": "a question"}
FACTS = (
    *("provider_cost_usd", "computed_cost_usd", "version", "dated", "days", "asked_usd"),
    *("threshold_percent", "budget_id", "spent_usd", "limit_usd", "resets_at", "action", "reason"),
    *("unblock", "by", "estimate_usd", "reservation_id", "amount_usd", "differences", "owner"),
    *("occurred_at", "entry_id", "cost_usd", "most_per_entry_usd"),
    *("workflow_execution_id", "parent_execution_id"),
    *("available_usd", "request_id", "expires_at"),
    *("escalated_to", "approved_by", "approved_usd"),
    *("stripes", "stripes_before", "hot_minutes", "from_day", "from_month"),
)
ODD = "a\u202eb'\"c<d>\U0001f600" + "g" * 200
BREAKS = "\n\r\u2028\u2029\u0085\x0b\x0c\x1b"


def sent(watch: Watch) -> list[dict[str, Any]]:
    """Run the schedule one minute later. Return the alerts that it sends."""
    told = len(watch.post.alerts)
    with later(seconds=60):
        assert watch.call("send_due")["failed"] == 0
    return watch.post.alerts[told:]


def by_hand(watch: Watch, tenant: Tenant, **fields: Any) -> dict[str, Any]:
    """Send a manual alert."""
    return watch.call("send_alert", tenant_id=tenant.id, **fields)


def listed(tenant: Tenant) -> list[dict[str, Any]]:
    """Return the tenant's alerts of this month."""
    found: list[dict[str, Any]] = tenant.call("alerts").body["items"]
    return found
