"""Usage objects that nobody should send: refused by name, or priced right; never a 500."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Answer
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud


CLAUDE = {"provider": "anthropic", "model": "claude-haiku-4-5"}
GEMINI = {"provider": "google", "model": "gemini-2.5-flash"}
OPENAI = {"provider": "openai", "model": "gpt-4o"}
TITAN = {"provider": "aws", "model": "amazon.titan-text-express-v1"}
FIELD = "provider_response"


def record(tenant: Tenant, usage: Any, **fields: Any) -> Answer:
    return tenant.call("record_cost", agent_execution_id="run-1", provider_response=usage, **fields)


def nested(depth: int) -> Any:
    inner: Any = 1
    for _ in range(depth):
        inner = {"usage": inner}
    return inner


MESSAGE: dict[str, Any] = {"input_tokens": 10, "output_tokens": 5}
THIRD = "0." + "3" * 40
CHAT: dict[str, Any] = {"prompt_tokens": 10, "completion_tokens": 5}

UNREADABLE: list[tuple[dict[str, str], Any]] = [
    (OPENAI, {}),
    (OPENAI, {"usage": None}),
    (OPENAI, {"usage": []}),
    (OPENAI, {"usage": {}}),
    (OPENAI, {"usage": 5}),
    (OPENAI, {"total_tokens": 15}),
    (OPENAI, {"completion_tokens": 10}),
    (OPENAI, {"output_tokens": 15}),
    (OPENAI, CHAT | {"total_tokens": 16}),
    (CLAUDE, {"type": "message_delta", "usage": {"output_tokens": 15}}),
    (CLAUDE, {"input_tokens": 15}),
    (CLAUDE, {"usage": {"cache_read_input_tokens": 1000, "output_tokens": 4}}),
    (CLAUDE | {"provider": "aws"}, {"usage": {"output_tokens": 15}}),
    (GEMINI, {"candidatesTokenCount": 15}),
    (GEMINI, {"promptTokenCount": 10, "totalTokenCount": 15}),
    (OPENAI, nested(30)),
    (OPENAI, {"response": {"response": {"usage": [[CHAT]]}}}),
    (OPENAI, {"usage.prompt_tokens": 10, "usage.completion_tokens": 5}),
    (OPENAI, {"prompt_tokens": True, "completion_tokens": False}),
    (OPENAI, {"prompt_tokens": None, "completion_tokens": None}),
    (OPENAI, {"prompt_tokens": "ten", "completion_tokens": "five"}),
    (OPENAI, CHAT | {"prompt_tokens_details": {"cached_tokens": "most"}}),
    (OPENAI, CHAT | {"prompt_tokens_details": {"cached_tokens": [9]}}),
    (OPENAI, CHAT | {"prompt_tokens_details": "none"}),
    (CLAUDE, MESSAGE | {"cache_read_input_tokens": True}),
    (CLAUDE, MESSAGE | {"cache_read_input_tokens": "many"}),
    (CLAUDE, MESSAGE | {"cache_read_input_tokens": {"all": 30_000}}),
    (CLAUDE | {"provider": "openrouter"}, MESSAGE | {"cache_read_input_tokens": ["a", "b", "c"]}),
    (GEMINI, {"promptTokenCount": 10, "promptTokensDetails": {"TEXT": 10}}),
    (GEMINI, {"promptTokenCount": 10, "promptTokensDetails": [{"modality": 5, "tokenCount": 1}]}),
    (GEMINI, {"promptTokenCount": 10, "promptTokensDetails": [{"modality": []}, {"modality": {}}]}),
    (OPENAI, CHAT | {"usage.prompt_tokens": 99}),  # nobody knows what it counts
    (OPENAI, CHAT | {"": 1}),
    (TITAN, {"inputTextTokenCount": 5, "results": [5]}),
    (TITAN, {"inputTextTokenCount": 5, "results": [{"tokenCount": None}]}),
    (TITAN, {"inputTextTokenCount": 5, "results": 5, "outputTokens": "x"}),
]

ABSURD: list[tuple[dict[str, str], Any]] = [
    (OPENAI, {"prompt_tokens": -10, "completion_tokens": 5}),
    (OPENAI, {"prompt_tokens": "-10", "completion_tokens": 5}),
    (OPENAI, CHAT | {"total_tokens": -1}),
    (OPENAI, CHAT | {"prompt_tokens_details": {"cached_tokens": -0.5}}),
    (OPENAI, {"usage": CHAT | {"prompt_tokens_details": {"nobody_reads_this": -1}}}),
    (CLAUDE, MESSAGE | {"cache_creation": {"ephemeral_1h_input_tokens": -1}}),
    (GEMINI, {"promptTokenCount": 1, "promptTokensDetails": [{"modality": "X", "tokenCount": -1}]}),
    (OPENAI, {"prompt_tokens": 10**12 + 1, "completion_tokens": 5}),
    (OPENAI, {"prompt_tokens": 10**30, "completion_tokens": 5}),
    (OPENAI, {"prompt_tokens": "9" * 400, "completion_tokens": 5}),
    (OPENAI, {"prompt_tokens": "9" * 400, "completion_tokens": 5, "total_tokens": 7}),
    (OPENAI, {"prompt_tokens": Decimal("1e29"), "completion_tokens": 5}),
    (OPENAI, {"prompt_tokens": 10.5, "completion_tokens": 5}),
    (OPENAI, CHAT | {"prompt_tokens_details": {"cached_tokens": 11}}),
    (CLAUDE, {"input_tokens": "0.1", "cache_read_input_tokens": THIRD, "output_tokens": 5}),
    (TITAN, {"inputTokens": 10, "outputTokens": THIRD}),
    (OPENAI, {"seconds": THIRD}),
    (GEMINI, {"promptTokenCount": 10, "cachedContentTokenCount": 11, "candidatesTokenCount": 1}),
]

RIGHT: list[tuple[dict[str, str], Any, str]] = [
    (OPENAI, CHAT, "0.000075"),
    (OPENAI, {"prompt_tokens": 10}, "0.000025"),  # as embeddings have it
    (OPENAI, {"prompt_tokens": "10", "completion_tokens": 5.0}, "0.000075"),
    (OPENAI, CHAT | {"prompt_tokens_details": None}, "0.000075"),
    (OPENAI, CHAT | {"prompt_tokens_details": {"cached_tokens": "4"}}, "0.00007"),
    (OPENAI, {"prompt_tokens": 0, "completion_tokens": 0}, "0"),
    (OPENAI, CHAT | {"input_tokens": 0, "output_tokens": 0}, "0.000075"),
    (OPENAI, CHAT | {"usage.prompt_tokens": 0, "a.b.c": [[1, -2]]}, "0.000075"),
    (OPENAI, {"usage": CHAT, "choices": [{"logprobs": [{"logprob": -9999.0}]}]}, "0.000075"),
    (CLAUDE, MESSAGE | {"cache_read_input_tokens": None}, "0.000035"),
    (CLAUDE, MESSAGE | {"cache_read_input_tokens": "1000"}, "0.000135"),
    (CLAUDE, MESSAGE | {"prompt_tokens": 10, "completion_tokens": 5}, "0.000035"),
    (GEMINI, {"promptTokenCount": 10, "promptTokensDetails": []}, "0.000003"),
    (GEMINI, {"promptTokenCount": 10, "totalTokenCount": 10}, "0.000003"),
    (GEMINI, {"promptTokenCount": 10, "promptTokensDetails": [5, None, "x"]}, "0.000003"),
]


def test_what_cannot_be_read_is_refused_by_name(tenant: Tenant, cloud: MemoryCloud) -> None:
    tenant.call("get_tenant")
    before = cloud.rows()
    for labels, usage in UNREADABLE:
        answer = record(tenant, usage, **labels)
        assert (answer.refusal, usage) == (("VALIDATION_ERROR", FIELD), usage)
        assert answer.has_status(400)
    assert cloud.rows() == before


def test_what_no_call_can_have_used_is_refused_even_beside_a_cost(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    tenant.call("get_tenant")
    before = cloud.rows()
    for labels, usage in ABSURD:
        for cost in ({}, {"cost_usd": "1"}):
            answer = record(tenant, usage, **labels, **cost)
            assert (answer.refusal, usage) == (("VALIDATION_ERROR", FIELD), usage)
            assert answer.has_status(400)
    assert cloud.rows() == before


def test_what_can_be_read_in_spite_of_all_has_the_right_price(tenant: Tenant) -> None:
    for labels, usage, usd in RIGHT:
        entry = record(tenant, usage, **labels).body["entry"]
        assert (entry["cost_usd"], usage) == (usd, usage)


def test_beside_a_cost_what_cannot_be_read_is_kept_and_the_cost_stands(tenant: Tenant) -> None:
    for labels, usage in UNREADABLE:
        entry = record(tenant, usage, cost_usd="0.25", **labels).body["entry"]
        assert (entry["cost_usd"], entry["tokens"], entry["price"]) == ("0.25", 0, None)
        assert entry["usage"] == {"provider_response": usage}


@pytest.mark.parametrize(
    "usage",
    [[], 5, "usage", True, nested(33), {"text": "x" * 9000}, {"count": Decimal("1e31")}],
    ids=["list", "number", "text", "true", "deep", "long", "huge"],
)
def test_what_is_no_object_of_bearable_size_is_never_kept(tenant: Tenant, usage: Any) -> None:
    for cost in ({}, {"cost_usd": "1"}):
        answer = record(tenant, usage, **OPENAI, **cost)
        assert answer.error in {"VALIDATION_ERROR", "MALFORMED_JSON"}
        assert answer.has_status(400)


def test_the_field_is_named_where_it_stands(tenant: Tenant) -> None:
    def batch(**fields: Any) -> Answer:
        good = {"agent_execution_id": "run-1", "cost_usd": "1"}
        bad = {"agent_execution_id": "run-1", **OPENAI, **fields}
        return tenant.call("record_costs", costs=[good, bad])

    negative = {"prompt_tokens": -1, "completion_tokens": 1}
    for usage in (negative, {"nothing": "known"}):
        inner = {"provider_response": usage}
        assert batch(provider_response=usage).field == "costs[1].provider_response"
        assert batch(usage=inner).field == "costs[1].usage.provider_response"
        held = tenant.hold("1", **OPENAI)
        settled = tenant.call("settle", reservation_id=held, usage=inner)
        assert settled.refusal == ("VALIDATION_ERROR", "usage.provider_response")
        assert tenant.reservation(held)["state"] == "open"


def test_a_cost_beyond_all_bounds_is_refused_by_the_field_that_says_it(tenant: Tenant) -> None:
    price = {"input_usd_per_million": "999999999999", "output_usd_per_million": "1"}
    tenant.call("set_tenant", fallback_price=price, by="maria", reason="a mistake")
    labels = {"model": "unheard-of"}
    answer = record(tenant, {"prompt_tokens": 10**12, "completion_tokens": 5}, **labels)
    assert answer.refusal == ("VALIDATION_ERROR", FIELD)
