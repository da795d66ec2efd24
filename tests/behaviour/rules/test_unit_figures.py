"""What limits in tokens and calls cost: the requests stay the same, each limit adds one item.

docs/concepts/units-and-periods.md says these figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.dynamodb.calls import recorded_calls
from tests.support.histories.ledger_audit import account_of
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO
from tests.support.times import at

WRITE = "TransactWriteItems"
NAMED = 2
"""Accounts of a cost with a user: the user's, and the one that counts who has which label."""
LABELS = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1", "user": "ana"}
USER = {"scope": "user", "scope_id": "ana"}
RUNS = {"scope": "execution", "period": "run"}
MONTH = {"scope": "tenant", "period": "month", "limit_usd": "1000"}
KINDS: dict[str, tuple[dict[str, Any], int]] = {
    "nothing more": ({}, 0),
    "a rate of calls a minute": (
        {"budget_id": "a", "period": "minute", **USER, "limit_calls": 9},
        1,
    ),
    "tokens a day": ({"budget_id": "a", "period": "day", **USER, "limit_tokens": 999}, 1),
    "USD, tokens and calls a year": (
        {"budget_id": "a", "period": "year", **USER, "limit_usd": "9", "limit_tokens": 999}
        | {"limit_calls": 9},
        3,
    ),
    "calls of the tenant's month": ({"budget_id": "tenant-month", **MONTH, "limit_calls": 9}, 1),
    "calls of each run": (
        {"budget_id": "execution", **RUNS, "limit_usd": "9", "limit_calls": 9},
        1,
    ),
    "a reserve and a ladder": (
        {"budget_id": "a", "period": "day", **USER, "limit_usd": "9", "reserve_percent": 10}
        | {"downgrade": [{"model": "gpt-4o-mini", "at_percent": 80}]},
        1,
    ),
}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def items(calls: Any) -> list[int]:
    """How many items each write has, with each account as one, however many rows it has."""
    return [
        len({account_of(pk) for pk in map(_key, one.request["TransactItems"])})
        for one in calls
        if one.operation == WRITE
    ]


def _key(item: dict[str, Any]) -> str:
    (asked,) = item.values()
    return str((asked.get("Item") or asked["Key"])["pk"]["S"])


@pytest.mark.parametrize("kind", list(KINDS))
def test_each_limit_adds_one_item_and_no_request(
    cloud: MemoryCloud, direct_tenant: Tenant, kind: str
) -> None:
    fields, more = KINDS[kind]
    if fields:
        direct_tenant.call("set_budget", **fields, **WHO)
    direct_tenant.spend("0.01", **LABELS)

    with recorded_calls() as reserving:
        held = direct_tenant.hold("0.01", include_gates=False, **LABELS)
    with recorded_calls() as settling:
        direct_tenant.settle(held, "0.01", include_gates=False)
    with recorded_calls() as recording:
        direct_tenant.record("0.01", include_gates=False, **LABELS)

    assert items(reserving) == [5 + more]
    assert items(settling) == [9 + NAMED + more]
    assert items(recording) == [8 + NAMED + more]
    for calls in (reserving, settling, recording):
        assert calls.operations == [WRITE]
