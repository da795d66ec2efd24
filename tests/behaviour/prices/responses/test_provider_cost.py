"""The provider's own cost: booked where the provider bills by it, compared everywhere else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO

RUN = {"agent_execution_id": "run-1"}
ROUTER: dict[str, Any] = {"provider": "openrouter", "model": "anthropic/claude-haiku-4.5"}
CHAT = {"prompt_tokens": 13559, "completion_tokens": 122, "total_tokens": 13681}
OURS = "0.014169"
AGENT = {
    "type": "result",
    "total_cost_usd": 0.5,
    "usage": {"input_tokens": 10, "output_tokens": 100},
}
CLAUDE: dict[str, Any] = {"provider": "anthropic", "model": "claude-sonnet-4-5"}


def book(tenant: Tenant, response: dict[str, Any], **fields: Any) -> dict[str, Any]:
    given = RUN | {"provider_response": response} | fields
    entry: dict[str, Any] = tenant.call("record_cost", **given).body["entry"]
    return entry


def test_what_openrouter_bills_is_the_cost_with_ours_beside_it(tenant: Tenant) -> None:
    entry = book(tenant, {"id": "gen-1", "usage": CHAT | {"cost": 0.017558}}, **ROUTER)
    assert (entry["cost_usd"], entry["provider_cost_usd"]) == ("0.017558", "0.017558")
    assert entry["price"]["source"] == "provider"
    assert entry["price"]["computed"]["cost_usd"] == OURS
    assert entry["flags"] == ["price_differs"]
    assert entry["provider_request_id"] == "gen-1"


def test_a_small_difference_is_no_flag(tenant: Tenant) -> None:
    entry = book(tenant, {"usage": CHAT | {"cost": 0.0142}}, **ROUTER)
    assert (entry["cost_usd"], entry["flags"]) == ("0.0142", [])


def test_a_client_s_estimate_is_compared_and_not_booked(tenant: Tenant) -> None:
    entry = book(tenant, AGENT, **CLAUDE)
    assert (entry["cost_usd"], entry["provider_cost_usd"]) == ("0.00153", "0.5")
    assert entry["flags"] == ["price_differs"]
    assert entry["price"]["source"] == "genai-prices"


def test_a_cost_of_another_provider_is_not_booked_unless_it_is_trusted(tenant: Tenant) -> None:
    openai = {"provider": "openai", "model": "gpt-4o"}
    response = {"usage": {"prompt_tokens": 10, "completion_tokens": 5, "cost": 7}}
    assert book(tenant, response, **openai)["cost_usd"] == "0.000075"
    assert book(tenant, response, trust="provider", **openai)["cost_usd"] == "7"
    assert book(tenant, AGENT, trust="provider", **CLAUDE)["cost_usd"] == "0.5"


def test_a_tenant_may_trust_its_providers(tenant: Tenant) -> None:
    assert tenant.call("set_tenant", trust="provider", **WHO).body["trust"] == "provider"
    assert book(tenant, AGENT, **CLAUDE)["cost_usd"] == "0.5"
    tenant.call("set_tenant", trust=None, **WHO)
    assert book(tenant, AGENT, **CLAUDE)["cost_usd"] == "0.00153"


def test_a_given_cost_stands_beside_the_providers(tenant: Tenant) -> None:
    entry = book(tenant, {"usage": CHAT | {"cost": 0.017558}}, cost_usd="0.02", **ROUTER)
    assert (entry["cost_usd"], entry["provider_cost_usd"]) == ("0.02", "0.017558")
    assert (entry["price"], entry["flags"]) == (None, [])


def test_a_difference_sends_one_alert_a_model_and_day(tenant: Tenant, cloud: MemoryCloud) -> None:
    for number in range(3):
        response = {"usage": CHAT | {"cost": 0.02 + number}}
        book(tenant, response, occurred_at="2026-11-21T10:00:00Z", **ROUTER)
    book(tenant, AGENT, occurred_at="2026-11-21T10:00:00Z", **CLAUDE)
    book(tenant, AGENT, occurred_at="2026-11-22T08:00:00Z", **CLAUDE)
    alerts = tenant.call("alerts").body["items"]
    mine = [(one["scope_id"], one["kind"]) for one in alerts if one["kind"] == "price_differs"]
    assert sorted(mine) == [
        ("anthropic/claude-haiku-4.5", "price_differs"),
        ("claude-sonnet-4-5", "price_differs"),
        ("claude-sonnet-4-5", "price_differs"),
    ]


@pytest.mark.parametrize("cost", [-1, "free", True, None])
def test_a_cost_that_is_none_is_not_booked(tenant: Tenant, cost: Any) -> None:
    answer = tenant.call(
        "record_cost", **RUN, provider_response={"usage": CHAT | {"cost": cost}}, **ROUTER
    )
    if answer.error is None:
        assert answer.body["entry"]["cost_usd"] == OURS
    else:
        assert answer.refusal == ("VALIDATION_ERROR", "provider_response")


def test_the_answer_names_the_model_that_the_caller_leaves_out(tenant: Tenant) -> None:
    response = {
        "model": "gpt-4o-2024-08-06",
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }
    entry = book(tenant, response, provider="openai")
    assert (entry["model"], entry["cost_usd"]) == ("gpt-4o-2024-08-06", "0.000075")
    held = tenant.hold("1", provider="openai")
    settled = tenant.call("settle", reservation_id=held, provider_response=response).body["entry"]
    assert (settled["model"], settled["cost_usd"]) == ("gpt-4o-2024-08-06", "0.000075")
    batch = tenant.call("record_costs", costs=[RUN | {"provider_response": response}]).body
    assert batch["results"][0]["entry"]["model"] == "gpt-4o-2024-08-06"


def test_an_object_of_over_8_kb_is_refused_with_the_hint_to_send_usage_alone(
    tenant: Tenant,
) -> None:
    response = {"usage": CHAT, "choices": [{"message": {"content": "x" * 9000}}]}
    answer = tenant.call("record_cost", **RUN, provider_response=response, model="gpt-4o")
    assert answer.refusal == ("VALIDATION_ERROR", "provider_response")
    assert "usage" in answer.message
