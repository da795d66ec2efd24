"""Wind down: a reserve for requests that wrap up, and a ladder of cheaper models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.builders import Tenant, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS
from tests.support.rules.winding_down import BIG, SMALL, by_usage, limit
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """Nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def test_the_last_10_percent_are_for_requests_that_wrap_up(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    assert limit(tenant, limit_usd="10", reserve_percent=10).body["reserve_percent"] == 10
    assert tenant.reserve("9").body["allowed"]
    for operation in (tenant.check, tenant.reserve):
        refused = operation("0.5").body
        assert not refused["allowed"]
        assert refused["reason"].endswith("; this request may use 9 USD of the limit")
        assert refused["unblock"].startswith("send wrap_up: true")
        assert refused["remaining"]["usd"] == "0"
        assert gate(refused, "cap")["available_usd"] == "1"
    assert tenant.check("1", wrap_up=True).body["remaining"]["usd"] == "1"
    assert tenant.reserve("1", wrap_up=True).body["allowed"]
    assert not tenant.reserve("0.01", wrap_up=True).body["allowed"]
    assert not differences(cloud.rows())


def test_a_reserve_holds_for_calls_and_tokens_too(cloud: MemoryCloud, tenant: Tenant) -> None:
    limit(tenant, limit_calls=5, reserve_percent=40)
    for _ in range(3):
        assert tenant.reserve("1").body["allowed"]
    assert not tenant.reserve("1").body["allowed"]
    assert tenant.reserve("1", wrap_up=True).body["remaining"]["calls"] == 1
    assert tenant.reserve("1", wrap_up=True).body["allowed"]
    assert not tenant.reserve("1", wrap_up=True).body["allowed"]


@pytest.mark.parametrize("operation", ["check", "reserve"])
def test_a_model_that_does_not_count_in_the_full_budget_is_suggested(
    cloud: MemoryCloud, tenant: Tenant, operation: str
) -> None:
    """Before, the cheaper model was judged by the budget for the model that was asked."""
    of_big = {"scope": "model", "scope_id": BIG, "period": "day"}
    limit(tenant, **of_big, limit_usd="1", downgrade=[{"model": SMALL}])
    tenant.spend("1", model=BIG)
    labels = {"agent_execution_id": "run-1", "model": BIG, "estimated_cost_usd": "0.5"}
    refused = tenant.call(operation, **labels).body
    assert not refused["allowed"]
    assert refused["suggestion"] == {"model": SMALL, "max_output_tokens": None}
    assert tenant.call(operation, **{**labels, "model": SMALL}).body["allowed"]


def test_past_the_threshold_only_models_down_the_ladder_are_granted(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_usd="10", downgrade=[{"model": SMALL, "at_percent": 50}])
    assert by_usage(tenant, BIG, 100)["allowed"]
    tenant.spend("5")
    refused = by_usage(tenant, BIG, 100)
    assert not refused["allowed"]
    assert refused["suggestion"] == {"model": SMALL, "max_output_tokens": 100}
    assert by_usage(tenant, SMALL, 100)["allowed"]
    assert not differences(cloud.rows())
