"""A whole price sheet in one request: all of its prices are set, or none."""

from __future__ import annotations

from typing import Any

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, RATES, cost
from tests.support.rules.governing import WHO


def test_one_put_holds_a_whole_price_sheet(tenant: Tenant) -> None:
    prices = [
        {"model": "own-1", **RATES},
        {"model": "own-2", "input_usd_per_million": "4", "output_usd_per_million": "0"},
        {"model": "*", "provider": "openai", "discount_percent": "10"},
    ]
    done = tenant.call("set_price", prices=prices, **WHO).body
    assert [one["model"] for one in done["prices"]] == ["own-1", "own-2", "*"]
    assert {one["version"] for one in done["prices"]} == {done["version"]}
    assert (cost(tenant, "own-1"), cost(tenant, "own-2")) == ("0.006", "0.004")
    assert cost(tenant, GPT, provider="openai") == "0.00675"


def test_a_price_sheet_with_one_bad_price_sets_none(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.call("get_tenant")
    before = cloud.rows()
    bad: list[tuple[list[dict[str, Any]], str]] = [
        ([{"model": "a", **RATES}, {"model": "b"}], "prices[1].input_usd_per_million"),
        ([{"model": "a", **RATES}, {"model": "A", **RATES}], "prices[1].model"),
        ([{"model": "a", **RATES, "by": "x"}], "prices[0].by"),
        ([{"model": "unheard", "discount_percent": "5"}], "discount_percent"),
        ([], "prices"),
    ]
    for prices, field in bad:
        answer = tenant.call("set_price", prices=prices, **WHO)
        assert answer.refusal == ("VALIDATION_ERROR", field)
    assert cloud.rows() == before


def test_200_prices_are_the_most_and_fit_one_sheet(direct_tenant: Tenant) -> None:
    prices = [{"model": f"own-{n}", **RATES} for n in range(200)]
    assert len(direct_tenant.call("set_price", prices=prices, **WHO).body["prices"]) == 200
    more = direct_tenant.call("set_price", model="one-more", **RATES, **WHO)
    assert more.error == "CONFLICT"
    assert cost(direct_tenant, "own-199") == "0.006"
