"""A model is one line of a breakdown, whatever aliases its tenants call it by."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, by_name
from tests.support.doors.http_events import Body
from tests.support.histories.gateway import deliver
from tests.support.memory.fixture import MemoryCloud
from tests.support.months.closing import close, outcome, statement
from tests.support.prices.pricing import GPT
from tests.support.rules.governing import WHO
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


def means(tenant: Tenant, alias: str, model: str = GPT) -> None:
    made = tenant.call("set_alias", alias=alias, model=model, **WHO)
    assert made.error is None


def spend(tenant: Tenant) -> None:
    """1.75 USD on one model under three names."""
    for name, cost in (("our-gpt", "1"), ("gpt-4o-2024-08-06", "0.5"), (GPT, "0.25")):
        tenant.spend(cost, model=name, tokens=10)


def told(items: list[Body]) -> list[tuple[Any, ...]]:
    return [(one["name"], one["spent_usd"], one["tokens"], one["spellings"]) for one in items]


ONE_LINE = (GPT, "1.75", 30, ["our-gpt", "gpt-4o-2024-08-06", GPT])


def test_a_model_and_its_alias_are_one_line_with_three_spellings(tenant: Tenant) -> None:
    means(tenant, "Our-GPT")
    spend(tenant)
    tenant.spend("2", model="other")

    body = tenant.call("model_costs").body

    assert told(body["items"]) == [("other", "2", 0, ["other"]), ONE_LINE]
    assert body["total_usd"] == "3.75"


def test_an_alias_that_is_deleted_has_a_line_of_its_own_again(tenant: Tenant) -> None:
    means(tenant, "our-gpt")
    spend(tenant)
    tenant.call("delete_alias", alias="our-gpt", **WHO)

    assert by_name(tenant.call("model_costs").body) == {"our-gpt": "1", GPT: "0.75"}


def test_a_statement_has_one_line_for_a_model_and_another_alias_makes_no_other_statement(
    tenant: Tenant,
) -> None:
    with at("2026-11-10T10:00:00Z"):
        means(tenant, "our-gpt")
        spend(tenant)
        tenant.spend("4")
    with at("2026-12-01T03:00:00Z"):
        assert outcome(close(tenants=[tenant.id])) == (1, 0)
        first = statement(tenant)
        tenant.call("delete_alias", alias="our-gpt", **WHO)
        assert outcome(close(tenants=[tenant.id])) == (0, 1)
        assert statement(tenant) == first

    assert told(first["by_model"]) == [(None, "4", 0, []), ONE_LINE]
    assert first["spent_usd"] == "5.75"


def test_the_systems_breakdown_takes_a_name_as_each_tenant_means_it(tenant: Tenant) -> None:
    """`chat` is gpt-4o at one tenant, gpt-4o-mini at another, and itself at a third."""
    others = [Tenant(tenant.door), Tenant(tenant.door)]
    means(tenant, "chat")
    means(others[0], "chat", "gpt-4o-mini")
    for one, cost in ((tenant, "1"), (others[0], "2"), (others[1], "4")):
        one.spend(cost, model="chat")
    others[1].spend("8", model=GPT)

    body = tenant.door.call("system_model_costs").body

    assert {one["name"]: (one["spent_usd"], one["spellings"]) for one in body["items"]} == {
        GPT: ("9", [GPT, "chat"]),
        "gpt-4o-mini": ("2", ["chat"]),
        "chat": ("4", ["chat"]),
    }


def test_an_alias_of_the_system_holds_at_every_tenant_that_has_no_other(tenant: Tenant) -> None:
    other = Tenant(tenant.door)
    deliver("set_alias", alias="chat", model=GPT, **WHO)
    means(other, "chat", "gpt-4o-mini")
    tenant.spend("1", model="chat")
    other.spend("2", model="chat")

    assert by_name(tenant.call("model_costs").body) == {GPT: "1"}
    assert by_name(tenant.door.call("system_model_costs").body) == {GPT: "1", "gpt-4o-mini": "2"}


def test_costs_without_a_provider_have_no_name_with_and_without_a_budget_for_models(
    tenant: Tenant,
) -> None:
    """Before, a budget for models moved such a cost to the line of its model's provider."""
    tenant.spend("1", model=GPT)
    cap = {"scope": "model", "scope_id": "*", "period": "day", "limit_usd": "9", **WHO}
    assert tenant.call("set_budget", budget_id="cap", **cap).error is None
    tenant.spend("2", model=GPT)
    tenant.spend("4", model=GPT, provider="OpenAI")

    assert by_name(tenant.call("provider_costs").body) == {"openai": "4", None: "3"}
