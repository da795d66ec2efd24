"""Tiers, batches and conventions that a caller names, for costs and for holds."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import OWN, RATES, USAGE, put, record

GPT5: dict[str, Any] = {"model": "gpt-5-mini", "provider": "openai"}
RUN = {"agent_execution_id": "run-1"}
CLAUDE: dict[str, Any] = {"model": "claude-opus-5", "provider": "anthropic"}


@pytest.mark.parametrize(
    ("terms", "usd"),
    [
        ({}, "0.00125"),
        ({"service_tier": "default"}, "0.00125"),
        ({"service_tier": "flex"}, "0.000625"),
        ({"service_tier": "priority"}, "0.00225"),
        ({"batch": True}, "0.000625"),
        ({"batch": False}, "0.00125"),
        ({"service_tier": "batch"}, "0.000625"),
    ],
)
def test_a_tier_that_the_caller_names_decides_on_the_price(
    tenant: Tenant, terms: dict[str, Any], usd: str
) -> None:
    given = {"agent_execution_id": "run-1", "usage": USAGE, **GPT5, **terms}
    assert tenant.call("record_cost", **given).body["entry"]["cost_usd"] == usd
    estimate = {"input_tokens": 1000, "max_output_tokens": 500}
    hold = {"agent_execution_id": "run-1", "estimated_usage": estimate, **GPT5, **terms}
    assert tenant.call("reserve", **hold).body["reservation"]["amount_usd"] == usd


def test_a_tier_without_a_price_is_unknown_and_says_so(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.call("get_tenant")
    before = cloud.rows()
    for terms in ({"service_tier": "scale"}, {"service_tier": "flex", "batch": True}):
        answer = record(tenant, "gpt-4o", provider="openai", **terms)
        assert answer.refusal == ("UNKNOWN_PRICE", "usage")
        assert answer.has_status(422)
        assert "service_tier" in answer.message
    assert cloud.rows() == before


def test_the_callers_tier_comes_before_the_objects(tenant: Tenant) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
    response = {"service_tier": "auto", "usage": usage}
    unknown = tenant.call("record_cost", **RUN, provider_response=response, **GPT5)
    assert unknown.refusal == ("UNKNOWN_PRICE", "provider_response")
    given = {"provider_response": response, "service_tier": "flex", **GPT5}
    entry = tenant.call("record_cost", **RUN, **given).body["entry"]
    assert (entry["cost_usd"], entry["service_tier"]) == ("0.000625", "flex")
    assert entry["price"]["terms"] == {"service_tier": "flex"}


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("service_tier", "flex", "priority"),
        ("batch", True, False),
        ("usage_convention", "provider", "inclusive"),
        ("provider_request_id", "req_1", "req_2"),
    ],
)
def test_a_replay_that_says_other_terms_is_another_request(
    tenant: Tenant, name: str, one: Any, other: Any
) -> None:
    def again(value: Any) -> Any:
        return record(tenant, entry_id="e-1", **GPT5, **{name: value})

    first = again(one).body["entry"]
    assert again(one).body["entry"]["cost_usd"] == first["cost_usd"]
    assert again(other).refusal == ("IDEMPOTENCY_MISMATCH", name)


def test_a_convention_says_where_the_cached_tokens_stand(tenant: Tenant) -> None:
    usage = {"input_tokens": 20_010, "output_tokens": 100, "cache_read_tokens": 20_000}
    provider = record(tenant, usage=usage, usage_convention="provider", **CLAUDE)
    inclusive = record(tenant, usage=usage, usage_convention="inclusive", **CLAUDE)
    assert provider.body["entry"]["tokens"] == 40_110
    assert inclusive.body["entry"]["tokens"] == 20_110
    refused = record(tenant, usage=usage, usage_convention="mine", **CLAUDE)
    assert refused.refusal == ("VALIDATION_ERROR", "usage_convention")


def test_set_prices_have_tiers_and_never_lend_the_standard_price(tenant: Tenant) -> None:
    tiers = {"batch": {"percent": "50"}, "priority": {"input_usd_per_million": "5"}}
    put(tenant, OWN, **RATES, service_tiers=tiers)
    assert record(tenant, OWN).body["entry"]["cost_usd"] == "0.006"
    assert record(tenant, OWN, batch=True).body["entry"]["cost_usd"] == "0.003"
    assert record(tenant, OWN, service_tier="priority").body["entry"]["cost_usd"] == "0.009"
    assert record(tenant, OWN, service_tier="flex").refusal == ("UNKNOWN_PRICE", "usage")


def test_set_prices_have_context_tiers_and_a_surcharge(tenant: Tenant) -> None:
    more = {"above_input_tokens": 2000, "input_usd_per_million": "4"}
    put(tenant, OWN, **RATES, context_tiers=[more], surcharge_percent="10")
    short = record(tenant, OWN, usage={"input_tokens": 2000, "output_tokens": 0})
    long = record(tenant, OWN, usage={"input_tokens": 2001, "output_tokens": 0})
    assert short.body["entry"]["cost_usd"] == "0.0044"
    assert long.body["entry"]["cost_usd"] == "0.0088044"


@pytest.mark.parametrize(
    ("unit", "price", "usage", "usd"),
    [
        ("page_usd", "0.004", {"input_document_pages": 3}, "0.012"),
        ("generated_image_usd", "0.04", {"generated_images": 2}, "0.08"),
        ("characters_usd_per_million", "15", {"input_characters": 2000}, "0.03"),
        ("rerank_search_usd", "0.002", {"rerank_searches": 5}, "0.01"),
        ("code_execution_usd", "0.03", {"code_executions": 1}, "0.03"),
    ],
)
def test_media_and_tools_have_the_prices_that_people_set(
    tenant: Tenant, unit: str, price: str, usage: dict[str, int], usd: str
) -> None:
    put(tenant, OWN, **{unit: price})
    assert record(tenant, OWN, usage=usage).body["entry"]["cost_usd"] == usd
    assert record(tenant, OWN).refusal == ("UNKNOWN_PRICE", "usage")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (
            {"context_tiers": [{"input_usd_per_million": "4"}]},
            "context_tiers[0].above_input_tokens",
        ),
        ({"context_tiers": []}, "context_tiers"),
        ({"service_tiers": {"gold": {"percent": "50"}}}, "service_tiers.gold"),
        ({"service_tiers": {"batch": {}}}, "service_tiers.batch.input_usd_per_million"),
        (
            {"service_tiers": {"batch": {"percent": "50", "input_usd_per_million": "1"}}},
            "service_tiers.batch.percent",
        ),
        (
            {"service_tiers": {"batch": {"page_usd": "1"}}},
            "service_tiers.batch.page_usd",
        ),
        ({"surcharge_percent": "1001"}, "surcharge_percent"),
    ],
)
def test_tiers_that_make_no_sense_are_refused_by_their_field(
    tenant: Tenant, fields: dict[str, Any], field: str
) -> None:
    assert put(tenant, OWN, **RATES, **fields).refusal == ("VALIDATION_ERROR", field)
