"""Helpers for quarantined costs: record, confirm, reject, and read the moved accounts."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer
from tests.support.memory.fixture import MemoryCloud

WHO = {"by": "maria", "reason": "the invoice says so"}
RUN = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1", "agent": "writer"}
HUGE = "999999999999"


def quarantined(tenant: Tenant, amount: str = HUGE, **fields: Any) -> str:
    """Record a cost above the ceiling. Return its id."""
    entry = tenant.record(amount, **RUN | fields).body["entry"]
    assert "quarantined" in entry["flags"]
    return str(entry["entry_id"])


def confirm(tenant: Tenant, entry_id: str, **fields: Any) -> Answer:
    """Confirm a quarantined cost."""
    return tenant.call("confirm_cost", entry_id=entry_id, **WHO | fields)


def reject(tenant: Tenant, entry_id: str, **fields: Any) -> Answer:
    """Reject a quarantined cost."""
    return tenant.call("reject_cost", entry_id=entry_id, **WHO | fields)


def alerts(tenant: Tenant, kind: str) -> list[dict[str, Any]]:
    """Return the tenant's alerts of this kind."""
    found = tenant.call("alerts").body["items"]
    return [one for one in found if one["kind"] == kind]


def moved(cloud: MemoryCloud) -> set[str]:
    """Return the accounts with a nonzero counter."""
    counters = {"spent", "held", "committed", "entries", "tokens", "input_tokens", "holds"}
    return {
        row["pk"]["S"]
        for row in cloud.rows()["AccountsTable"]
        if any(float(row[name]["N"]) for name in counters & row.keys())
    }
