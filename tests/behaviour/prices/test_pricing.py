"""What is counted and by which rule: tokens, cached ones, calls, seconds, providers' answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, HAIKU, NONE_KNOWN, OWN, RATES, cost, put, record

CACHED = RATES | {"cache_read_usd_per_million": "0.5", "cache_write_usd_per_million": "3"}


def test_a_tool_has_a_price_for_each_call(tenant: Tenant) -> None:
    put(tenant, "web-search", call_usd="0.01")
    assert cost(tenant, "web-search", usage={"calls": 3}) == "0.03"
    assert cost(tenant, "web-search", usage={"calls": 0}) == "0"
    assert record(tenant, "web-search", usage={"seconds": "1"}).refusal == NONE_KNOWN


@pytest.mark.parametrize("usage", [{"calls": 0}, {"seconds": "0"}, {"calls": 0, "seconds": 0}])
def test_nothing_of_what_a_model_has_no_price_for_costs_not_nothing(
    tenant: Tenant, usage: dict[str, Any]
) -> None:
    assert record(tenant, GPT, usage=usage).refusal == NONE_KNOWN
    assert cost(tenant, GPT, usage=usage | {"input_tokens": 0}) == "0"


def test_cache_writes_that_live_for_an_hour_may_have_a_price_of_their_own(tenant: Tenant) -> None:
    hour = {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}
    response = {"input_tokens": 10, "cache_creation_input_tokens": 300, "output_tokens": 1}
    said = {"usage": {"provider_response": response | {"cache_creation": hour}}}
    put(tenant, OWN, **CACHED)
    assert cost(tenant, OWN, provider="anthropic", **said) == "0.000928"  # 300 at 3 a million
    put(tenant, OWN, **CACHED, cache_write_1h_usd_per_million="4")
    assert cost(tenant, OWN, provider="anthropic", **said) == "0.001128"  # 200 of them at 4


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [("1.5", "0.0045"), ("0.000000001", "0.000000000003"), (2.25, "0.00675"), (60, "0.18")],
)
def test_a_tool_has_a_price_for_each_second_and_its_parts(
    tenant: Tenant, seconds: Any, expected: str
) -> None:
    put(tenant, "sandbox", second_usd="0.003")
    entry = record(tenant, "sandbox", usage={"seconds": seconds}).body["entry"]
    assert (entry["cost_usd"], entry["tokens"]) == (expected, 0)
    assert entry["usage"] == {"seconds": str(seconds)}


def test_calls_and_seconds_and_tokens_are_added_up(direct_tenant: Tenant) -> None:
    put(direct_tenant, OWN, **RATES, call_usd="0.1", second_usd="0.01")
    usage = {"input_tokens": 1000, "output_tokens": 500, "calls": 2, "seconds": "3"}
    assert cost(direct_tenant, OWN, usage=usage) == "0.236"


def test_a_price_for_each_call_is_paid_once_where_calls_are_not_counted(
    direct_tenant: Tenant,
) -> None:
    put(direct_tenant, OWN, **RATES, call_usd="0.1")
    assert cost(direct_tenant, OWN) == "0.106"


@pytest.mark.parametrize(
    ("provider", "expected", "tokens"),
    [
        # Within: 100 of the 1000 were read from the cache, and 200 were written to it.
        ("openai", "0.00605", 1500),
        ("google", "0.00605", 1500),
        ("our-gateway", "0.00605", 1500),
        (None, "0.00605", 1500),
        # Apart: 1000 besides those 300.
        ("anthropic", "0.00665", 1800),
        ("bedrock", "0.00665", 1800),
        ("aws", "0.00665", 1800),
    ],
)
def test_cached_tokens_are_counted_once_by_the_rule_of_the_provider(
    direct_tenant: Tenant, provider: str | None, expected: str, tokens: int
) -> None:
    put(direct_tenant, OWN, **CACHED)
    usage = {"input_tokens": 1000, "output_tokens": 500}
    usage |= {"cache_read_tokens": 100, "cache_write_tokens": 200}
    entry = record(direct_tenant, OWN, provider=provider, usage=usage).body["entry"]
    assert (entry["cost_usd"], entry["tokens"]) == (expected, tokens)
    assert entry["usage"] == usage


def test_cached_tokens_without_a_price_of_their_own_cost_what_input_costs(
    direct_tenant: Tenant,
) -> None:
    put(direct_tenant, OWN, **RATES)
    usage = {"input_tokens": 1000, "cache_read_tokens": 1000}
    assert cost(direct_tenant, OWN, usage=usage) == "0.002"


def test_more_cached_tokens_than_input_are_only_where_they_are_counted_apart(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    put(tenant, OWN, **CACHED)
    before, usage = cloud.rows(), {"input_tokens": 10, "cache_read_tokens": 1000}
    refused = record(tenant, OWN, provider="openai", usage=usage)
    assert refused.refusal == ("VALIDATION_ERROR", "usage")
    assert cloud.rows() == before
    assert cost(tenant, OWN, provider="anthropic", usage=usage) == "0.00052"


OPENAI: dict[str, Any] = {
    "prompt_tokens": 1000,
    "completion_tokens": 500,
    "total_tokens": 1500,
    "prompt_tokens_details": {"cached_tokens": 400},
}
ANTHROPIC = {
    "input_tokens": 600,
    "output_tokens": 500,
    "cache_read_input_tokens": 400,
    "cache_creation_input_tokens": 0,
}
CONVERSE = {"inputTokens": 600, "outputTokens": 500, "totalTokens": 1500} | {
    "cacheReadInputTokens": 400,
    "cacheWriteInputTokens": 0,
}
GOOGLE = {
    "promptTokenCount": 1000,
    "candidatesTokenCount": 500,
    "cachedContentTokenCount": 400,
    "totalTokenCount": 1500,
}


@pytest.mark.parametrize(
    ("provider", "response"),
    [
        ("openai", OPENAI),
        ("anthropic", ANTHROPIC),
        ("bedrock", CONVERSE),
        ("google", GOOGLE),
        ("our-gateway", OPENAI),
    ],
)
def test_a_providers_own_usage_object_is_read(
    tenant: Tenant, provider: str, response: dict[str, Any]
) -> None:
    put(tenant, OWN, **CACHED)
    for given in ({"usage": {"provider_response": response}}, {"provider_response": response}):
        fields = {"agent_execution_id": "run-1", "model": OWN, "provider": provider, **given}
        entry = tenant.call("record_cost", **fields).body["entry"]
        assert (entry["cost_usd"], entry["tokens"]) == ("0.0054", 1500)
        assert entry["usage"] == {"provider_response": response}


def test_published_prices_of_cached_tokens_are_the_lists_own(direct_tenant: Tenant) -> None:
    used = {"provider_response": OPENAI}
    assert cost(direct_tenant, GPT, provider="openai", usage=used) == "0.007"
    used = {"provider_response": ANTHROPIC}
    assert cost(direct_tenant, HAIKU, provider="anthropic", usage=used) == "0.000787"


def test_a_cost_that_is_given_stands_whatever_was_used(tenant: Tenant) -> None:
    put(tenant, OWN, **RATES)
    for usage in ({"input_tokens": 10**6}, {"provider_response": {"strange": "thing"}}):
        entry = record(tenant, OWN, cost_usd="0.5", usage=usage).body["entry"]
        assert (entry["cost_usd"], entry["price"], entry["flags"]) == ("0.5", None, [])
        assert entry["usage"] == usage
