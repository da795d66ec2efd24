"""Aliases: a name of the tenant has the price of the model that it means."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import GPT, OWN, RATES, cost, put, record
from tests.support.rules.governing import WHO, set_budget

RUN = {"agent_execution_id": "run-1"}

CHAT = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}


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


def test_an_azure_deployment_has_the_price_of_the_model_in_the_answer(tenant: Tenant) -> None:
    response = {"model": "gpt-4o-2024-08-06", "usage": CHAT}
    given = {"model": "our-deployment", "provider_response": response}
    entry = tenant.call("record_cost", **RUN, provider="azure", **given).body["entry"]
    assert (entry["cost_usd"], entry["model"]) == ("0.0075", "our-deployment")
    answer = tenant.call("record_cost", **RUN, provider="openai", **given)
    assert answer.refusal == ("UNKNOWN_PRICE", "provider_response")  # there a name is a model
