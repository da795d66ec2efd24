"""A refusal suggests the first cheaper model that fits, with the output that fits."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.winding_down import BIG, SMALL, by_usage, limit


def test_a_model_that_does_not_fit_is_answered_by_the_first_cheaper_one_that_does(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_usd="0.01", downgrade=[{"model": SMALL}])
    refused = by_usage(tenant, BIG, 10_000)
    assert not refused["allowed"]
    assert refused["suggestion"] == {"model": SMALL, "max_output_tokens": 10_000}
    assert 0 < refused["max_output_tokens"] < 1000
    assert by_usage(tenant, BIG, refused["max_output_tokens"], "check")["allowed"]
    assert not by_usage(tenant, BIG, refused["max_output_tokens"] + 1, "check")["allowed"]
    assert by_usage(tenant, SMALL, 10_000)["allowed"]


def test_nothing_is_suggested_where_no_model_fits(cloud: MemoryCloud, tenant: Tenant) -> None:
    limit(tenant, limit_usd="0", downgrade=[{"model": SMALL}])
    refused = by_usage(tenant, BIG, 10)
    assert (refused["suggestion"], refused["max_output_tokens"]) == (None, 0)
