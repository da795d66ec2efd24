"""Requests with an idempotency key, and checks that a refused one changes nothing."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud

RUN = {"agent_execution_id": "run-1"}
KEY = {"idempotency_key": "key-1"}
MISMATCH = "IDEMPOTENCY_MISMATCH"


def batch(tenant: Tenant, *amounts: str, **fields: Any) -> Any:
    """Record the amounts in one batch."""
    costs = [{**RUN, "cost_usd": amount} for amount in amounts]
    return tenant.call("record_costs", costs=costs, **fields)


def name_rows(cloud: MemoryCloud) -> list[str]:
    """Return the partition keys of all stored idempotency keys."""
    rows = [row for table in cloud.rows().values() for row in table]
    return sorted(row["pk"]["S"] for row in rows if "#operation#" in row["pk"]["S"])


def assert_refused(
    tenant: Tenant, cloud: MemoryCloud, field: str, answer: Any, before: Any
) -> None:
    """Assert that the answer is a 409 for the field and that no row has changed."""
    assert answer.refusal == (MISMATCH, field)
    assert answer.has_status(409)
    assert cloud.rows() == before
