"""Prices that people set: whose comes first, from when on, and for which models."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import (
    GPT,
    HAIKU,
    NONE_KNOWN,
    OWN,
    PROFILE,
    PUBLISHED,
    RATES,
    cost,
    delete,
    put,
    put_system,
    rates,
    record,
    source,
)
from tests.support.rules.governing import WHO
from tests.support.times import at

SIGNER = "arn:aws:iam::000000000000:user/tests"


def test_a_tenants_price_goes_before_the_systems_and_that_before_the_published_one(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    assert (cost(tenant), source(tenant, GPT)) == (PUBLISHED[GPT], "genai-prices")
    put_system(tenant.door, GPT, **rates("4"))
    assert (cost(tenant), source(tenant, GPT)) == ("0.004", "system")
    put(tenant, GPT, **rates("3"))
    assert (cost(tenant), source(tenant, GPT)) == ("0.003", "tenant")
    assert cost(Tenant(tenant.door)) == "0.004"
    assert not differences(cloud.rows())


def test_an_entry_keeps_by_which_prices_it_was_computed(tenant: Tenant) -> None:
    version = put(tenant, OWN, provider="us", **RATES).body["version"]
    entry = record(tenant, OWN, provider="us").body["entry"]
    assert entry["price"] == {
        "source": "tenant",
        "version": str(version),
        "model": OWN,
        "provider": "us",
        "lines": [
            {"unit": "input_tokens", "quantity": "1000", "usd": "2", "per": 1000000},
            {"unit": "output_tokens", "quantity": "500", "usd": "8", "per": 1000000},
        ],
    }
    assert (entry["cost_usd"], entry["tokens"], entry["flags"]) == ("0.006", 1500, [])


def test_a_price_says_whose_it_is_what_it_costs_from_when_on_and_who_set_it(
    tenant: Tenant,
) -> None:
    with at("2026-11-22T10:05:00Z", tick=False):
        shown = put(tenant, OWN, provider="us", **RATES).body
    cached = ("cache_read", "cache_write", "cache_write_1h")
    nothing = (*(f"{name}_usd_per_million" for name in cached), "call_usd")
    signer = {"principal": SIGNER} if tenant.door.name == "http" else {}
    assert shown == {
        "tenant_id": tenant.id,
        "model": OWN,
        "provider": "us",
        "from": "2026-11-22T10:05:00Z",
        **RATES,
        **dict.fromkeys((*nothing, "second_usd", "web_search_usd", "discount_percent")),
        "ends": False,
        **WHO,
        **signer,
        "source": "tenant",
        "version": 1,
        "replayed": False,
    }


def test_a_price_from_next_week_does_not_hold_yet(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z"):
        put(tenant, GPT, **rates("1"), **{"from": "2026-11-29T00:00:00Z"})
        assert cost(tenant) == PUBLISHED[GPT]
    with at("2026-11-28T23:59:59Z", tick=False):
        assert cost(tenant) == PUBLISHED[GPT]
    with at("2026-11-29T00:00:00Z", tick=False):
        assert cost(tenant) == "0.001"


def test_a_cost_is_priced_by_what_held_when_it_occurred(direct_tenant: Tenant) -> None:
    tenant = direct_tenant
    with at("2026-11-22T10:00:00Z"):
        put(tenant, OWN, **rates("9"), **{"from": "2026-11-20T00:00:00Z"})
        put(tenant, OWN, **rates("7"), **{"from": "2026-11-21T00:00:00+01:00"})
        assert cost(tenant, OWN) == "0.007"
        moments = {"2026-11-20T00:00:00Z": "0.009", "2026-11-20T22:59:59Z": "0.009"}
        moments |= {"2026-11-20T23:00:00Z": "0.007"}
        for moment, expected in moments.items():
            assert cost(tenant, OWN, occurred_at=moment) == expected
        refused = record(tenant, OWN, occurred_at="2026-11-19T23:59:59.999999Z")
        assert refused.refusal == NONE_KNOWN


def test_a_price_from_the_same_moment_takes_the_others_place(direct_tenant: Tenant) -> None:
    day = {"from": "2026-11-20T00:00:00Z"}
    with at("2026-11-22T10:00:00Z"):
        put(direct_tenant, OWN, **rates("9"), **day)
        put(direct_tenant, OWN.upper(), **rates("8"), **day)
        assert cost(direct_tenant, OWN) == "0.008"
        assert len(direct_tenant.call("list_prices").body["items"]) == 1


def test_the_price_at_a_provider_goes_before_the_one_at_any(tenant: Tenant) -> None:
    put(tenant, OWN, provider="cheap", **rates("1"))
    assert record(tenant, OWN).refusal == NONE_KNOWN
    assert record(tenant, OWN, provider="dear").refusal == NONE_KNOWN
    put(tenant, OWN, **rates("5"))
    costs = [cost(tenant, OWN, provider=where) for where in ("cheap", "dear", None)]
    assert costs == ["0.001", "0.005", "0.005"]


def test_a_model_without_a_provider_has_the_price_of_its_known_provider(
    direct_tenant: Tenant,
) -> None:
    put(direct_tenant, GPT, provider="openai", **rates("1"))
    assert cost(direct_tenant, GPT) == "0.001"


def test_a_price_for_a_model_of_the_list_holds_for_its_other_names(direct_tenant: Tenant) -> None:
    dated = "gpt-4o-2024-08-06"
    put(direct_tenant, GPT, **rates("1"))
    assert [cost(direct_tenant, name) for name in (GPT, dated, "GPT-4o-2024-11-20")] == [
        "0.001"
    ] * 3
    assert cost(direct_tenant, "gpt-4o-2024-05-13") == "0.0125"  # the list knows it for another

    put(direct_tenant, dated, **rates("2"))
    assert [cost(direct_tenant, name) for name in (GPT, dated)] == ["0.001", "0.002"]
    listed = direct_tenant.call("list_prices", model=dated).body
    assert [one["model"] for one in listed["items"]] == [GPT, dated]
    assert listed["in_force"]["unit_prices"][0]["usd"] == "2"
    listed = direct_tenant.call("list_prices", model=GPT).body
    assert [one["model"] for one in listed["items"]] == [GPT]


@pytest.mark.parametrize(("said", "asked"), [("Our-Own", "our-OWN"), ("GPT-4o", GPT)])
def test_case_does_not_matter(direct_tenant: Tenant, said: str, asked: str) -> None:
    put(direct_tenant, said, provider="OpenAI", **rates("1"))
    assert cost(direct_tenant, asked, provider="OPENAI") == "0.001"
    assert cost(direct_tenant, asked, provider="openai") == "0.001"


@pytest.mark.parametrize(
    ("said", "asked"),
    [("bedrock", "aws"), ("aws", "bedrock"), ("Amazon Bedrock", "aws"), ("AWS", "aws_bedrock")],
)
def test_bedrock_and_aws_are_one_provider(direct_tenant: Tenant, said: str, asked: str) -> None:
    put(direct_tenant, OWN, provider=said, **rates("3"))
    assert cost(direct_tenant, OWN, provider=asked) == "0.003"
    put(direct_tenant, OWN, provider=asked, **rates("4"))
    assert cost(direct_tenant, OWN, provider=said) == "0.004"
    assert delete(direct_tenant, OWN, provider=said).error is None
    assert record(direct_tenant, OWN, provider=asked).refusal == NONE_KNOWN


@pytest.mark.parametrize("provider", ["bedrock", "aws", None])
def test_an_inference_profile_of_bedrock_is_a_model_with_a_price(
    tenant: Tenant, provider: str | None
) -> None:
    assert record(tenant, PROFILE, provider=provider).refusal == NONE_KNOWN
    put(tenant, PROFILE, **RATES)
    assert cost(tenant, PROFILE, provider=provider) == "0.006"


def test_a_discount_is_off_the_published_price_of_a_model(tenant: Tenant) -> None:
    put(tenant, HAIKU, provider="anthropic", discount_percent="20")
    assert cost(tenant, HAIKU) == "0.0007"
    assert cost(tenant) == PUBLISHED[GPT]
    put(tenant, HAIKU, provider="anthropic", discount_percent="0.000000000001")
    assert cost(tenant, HAIKU) == "0.000875"
    put(tenant, HAIKU, provider="anthropic", discount_percent=100)
    assert cost(tenant, HAIKU) == "0"


def test_a_discount_for_all_of_a_provider_leaves_what_has_a_price_of_its_own(
    tenant: Tenant,
) -> None:
    put(tenant, "*", provider="anthropic", discount_percent="20")
    assert cost(tenant, HAIKU) == cost(tenant, HAIKU, provider="Anthropic") == "0.0007"
    assert cost(tenant) == PUBLISHED[GPT]
    put_system(tenant.door, HAIKU, **rates("1"))
    assert cost(tenant, HAIKU) == "0.0007"
    put(tenant, HAIKU, **rates("5"))
    assert cost(tenant, HAIKU) == "0.005"
    assert record(tenant, "claude-unheard-of", provider="anthropic").refusal == NONE_KNOWN


def test_a_deleted_price_is_the_systems_or_the_published_one_from_then_on(
    tenant: Tenant,
) -> None:
    with at("2026-11-22T10:00:00Z"):
        put(tenant, GPT, **rates("3"), **{"from": "2026-11-20T00:00:00Z"})
        put(tenant, GPT, **rates("2"), **{"from": "2026-12-01T00:00:00Z"})
        shown = delete(tenant, GPT, **{"from": "2026-11-21T00:00:00Z"}).body
        assert (shown["deleted"], shown["ends"], shown["by"]) == (True, True, WHO["by"])
        assert cost(tenant) == PUBLISHED[GPT]
        assert cost(tenant, occurred_at="2026-11-20T23:59:59Z") == "0.003"
        put_system(tenant.door, GPT, **rates("4"))
        assert cost(tenant) == "0.004"
    with at("2026-12-01T00:00:01Z"):
        assert cost(tenant) == "0.004"


def test_what_never_held_is_gone_when_it_is_deleted(tenant: Tenant) -> None:
    assert delete(tenant, OWN).refusal == ("NOT_FOUND", None)
    put(tenant, OWN, **rates("3"), **{"from": "2090-01-01T00:00:00Z"})
    assert delete(tenant, OWN).body["ends"]
    assert tenant.call("list_prices").body["items"] == []
    assert delete(tenant, OWN).has_status(404)


def test_a_set_price_of_zero_is_a_price(tenant: Tenant) -> None:
    put(tenant, OWN, **rates("0"))
    entry = record(tenant, OWN).body["entry"]
    assert (entry["cost_usd"], entry["price"]["source"]) == ("0", "tenant")
