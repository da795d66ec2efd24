"""The largest output: one token more would be refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.winding_down import BIG, SMALL, by_usage, limit


def test_a_suggestion_says_how_much_output_fits(cloud: MemoryCloud, tenant: Tenant) -> None:
    limit(tenant, limit_usd="0.001", downgrade=[{"model": SMALL}])
    said = by_usage(tenant, BIG, 10_000)["suggestion"]
    assert said["model"] == SMALL
    assert 0 < said["max_output_tokens"] < 10_000
    assert by_usage(tenant, SMALL, said["max_output_tokens"], "check")["allowed"]
    assert not by_usage(tenant, SMALL, said["max_output_tokens"] + 1, "check")["allowed"]


def test_the_largest_output_leaves_less_than_one_token_of_the_limit(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    """gpt-4o: 0.0025 USD for 1,000 input tokens, then 0.00001 USD for a token of output."""
    limit(tenant, limit_usd="0.010005")
    assert by_usage(tenant, BIG, 10, "check")["max_output_tokens"] == 750


@pytest.mark.parametrize(
    ("tokens", "most"),
    [(1500, 500), ({"output": 40}, 40), ({"total": 1100, "output": 400}, 100), (900, 0)],
)
def test_a_limit_in_tokens_bounds_the_output(
    cloud: MemoryCloud, tenant: Tenant, tokens: Any, most: int
) -> None:
    limit(tenant, limit_tokens=tokens)
    assert by_usage(tenant, BIG, 10, "check")["max_output_tokens"] == most


def test_without_a_limit_or_an_estimate_by_usage_there_is_no_largest_output(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    assert by_usage(tenant, BIG, 10, "check")["max_output_tokens"] is None
    limit(tenant, limit_usd="1")
    assert tenant.check("0.5").body["max_output_tokens"] is None
