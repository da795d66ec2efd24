"""Monthly close in tests: the scheduled job, and its statements."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from functions.resetting import app as resetting
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import Context
from tests.support.doors.http_events import Body
from tests.support.times import at

NOVEMBER = "2026-11"


def close(**fields: Any) -> dict[str, Any]:
    """Close a month, as the schedule does."""
    return dict(resetting.lambda_handler({"operation": "close_month", **fields}, Context()))


def outcome(answer: dict[str, Any]) -> tuple[int, int]:
    """Return the numbers of written and of existing statements. Nothing may fail."""
    assert answer["failed"] == []
    return answer["statements"], answer["already_closed"]


def statements(tenant: Tenant, **fields: Any) -> list[Body]:
    """Return the tenant's statements, latest first."""
    return list(tenant.call("statements", **fields).body["items"])


def statement(tenant: Tenant, month: str = NOVEMBER) -> Body:
    """Return the only statement of the tenant's month."""
    (only,) = statements(tenant, month=month)
    return dict(only)


def total(lines: list[Body]) -> Decimal:
    """Return the sum of a breakdown's lines."""
    return sum((Decimal(one["spent_usd"]) for one in lines), Decimal(0))


def alerts(cloud: Cloud, kind: str = "month_closed") -> list[str]:
    """Return the tenants of the stored alerts of this kind, one per alert."""
    rows = cloud.rows()["AlertsTable"]
    return sorted(row["pk"]["S"].split("#")[0] for row in rows if row["kind"]["S"] == kind)


def money(cloud: Cloud) -> dict[str, Any]:
    """Return all accounts, entries and reservations."""
    rows = cloud.rows()
    return {name: rows[name] for name in ("AccountsTable", "LedgerTable", "ReservationsTable")}


def busy(tenant: Tenant) -> None:
    """Record a November: agents, models, a workflow, a hold, an adjustment and a late cost."""
    with at("2026-11-10T10:00:00Z"):
        labels = {"agent": "writer", "model": "gpt-x", "workflow_execution_id": "flow"}
        cost = tenant.spend(
            "1.000000000001", usage={"input_tokens": 5, "output_tokens": 2}, **labels
        )
        tenant.spend("2.5", agent_execution_id="run", agent="critic", model="gpt-x", tokens=9)
        tenant.spend("0.25", workflow_execution_id="flow")
        tenant.adjust(cost, "-0.5")
        tenant.spend("4", occurred_at="2026-08-01T00:00:00Z")
    with at("2026-11-30T23:50:00Z"):
        tenant.hold("3")
