"""The reader: one usage of all that a response says, or a refusal that names what is wrong."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.usage_objects import reader
from budget_monitor.adapters.usage_objects.counting import Caller
from budget_monitor.domain.costs.usage import MOST
from budget_monitor.domain.errors import ValidationError
from tests.support.prices.usage_forms import CHAT, CLAUDE, GPT, read

OPENAI = Caller("openai", "gpt-4o")


def test_iterations_are_billed_beside_the_message() -> None:
    message = {"type": "message", "input_tokens": 23_000, "output_tokens": 1000}
    compaction = {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3500}
    usage = {"input_tokens": 23_000, "output_tokens": 1000, "iterations": [compaction, message]}
    found = read(CLAUDE, {"usage": usage})
    assert (found.input_tokens, found.output_tokens) == (203_000, 4500)
    assert [one.input_tokens for one in found.parts] == [180_000, 23_000]  # each is short


def test_an_iteration_of_another_model_is_refused_by_its_name() -> None:
    advisor = {"type": "advisor_message", "model": "claude-opus-5", "input_tokens": 8}
    usage = {"input_tokens": 1, "output_tokens": 1, "iterations": [advisor | {"output_tokens": 1}]}
    with pytest.raises(ValueError, match="iterations names the model claude-opus-5"):
        read(CLAUDE, {"usage": usage})


def test_usage_of_several_models_is_refused_by_its_name() -> None:
    counts = {"inputTokens": 1, "outputTokens": 1}
    with pytest.raises(ValueError, match="modelUsage names several models"):
        read(CLAUDE, {"modelUsage": {"claude-sonnet-4-5": counts, "claude-haiku-4-5": counts}})


def test_two_parts_of_an_answer_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="differ"):
        read(GPT, {"usage": CHAT, "response": {"usage": CHAT | {"prompt_tokens": 30}}})


def test_iterations_that_do_not_add_up_are_refused() -> None:
    message = {"type": "message", "input_tokens": 9, "output_tokens": 2}
    usage = {"input_tokens": 10, "output_tokens": 2, "iterations": [message]}
    with pytest.raises(ValueError, match="iterations do not add up"):
        read(CLAUDE, {"usage": usage})


@pytest.mark.parametrize(
    ("count", "words"),
    [(-1, "must not be negative"), (MOST + 1, "at most"), (Decimal("0.0000000000001"), "at most")],
)
def test_a_count_that_no_call_can_have_names_the_field(count: Any, words: str) -> None:
    usage = {**CHAT, "prompt_tokens": count}
    with pytest.raises(ValidationError, match=words) as refused:
        reader.read({"usage": usage}, OPENAI, "provider_response")
    assert refused.value.field == "provider_response"


def test_what_is_billed_counts_and_not_what_was_counted_beside_it() -> None:
    tokens, billed = {"input_tokens": 90, "output_tokens": 9}, {"input_tokens": 80}
    meta = {"tokens": tokens, "billed_units": {**billed, "output_tokens": 8}}
    found = reader.read({"meta": meta}, Caller("cohere", "command-a"), "usage")
    assert (found.input_tokens, found.output_tokens) == (80, 8)


def test_numbers_in_texts_are_counts_and_the_turns_of_an_agent_are_requests() -> None:
    headers = {
        "x-amzn-bedrock-input-token-count": "12",
        "x-amzn-bedrock-output-token-count": "3",
    }
    found = reader.read({"headers": headers}, Caller("aws", "amazon.nova-lite-v1:0"), "usage")
    assert (found.input_tokens, found.output_tokens) == (12, 3)
    assert reader.read({"num_turns": 4, "usage": CHAT}, OPENAI, "usage").requests == 4


def test_an_object_without_any_count_is_refused() -> None:
    with pytest.raises(ValueError, match="not a known usage object"):
        reader.read({"usage": {"note": "none"}}, OPENAI, "usage")
