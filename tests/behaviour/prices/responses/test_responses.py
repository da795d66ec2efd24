"""Providers' own usage objects: each costs what the published prices say, each token once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Context, DirectDoor, HttpDoor, handler_of
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.claude_responses import ANTHROPIC, CACHED
from tests.support.prices.cloud_responses import BEDROCK, GOOGLE, HEARD
from tests.support.prices.responses import CHAT, OPENAI, REALTIME, Case, dear, recomputed
from tests.support.rules.governing import GENEROUS, WHO


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


CASES = (*OPENAI, *ANTHROPIC, *GOOGLE, *BEDROCK)
RUN = {"agent_execution_id": "run-1"}


@pytest.fixture
def http(cloud: MemoryCloud) -> Tenant:
    return Tenant(HttpDoor())


def called(case: Case) -> dict[str, str]:
    return {"provider": case.provider, "model": case.model}


def shown(case: Case) -> str:
    """The cost as an answer shows it; those here end before the twelfth place."""
    return f"{case.usd.normalize():f}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.provider}: {case.name}")
def test_a_call_costs_what_the_published_prices_say(http: Tenant, case: Case) -> None:
    direct, labels = http.through(DirectDoor()), RUN | called(case)
    entries = [
        http.call("record_cost", provider_response=case.bare, **labels).body["entry"],
        direct.call("record_cost", usage={"provider_response": case.whole}, **labels).body["entry"],
    ]
    if case.plain:
        entries.append(direct.call("record_cost", usage=case.plain, **labels).body["entry"])

    assert {entry["cost_usd"] for entry in entries} == {shown(case)}
    assert {entry["tokens"] for entry in entries} == {sum(case.tokens)}
    assert {recomputed(entry) for entry in entries} == {shown(case)}
    assert all(entry["price"]["source"] == "genai-prices" for entry in entries)
    month = http.usage()
    counted = (month["input_tokens"], month["output_tokens"])
    assert counted == tuple(len(entries) * tokens for tokens in case.tokens)


def test_all_of_them_cost_the_same_in_a_batch(http: Tenant, cloud: MemoryCloud) -> None:
    costs = [RUN | called(case) | {"provider_response": case.whole} for case in CASES]
    results = http.call("record_costs", costs=costs).body["results"]

    assert [one["entry"]["cost_usd"] for one in results] == [shown(case) for case in CASES]
    assert not differences(cloud.rows())


@pytest.mark.parametrize("case", [OPENAI[0], ANTHROPIC[1], GOOGLE[0], BEDROCK[0]])
def test_a_hold_is_settled_by_what_the_provider_answered(http: Tenant, case: Case) -> None:
    known = http.hold("1", **called(case))
    unknown = http.hold("1")
    first = http.call("settle", reservation_id=known, provider_response=case.bare).body["entry"]
    usage = {"provider_response": case.whole}
    second = http.call("settle", reservation_id=unknown, usage=usage, **called(case)).body["entry"]

    assert first["cost_usd"] == second["cost_usd"] == shown(case)
    assert first["tokens"] == second["tokens"] == sum(case.tokens)


def test_what_the_provider_answered_is_kept_as_it_was(http: Tenant) -> None:
    case = ANTHROPIC[1]
    entry = http.call("record_cost", provider_response=CACHED, **RUN, **called(case)).body["entry"]
    assert entry["usage"] == {"provider_response": CACHED}
    assert http.entries()[0]["price"] == entry["price"]
    assert {line["unit"]: (line["quantity"], line["usd"]) for line in entry["price"]["lines"]} == {
        "input_tokens": ("2048", "15"),
        "cache_read_tokens": ("1800", "1.5"),
        "cache_write_tokens": ("148", "18.75"),
        "cache_write_1h_tokens": ("100", "30"),
        "output_tokens": ("503", "75"),
    }


def set_price(tenant: Tenant, **price: str) -> None:
    event = {"operation": "set_price", "tenant_id": tenant.id, **price, **WHO}
    handler_of("budgeting")(event, Context())


PRICES: dict[str, tuple[Case, dict[str, str], str]] = {
    "a tenant's own price": (
        OPENAI[0],
        {"input_usd_per_million": "7", "output_usd_per_million": "11"},
        f"{dear((2006, '7'), (300, '11')):f}",
    ),
    "a discount of a third, which never ends": (
        OPENAI[4],
        {"discount_percent": "33.333333333333"},
        # 8 tokens at 0.02 for a million, 66.666666666667 % of it: 1.0666666666667e-7
        "0.000000106667",
    ),
    "a discount on every part": (
        ANTHROPIC[1],
        {"discount_percent": "10"},
        f"{ANTHROPIC[1].usd * 9 / 10:f}",
    ),
}


@pytest.mark.parametrize("named", PRICES)
def test_prices_that_people_set_are_recomputed_as_well(http: Tenant, named: str) -> None:
    case, price, usd = PRICES[named]
    set_price(http, **price, **called(case))
    entry = http.call("record_cost", provider_response=case.bare, **RUN, **called(case)).body[
        "entry"
    ]
    assert entry["cost_usd"] == recomputed(entry) == usd.rstrip("0")
    assert entry["price"]["source"] == "tenant"


def test_the_fallback_price_is_recomputed_as_well(http: Tenant) -> None:
    price = {"input_usd_per_million": "3", "output_usd_per_million": "15"}
    http.call("set_tenant", fallback_price=price, **WHO)
    labels = RUN | {"provider": "openai", "model": "unheard-of"}
    entry = http.call("record_cost", provider_response=CHAT, **labels).body["entry"]
    assert entry["cost_usd"] == recomputed(entry) == "0.010518"
    assert entry["flags"] == ["fallback_price"]


def test_a_call_is_priced_at_the_time_when_it_was_made(http: Tenant) -> None:
    def cost(day: str) -> Any:
        given = {"usage": {"input_tokens": 10**6}, "occurred_at": f"{day}T23:59:59Z"}
        return http.call("record_cost", model="o3", provider="openai", **RUN, **given).body["entry"]

    # OpenAI lowered o3 from 10 to 2 USD on 10 June 2025
    assert (cost("2025-06-09")["cost_usd"], cost("2025-06-10")["cost_usd"]) == ("10", "2")


def test_seconds_that_a_provider_counts_cost_what_people_set_for_them(http: Tenant) -> None:
    # OpenAI API reference, "Create transcription": usage by duration
    usage: dict[str, Any] = {"type": "duration", "seconds": 90}
    labels = RUN | {"model": "whisper-1", "provider": "openai"}

    def cost(**given: Any) -> Any:
        return http.call("record_cost", **labels, **given).body["entry"]["cost_usd"]

    published = [cost(provider_response={"usage": usage}), cost(usage={"seconds": 90})]
    set_price(http, model="whisper-1", second_usd="0.5")
    own = [cost(provider_response=usage), cost(usage={"seconds": "90.0"})]

    assert published == ["0.009", "0.009"]  # 0.006 USD a minute
    assert own == ["45", "45"]


def test_a_price_for_a_call_replaces_the_published_one(http: Tenant) -> None:
    labels = RUN | {"model": "sonar-pro", "provider": "perplexity"}
    price = {"input_usd_per_million": "1", "output_usd_per_million": "1", "call_usd": "0.25"}
    set_price(http, model="sonar-pro", provider="perplexity", **price)
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    entry = http.call("record_cost", provider_response=usage, **labels).body["entry"]
    assert entry["cost_usd"] == recomputed(entry) == "0.250002"


@pytest.mark.parametrize("usage", [REALTIME, HEARD])
def test_a_given_cost_stands_and_the_tokens_are_counted(
    http: Tenant, usage: dict[str, Any]
) -> None:
    entry = http.record("0.5", provider_response=usage, model="unheard-of").body["entry"]
    assert (entry["cost_usd"], entry["price"]) == ("0.5", None)
    assert entry["tokens"] == (275 if usage is REALTIME else 400)
