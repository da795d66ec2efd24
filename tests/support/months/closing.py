"""Closing months in tests: the job as a schedule starts it, and the statements that it wrote."""

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
    """How many statements were written, and how many were there already; nothing failed."""
    assert answer["failed"] == []
    return answer["statements"], answer["already_closed"]


def statements(tenant: Tenant, **fields: Any) -> list[Body]:
    """The tenant's statements, the latest first."""
    return list(tenant.call("statements", **fields).body["items"])


def statement(tenant: Tenant, month: str = NOVEMBER) -> Body:
    """The one statement of the tenant's month."""
    (only,) = statements(tenant, month=month)
    return dict(only)


def total(lines: list[Body]) -> Decimal:
    """What the lines of a breakdown come to."""
    return sum((Decimal(one["spent_usd"]) for one in lines), Decimal(0))


def alerts(cloud: Cloud, kind: str = "month_closed") -> list[str]:
    """Whose alerts of that kind are stored, each as often as it is."""
    rows = cloud.rows()["AlertsTable"]
    return sorted(row["pk"]["S"].split("#")[0] for row in rows if row["kind"]["S"] == kind)


def money(cloud: Cloud) -> dict[str, Any]:
    """Every account, entry and reservation."""
    rows = cloud.rows()
    return {name: rows[name] for name in ("AccountsTable", "LedgerTable", "ReservationsTable")}


def busy(tenant: Tenant) -> None:
    """A November: agents, models, a workflow of its own, a hold, an adjustment, a late cost."""
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
