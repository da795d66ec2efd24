"""Alerts and forecasts of limits in tokens and calls say tokens and calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def limit(tenant: Tenant, **fields: Any) -> Any:
    """A budget of the tenant's day."""
    given = {"scope": "tenant", "period": "day", "budget_id": "cap", **WHO}
    return tenant.call("set_budget", **{**given, **fields})


def told(tenant: Tenant, kind: str) -> list[dict[str, Any]]:
    return [one for one in tenant.call("alerts").body["items"] if one["kind"] == kind]


def test_the_first_refusal_by_a_budget_of_calls_alerts_in_calls(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_calls=1)
    tenant.spend("1")
    assert not tenant.reserve("1").body["allowed"]
    (alert,) = told(tenant, "blocked")
    assert {name: alert[f"{name}_calls"] for name in ("limit", "spent", "held", "asked")} == {
        "limit": 1,
        "spent": 1,
        "held": 0,
        "asked": 1,
    }


def test_a_refusal_by_a_rate_of_calls_a_minute_sends_no_alert(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_calls=0, period="minute")
    assert not tenant.reserve("1").body["allowed"]
    assert told(tenant, "blocked") == []


def test_the_forecast_of_a_month_limited_in_tokens_says_tokens(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, budget_id="tenant-month", period="month", limit_tokens=1000, limit_calls=100)
    for day in range(15, 22):
        with at(f"2026-11-{day}T10:00:00Z", tick=False):
            tenant.spend("1", usage={"input_tokens": 60, "output_tokens": 40})
    outlook = tenant.call("forecast").body
    counted = {one["unit"]: one for one in outlook["by_unit"]}
    assert (counted["tokens"]["spent_tokens"], counted["tokens"]["estimate_tokens"]) == (700, 1600)
    assert (counted["tokens"]["limit_tokens"], counted["tokens"]["exceeds_limit"]) == (1000, True)
    assert (counted["calls"]["estimate_calls"], counted["calls"]["exceeds_limit"]) == (16, False)
