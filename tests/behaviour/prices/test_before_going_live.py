"""Before going live: quotes, aliases, names and their prices, a whole price sheet."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, OWN, RATES, USAGE, cost, put, record
from tests.support.rules.governing import WHO, set_budget

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


def test_an_alias_gives_a_deployment_the_price_of_its_model(tenant: Tenant) -> None:
    assert record(tenant, "our-gpt", provider="azure").refusal == ("UNKNOWN_PRICE", "usage")
    made = tenant.call("set_alias", alias="Our-GPT", model=GPT, provider="openai", **WHO).body
    assert (made["alias"], made["model"], made["by"]) == ("Our-GPT", GPT, WHO["by"])
    entry = record(tenant, "our-gpt", provider="azure").body["entry"]
    assert (entry["cost_usd"], entry["model"]) == ("0.0075", "our-gpt")
    assert [one["alias"] for one in tenant.call("list_aliases").body["items"]] == ["Our-GPT"]
    tenant.call("delete_alias", alias="our-gpt", **WHO)
    assert record(tenant, "our-gpt", provider="azure").refusal == ("UNKNOWN_PRICE", "usage")
    assert tenant.call("delete_alias", alias="our-gpt", **WHO).error == "NOT_FOUND"


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("model", GPT),
        ("model", "gpt-*"),
        ("model", "*"),
        ("model", "our-gpt"),
        ("provider", "openai"),
    ],
)
def test_a_budget_of_a_model_counts_the_aliases_of_the_model(
    tenant: Tenant, cloud: MemoryCloud, scope: str, name: str
) -> None:
    """Before, 2 USD under an alias passed a budget of 1 USD for its model."""
    tenant.call("set_alias", alias="Our-GPT", model=GPT, provider="openai", **WHO)
    day = {"scope": scope, "scope_id": name, "period": "day"}
    assert set_budget(tenant, "cap", "1", **day).error is None
    assert tenant.check("2", **RUN, model="our-gpt").body["budget_id"] == "cap"
    entry = tenant.call("record_cost", **RUN, model="our-gpt", provider="azure", cost_usd="0.75")
    assert entry.body["entry"]["model_resolved"] == GPT
    for model in (GPT, "our-gpt"):
        assert tenant.reserve("0.5", **RUN, model=model).body["budget_id"] == "cap"
    assert tenant.reserve("0.25", **RUN, model="OUR-GPT").body["allowed"] is True


def test_an_alias_may_mean_a_model_whose_price_was_set(tenant: Tenant) -> None:
    put(tenant, OWN, **RATES)
    tenant.call("set_alias", alias="prod", model=OWN, **WHO)
    assert cost(tenant, "prod") == cost(tenant, OWN)


def test_an_alias_needs_its_fields_and_is_no_owners_business(tenant: Tenant) -> None:
    assert tenant.call("set_alias", alias="x", **WHO).field == "model"
    assert tenant.call("set_alias", model="x", **WHO).field == "alias"
    tenant.call("set_tenant", owner=WHO["by"], **WHO)
    assert tenant.call("set_alias", alias="x", model=GPT, **WHO).error == "FORBIDDEN"


def test_an_azure_deployment_has_the_price_of_the_model_in_the_answer(tenant: Tenant) -> None:
    response = {"model": "gpt-4o-2024-08-06", "usage": CHAT}
    given = {"model": "our-deployment", "provider_response": response}
    entry = tenant.call("record_cost", **RUN, provider="azure", **given).body["entry"]
    assert (entry["cost_usd"], entry["model"]) == ("0.0075", "our-deployment")
    answer = tenant.call("record_cost", **RUN, provider="openai", **given)
    assert answer.refusal == ("UNKNOWN_PRICE", "provider_response")  # there a name is a model


def test_100_names_are_told_which_price_each_would_get(tenant: Tenant) -> None:
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
