"""Backfilled costs in tests."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant

WHY: dict[str, Any] = {"backfill": True, "by": "maria", "reason": "moved from the old monitor"}


def cost(amount: str, occurred_at: str, **fields: Any) -> dict[str, Any]:
    return {
        "cost_usd": amount,
        "occurred_at": occurred_at,
        "agent_execution_id": "old-run",
        "agent": "writer",
        **fields,
    }


def backfill(tenant: Tenant, *costs: dict[str, Any], **fields: Any) -> list[dict[str, Any]]:
    answer = tenant.call("record_costs", costs=list(costs), **{**WHY, **fields})
    return [result["entry"] for result in answer.body["results"]]
