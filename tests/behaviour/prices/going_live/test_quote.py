"""Before going live: a quote books nothing, and names are matched with their prices."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, OWN, RATES, USAGE, put, record
from tests.support.rules.governing import WHO

RUN = {"agent_execution_id": "run-1"}

CHAT = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


@pytest.mark.parametrize(
    "fields",
    [
        {"usage": USAGE, "model": GPT},
        {"usage": USAGE, "model": "gpt-5-mini", "service_tier": "flex"},
        {"provider_response": {"usage": CHAT, "model": GPT}, "provider": "openai"},
        {"cost_usd": "3", "entry_id": "e-1", "include_gates": False, "workflow": "nightly"},
    ],
)
def test_a_quote_says_what_a_cost_would_book_and_books_nothing(
    tenant: Tenant, cloud: MemoryCloud, fields: dict[str, Any]
) -> None:
    tenant.call("get_tenant")
    before = cloud.rows()
    quote = tenant.call("quote", **RUN, **fields).body
    assert cloud.rows() == before
    entry = tenant.call("record_cost", **RUN, **fields).body["entry"]
    for name in ("cost_usd", "price", "tokens", "service_tier", "provider_request_id", "model"):
        assert quote[name] == entry[name]


def test_a_quote_warns_of_a_guess_a_difference_and_the_ceiling(tenant: Tenant) -> None:
    price = {"input_usd_per_million": "3", "output_usd_per_million": "15"}
    tenant.call("set_tenant", fallback_price=price, most_per_entry_usd="0.001", **WHO)
    guessed = tenant.call("quote", **RUN, usage=USAGE, model="unheard-of").body
    assert [one.split(":")[0] for one in guessed["warnings"]] == ["Fallback", "Quarantined"]
    router = {"provider": "openrouter", "model": "anthropic/claude-haiku-4.5"}
    response = {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "cost": 0.0009}}
    differs = tenant.call("quote", **RUN, provider_response=response, **router).body
    assert [one.split(":")[0] for one in differs["warnings"]] == ["Differs"]
    assert differs["price_differs"] is True


def test_a_quote_of_an_unknown_price_or_of_bad_input_is_refused_as_the_cost_is(
    tenant: Tenant,
) -> None:
    unknown = tenant.call("quote", **RUN, usage=USAGE, model="unheard-of")
    assert unknown.refusal == ("UNKNOWN_PRICE", "usage")
    assert tenant.call("quote", **RUN, model=GPT).refusal == ("VALIDATION_ERROR", "cost_usd")
    odd = tenant.call("quote", **RUN, usage=USAGE, model=GPT, colour="red")
    assert odd.refusal == ("VALIDATION_ERROR", "colour")


def test_100_names_get_the_price_that_each_would_have(tenant: Tenant) -> None:
    put(tenant, OWN, **RATES)
    names = [
        {"model": GPT, "provider": "openai"},
        {"model": OWN},
        {"model": "gpt-4o-ultra", "provider": "openai"},
        {"model": GPT, "provider": "nobody"},
        {"model": "claude-opus-5", "provider": "anthropic", "batch": True},
    ]
    items = tenant.call("match_prices", names=names).body["items"]
    assert [one["known"] for one in items] == [True, True, False, False, True]
    assert [one["price"]["source"] for one in items if one["known"]] == [
        "genai-prices",
        "tenant",
        "genai-prices",
    ]
    assert "the model gpt-4o-ultra" in items[2]["why"]
    assert "the provider nobody" in items[3]["why"]
    assert items[4]["price"]["terms"] == {"batch": "true"}
    many = tenant.call("match_prices", names=[{"model": "x"}] * 101)
    assert many.refusal == ("VALIDATION_ERROR", "names")
    none = tenant.call("match_prices", names=[{"provider": "openai"}])
    assert none.refusal == ("VALIDATION_ERROR", "names[0].model")


def test_the_known_models_and_the_date_of_their_prices_are_listed(tenant: Tenant) -> None:
    body = tenant.door.call("price_models", provider="anthropic").body
    assert body["dated"] == "2026-11-09"
    models = {one["model"]: one["has_tiers"] for one in body["items"]}
    assert models["claude-opus-5"] is True
    assert {one["provider"] for one in body["items"]} == {"anthropic"}
    one = tenant.door.call("get_price", model=GPT, provider="openai").body
    assert one["dated"] == body["dated"]
    entry = record(tenant, GPT).body["entry"]
    assert entry["price"]["dated"] == body["dated"]
