"""Requests for more limit in tests: ask and answer."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer

NOON = "2026-11-22T12:00:00Z"
RUN = {"agent_execution_id": "run-1"}
FLOW = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}
MARIA = {"by": "maria", "reason": "it is worth it"}


def ask(tenant: Tenant, amount: str = "5", **fields: Any) -> Answer:
    """Ask for more limit; the run is `run-1` unless given."""
    runs = {} if "workflow_execution_id" in fields or "agent_execution_id" in fields else RUN
    given = {"amount_usd": amount, "reason": "two chapters are left", **runs}
    return tenant.call("request_raise", **given | fields)


def approve(tenant: Tenant, request_id: str, **fields: Any) -> Answer:
    """Approve a request as maria."""
    return tenant.call("approve", request_id=request_id, **MARIA | fields)


def deny(tenant: Tenant, request_id: str, **fields: Any) -> Answer:
    """Deny a request as maria."""
    return tenant.call("deny", request_id=request_id, **MARIA | fields)


def read(tenant: Tenant, request_id: str) -> dict[str, Any]:
    """Return the request as it is now."""
    return tenant.call("get_request", request_id=request_id).body


def listed(tenant: Tenant, **fields: Any) -> list[str]:
    """Return the ids of the listed requests."""
    return [one["request_id"] for one in tenant.call("list_requests", **fields).body["items"]]


def set_authority(tenant: Tenant, *approvers: dict[str, Any], **rules: Any) -> Answer:
    """Set who may approve the tenant's requests; without approvers, everybody may."""
    given: dict[str, Any] = {"approvers": list(approvers)} if approvers else {}
    return tenant.call("set_authority", **given, **MARIA | rules)
