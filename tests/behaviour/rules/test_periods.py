"""Minute, quarter, year and total: what is accepted is enforced, and late costs count there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO
from tests.support.times import at

NEXT = {
    "minute": "2026-11-22T10:06:00Z",
    "quarter": "2027-01-01T00:00:00Z",
    "year": "2027-01-01T00:00:00Z",
    "total": None,
}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


def limit(tenant: Tenant, period: str, **fields: Any) -> Any:
    """A limit of 2 USD in that period."""
    given = {"scope": "user", "scope_id": "ana", "limit_usd": "2", "budget_id": "cap", **WHO}
    return tenant.call("set_budget", period=period, **{**given, **fields})


@pytest.mark.parametrize("period", list(NEXT))
def test_a_limit_of_2_takes_2_until_the_period_ends(
    cloud: MemoryCloud, tenant: Tenant, period: str
) -> None:
    with at("2026-11-22T10:05:10Z", tick=False):
        limit(tenant, period)
        tenant.spend("2", user="ana")
        refused = tenant.reserve("0.01", user="ana").body
        assert not refused["allowed"]
        assert gate(refused, "cap")["resets_at"] == NEXT[period]
    with at(NEXT[period] or "2031-01-01T00:00:00Z", tick=False):
        assert tenant.reserve("2", user="ana").body["allowed"] is (period != "total")
    assert not differences(cloud.rows())


@pytest.mark.parametrize(("period", "counts"), [("minute", False), ("year", True), ("total", True)])
def test_a_late_cost_counts_in_long_periods_and_not_in_a_minute(
    cloud: MemoryCloud, tenant: Tenant, period: str, *, counts: bool
) -> None:
    with at("2026-11-22T10:05:10Z", tick=False):
        limit(tenant, period)
        tenant.spend("2", user="ana", occurred_at="2026-09-01T00:00:00Z")
        assert tenant.reserve("1", user="ana").body["allowed"] is not counts


def test_a_raise_of_a_minute_ends_with_it(cloud: MemoryCloud, tenant: Tenant) -> None:
    with at("2026-11-22T10:05:10Z", tick=False):
        limit(tenant, "minute")
        raised = tenant.call("raise_limit", budget_id="cap", amount_usd="1", **WHO).body
        assert raised["raises"][0]["until"] == "2026-11-22T10:06:00Z"
        assert tenant.reserve("3", user="ana").body["allowed"]
    with at("2026-11-22T10:06:00Z", tick=False):
        assert not tenant.reserve("3", user="ana").body["allowed"]
