"""Costs near the end of a month, and the accounts that they moved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import stored
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import set_budget
from tests.support.times import at

WRITER = {"agent_execution_id": "run-1", "agent": "writer", "model": "gpt-x"}
MIDNIGHT = ("2026-11-30T23:50:00Z", "2026-12-01T00:02:00Z", "2026-12-01T00:03:00Z")
CLOSED = "2026-12-09T20:00:00Z"


def custom(tenant: Tenant, period: str, limit: str = "10", **fields: Any) -> None:
    """Set a budget for the agent `writer`, named after its period."""
    said = {"scope": "agent", "scope_id": "writer", **fields}
    assert set_budget(tenant, period, limit, period=period, **said).error is None


def spent(cloud: MemoryCloud, name: str) -> dict[str, Decimal]:
    """Return the spend of the accounts whose names contain the text."""
    books = stored(cloud.rows()["AccountsTable"])
    return {key: one["spent"] for key, one in books.items() if name in key}


def over_midnight(tenant: Tenant, cost: str, fix: str, **labels: Any) -> dict[str, Any]:
    """Reserve at 23:50, settle at 00:02 and adjust one minute later."""
    taken, settled, fixed = MIDNIGHT
    with at(taken, tick=False):
        reservation_id = tenant.hold(cost, **labels)
    with at(settled, tick=False):
        assert tenant.settle(reservation_id, cost).body["entry"]["month"] == "2026-11"
    with at(fixed, tick=False):
        return dict(tenant.adjust(f"settle:{reservation_id}", fix).body["entry"])
