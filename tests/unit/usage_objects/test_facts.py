"""What an object says of its call beside the counts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.usage_objects.facts import facts_of, is_half


def test_an_object_says_its_facts() -> None:
    facts = facts_of(
        {
            "ResponseMetadata": {"RequestId": "abc", "HTTPHeaders": {"x-amzn-requestid": "abc"}},
            "serviceTier": {"type": "flex"},
            "usage": {"inputTokens": 1, "outputTokens": 1},
        }
    )
    assert (facts.request_id, facts.service_tier, facts.cost) == ("abc", "flex", None)
    log = facts_of({"modelId": "m", "region": "us-east-1", "requestId": "r", "output": {}})
    assert (log.model, log.region, log.request_id) == ("m", "us-east-1", "r")


@pytest.mark.parametrize(
    ("part", "usd", "billed_by"),
    [
        ({"cost_in_usd_ticks": 12_500_000_000}, "1.25", "x-ai"),
        ({"cost": {"total_cost": Decimal("0.006")}}, "0.006", "perplexity"),
        ({"cost": Decimal("0.02")}, "0.02", "openrouter"),
        ({"total_cost_usd": Decimal("0.5")}, "0.5", None),
        ({"totalCents": Decimal("12.5")}, "0.125", None),
    ],
)
def test_a_cost_is_in_usd_and_says_whose_bill_it_is(
    part: dict[str, Any], usd: str, billed_by: str | None
) -> None:
    facts = facts_of({"usage": part})
    assert (facts.cost, facts.cost_billed_by) == (Decimal(usd), billed_by)


def test_with_the_callers_own_key_the_upstream_cost_is_the_bill() -> None:
    own_key = {"is_byok": True, "cost": 0, "cost_details": {"upstream_inference_cost": 3}}
    assert facts_of({"usage": own_key}).cost == 3
    assert facts_of({"usage": {"is_byok": True, "cost": 0, "cost_details": {}}}).cost is None


@pytest.mark.parametrize("usd", [-1, 10**30])
def test_an_absurd_cost_is_no_cost(usd: int) -> None:
    assert facts_of({"usage": {"cost": usd}}).cost is None


def test_a_line_of_a_batch_and_the_faster_latency_of_bedrock_are_terms() -> None:
    line = {"custom_id": "1", "response": {"body": {"model": "gpt-4o"}}}
    assert (facts_of(line).batch, facts_of(line).model) == (True, "gpt-4o")
    fast = {"performanceConfig": {"latency": "optimized"}}
    assert facts_of(fast).service_tier == "latency-optimized"
    assert facts_of({"custom_id": "1"}).batch is False


def test_a_request_id_of_more_than_256_characters_is_left_out() -> None:
    assert facts_of({"id": "x" * 256}).request_id == "x" * 256
    assert facts_of({"id": "x" * 257}).request_id is None


def test_a_stream_has_ended_when_one_choice_has_finished() -> None:
    goes_on, done = {"finish_reason": None}, {"finish_reason": "stop"}
    assert is_half({"choices": [goes_on, goes_on]})
    assert not is_half({"choices": [goes_on, done]})
    assert is_half({"response": {"status": "in_progress"}})
    assert not is_half({"response": {"status": "completed"}})
