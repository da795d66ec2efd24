"""A budget of the tenant's day, and requests by usage for a large and a small model."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer
from tests.support.rules.governing import CAP, WHO

BIG, SMALL = "gpt-4o", "gpt-4o-mini"


def limit(tenant: Tenant, **fields: Any) -> Answer:
    """Set a budget for the tenant's day, with any of its limits."""
    return tenant.call("set_budget", **{"budget_id": "cap", **CAP, **WHO, **fields})


def by_usage(tenant: Tenant, model: str, output: int, operation: str = "reserve") -> Any:
    """Return the answer to a request of 1,000 input tokens and so much output."""
    return tenant.call(
        operation,
        agent_execution_id="run-1",
        model=model,
        provider="openai",
        estimated_usage={"input_tokens": 1000, "max_output_tokens": output},
    ).body
