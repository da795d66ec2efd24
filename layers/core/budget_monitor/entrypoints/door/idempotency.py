"""Bind a whole request to its idempotency key."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from budget_monitor.domain.requests import COSTS, OPERATION, Request
from budget_monitor.domain.transactions import IdempotencyKey


def keyed(
    tenant_id: str, key: str | None, request: Request, made: Mapping[str, Any] | None = None
) -> IdempotencyKey | None:
    """The request under its key, or None without one. `made` are ids that are not compared."""
    if key is None:
        return None
    return IdempotencyKey(tenant_id, key, request, made=made or {})


def with_id(request: Request, operation: str, id_field: str, given: str | None) -> Request:
    """The request, with the id that the caller gave, if any."""
    said = {} if given is None else {id_field: given}
    return {OPERATION: operation, **said, **request}


def batch_request(costs: Sequence[Request]) -> Request:
    """The request of a batch: a digest of each cost, so that 100 costs take 4 KB."""
    return {OPERATION: "record_costs", COSTS: [_digest(cost) for cost in costs]}


def _digest(cost: Request) -> str:
    text = json.dumps(cost, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()[:32]
