"""Wrappers: where the usage is in answers, events and logs, and what is never opened."""

from __future__ import annotations

from typing import Any

from budget_monitor.adapters.usage_objects.wrappers import (
    holders,
    models_used,
    opened,
    requests_of,
)

USAGE = {"input_tokens": 3}


def named(response: dict[str, Any]) -> dict[str, Any]:
    return {one.name: one.usage for one in opened(response)}


def test_a_usage_object_is_found_below_known_names() -> None:
    found = named({"custom_id": "1", "response": {"body": {"usage": USAGE}}})
    assert found["response.body.usage"] == USAGE
    assert found[""] == {"custom_id": "1"}


def test_content_is_never_opened() -> None:
    written = {
        "content": {"usage": USAGE},
        "messages": [{"usage": USAGE}],
        "tool": {"usage": USAGE},
    }
    assert list(named(written)) == [""]
    assert list(holders(written)) == [written]


def test_no_object_is_opened_deeper_than_8_names() -> None:
    deep: dict[str, Any] = {"usage": USAGE}
    for _ in range(7):
        deep = {"data": deep}
    assert named(deep)[".".join([*["data"] * 7, "usage"])] == USAGE
    assert USAGE not in named({"data": deep}).values()


def test_both_halves_of_a_bedrock_log_make_one_usage() -> None:
    log = {
        "modelId": "m",
        "input": {"inputTokenCount": 10, "inputBodyJson": {"usage": USAGE}},
        "output": {"outputTokenCount": 4, "outputBodyJson": {"stop_reason": "end_turn"}},
    }
    found = named(log)
    assert found["usage"] == {"inputTokenCount": 10, "outputTokenCount": 4}
    assert USAGE not in found.values()


def test_one_model_of_the_agent_sdk_is_opened_and_several_are_named() -> None:
    one = {"modelUsage": {"claude-sonnet-4-5": USAGE}}
    assert named(one)["modelUsage.claude-sonnet-4-5"] == USAGE
    two = {"modelUsage": {"a": USAGE, "b": USAGE}}
    assert USAGE not in named(two).values()
    assert (models_used(one), models_used(two)) == (["claude-sonnet-4-5"], ["a", "b"])
    assert models_used({"usage": USAGE}) == []


def test_what_cohere_bills_takes_the_place_of_what_it_counted() -> None:
    tokens = {"input_tokens": 90}
    assert named({"meta": {"tokens": tokens}})["meta"] == tokens
    billed = named({"meta": {"tokens": tokens, "billed_units": USAGE, "cached_tokens": 5}})
    assert (billed["meta"], billed["meta.billed_units"]) == ({}, USAGE)


def test_the_running_total_of_nova_sonic_counts_and_not_its_last_step() -> None:
    details = {"delta": {"input": {"textTokens": 1}}, "total": {"input": {"textTokens": 30}}}
    event = {"usageEvent": {"details": details, "totalInputTokens": 30, "totalOutputTokens": 7}}
    assert named(event)["usageEvent"] == {
        "input_tokens": 30,
        "output_tokens": 7,
        "input_details": {"textTokens": 30},
    }


def test_the_requests_of_a_sum_are_listed_under_their_name() -> None:
    assert requests_of({"iterations": [USAGE]}) == ("iterations", [USAGE])
    assert requests_of({"request_usage_entries": [USAGE, USAGE]}) == (
        "request_usage_entries",
        [USAGE, USAGE],
    )
    assert requests_of({"iterations": []}) is None
