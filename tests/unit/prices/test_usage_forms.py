"""Usage objects of frameworks and clouds, as they document them: what each of them counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.usage import Usage

LIST = PublishedPrices()
CHAT = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
CLAUDE, GPT = ("anthropic", "claude-sonnet-4-5"), ("openai", "gpt-4o")
READ = {"input_tokens": 20010, "cache_read_tokens": 20000, "output_tokens": 100}

FORMS: dict[str, tuple[tuple[str, str], dict[str, Any], dict[str, int]]] = {
    "a line of OpenAI's batch output": (
        GPT,
        {
            "custom_id": "1",
            "response": {"status_code": 200, "request_id": "r", "body": {"usage": CHAT}},
        },
        {"input_tokens": 20, "output_tokens": 5},
    ),
    "a line of Anthropic's batch results": (
        CLAUDE,
        {
            "custom_id": "1",
            "result": {
                "type": "succeeded",
                "message": {
                    "content": [],
                    "stop_reason": "end_turn",
                    "usage": {"input_tokens": 10, "output_tokens": 34},
                },
            },
        },
        {"input_tokens": 10, "output_tokens": 34},
    ),
    "Anthropic's last event with all counts": (
        CLAUDE,
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn"},
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 20000, "output_tokens": 100},
        },
        READ,
    ),
    "Vercel AI SDK v5, Claude": (
        CLAUDE,
        {"inputTokens": 10, "outputTokens": 100, "totalTokens": 110, "cachedInputTokens": 20000},
        READ,
    ),
    "Vercel AI SDK v6": (
        CLAUDE,
        {
            "inputTokens": 20010,
            "inputTokenDetails": {"noCacheTokens": 10, "cacheReadTokens": 20000},
            "outputTokens": 100,
            "outputTokenDetails": {"textTokens": 60, "reasoningTokens": 40},
            "totalTokens": 20110,
        },
        READ | {"output_text_tokens": 60, "output_reasoning_tokens": 40},
    ),
    "Vercel AI SDK v6, a provider's": (
        CLAUDE,
        {
            "usage": {
                "inputTokens": {"total": 20010, "noCache": 10, "cacheRead": 20000},
                "outputTokens": {"total": 100},
                "raw": {
                    "input_tokens": 10,
                    "cache_read_input_tokens": 20000,
                    "output_tokens": 100,
                },
            }
        },
        READ,
    ),
    "Spring AI with the native usage": (
        GPT,
        {
            "promptTokens": 2006,
            "completionTokens": 300,
            "totalTokens": 2306,
            "nativeUsage": {
                "prompt_tokens": 2006,
                "completion_tokens": 300,
                "prompt_tokens_details": {"cached_tokens": 1920},
            },
        },
        {"input_tokens": 2006, "output_tokens": 300, "cache_read_tokens": 1920},
    ),
    "Ollama": (
        ("ollama", "llama3.2"),
        {
            "done": True,
            "total_duration": 10706818083,
            "prompt_eval_count": 26,
            "eval_count": 259,
            "eval_duration": 4232710000,
        },
        {"input_tokens": 26, "output_tokens": 259},
    ),
    "Nova Sonic": (
        ("bedrock", "amazon.nova-sonic-v1:0"),
        {
            "event": {
                "usageEvent": {
                    "details": {
                        "delta": {"input": {"speechTokens": 5, "textTokens": 0}},
                        "total": {
                            "input": {"speechTokens": 120, "textTokens": 30},
                            "output": {"speechTokens": 80, "textTokens": 20},
                        },
                    },
                    "totalInputTokens": 150,
                    "totalOutputTokens": 100,
                    "totalTokens": 250,
                }
            }
        },
        {
            "input_tokens": 150,
            "output_tokens": 100,
            "input_audio_tokens": 120,
            "input_text_tokens": 30,
            "output_audio_tokens": 80,
            "output_text_tokens": 20,
        },
    ),
    "a trace of a Bedrock Agent": (
        ("bedrock", "anthropic.claude-3-haiku-20240307-v1:0"),
        {
            "trace": {
                "orchestrationTrace": {
                    "modelInvocationOutput": {
                        "metadata": {"usage": {"inputTokens": 10, "outputTokens": 100}}
                    }
                }
            }
        },
        {"input_tokens": 10, "output_tokens": 100},
    ),
    "Voyage": (
        ("voyageai", "voyage-3.5"),
        {"object": "list", "data": [], "usage": {"total_tokens": 10}},
        {"input_tokens": 10},
    ),
    "a LangChain message": (
        CLAUDE,
        {
            "content": "hi",
            "response_metadata": {
                "usage": {
                    "input_tokens": 10,
                    "cache_read_input_tokens": 20000,
                    "output_tokens": 100,
                }
            },
            "usage_metadata": {
                "input_tokens": 20010,
                "output_tokens": 100,
                "total_tokens": 20110,
                "input_token_details": {"cache_read": 20000},
            },
        },
        READ,
    ),
    "OpenTelemetry, Claude": (
        CLAUDE,
        {
            "attributes": {
                "gen_ai.usage.input_tokens": 20010,
                "gen_ai.usage.cache_read.input_tokens": 20000,
                "gen_ai.usage.output_tokens": 100,
            }
        },
        READ,
    ),
    "Claude Agent SDK, modelUsage alone": (
        CLAUDE,
        {
            "modelUsage": {
                "claude-sonnet-4-5": {
                    "inputTokens": 10,
                    "outputTokens": 100,
                    "cacheReadInputTokens": 20000,
                    "webSearchRequests": 1,
                    "contextWindow": 200000,
                }
            }
        },
        READ | {"web_searches": 1},
    ),
    "Codex, token_count": (
        GPT,
        {
            "payload": {
                "info": {
                    "total_token_usage": {
                        "input_tokens": 100,
                        "cached_input_tokens": 60,
                        "output_tokens": 9,
                        "total_tokens": 109,
                    }
                }
            }
        },
        {"input_tokens": 100, "cache_read_tokens": 60, "output_tokens": 9},
    ),
    "Gemini Interactions by modality": (
        ("google", "gemini-3.8-flash"),
        {
            "usage": {
                "total_input_tokens": 100,
                "input_tokens_by_modality": [{"modality": "text", "tokens": 100}],
                "total_output_tokens": 40,
                "total_thought_tokens": 60,
                "total_tokens": 200,
            }
        },
        {
            "input_tokens": 100,
            "input_text_tokens": 100,
            "output_tokens": 100,
            "output_reasoning_tokens": 60,
        },
    ),
    "file searches and code of an OpenAI response": (
        GPT,
        {
            "output": [
                {"type": "file_search_call"},
                {"type": "code_interpreter_call"},
                {"type": "web_search_call", "action": {"type": "open_page"}},
            ],
            "usage": {"input_tokens": 20, "output_tokens": 5, "total_tokens": 25},
        },
        {"input_tokens": 20, "output_tokens": 5, "storage_searches": 1, "code_executions": 1},
    ),
    "a grounded prompt of Gemini 2.5 is billed once": (
        ("google", "gemini-2.5-flash"),
        {
            "candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "b", ""]}}],
            "usageMetadata": {"promptTokenCount": 14, "candidatesTokenCount": 3},
        },
        {"input_tokens": 14, "output_tokens": 3, "web_searches": 1},
    ),
    "pydantic-ai": (
        ("google", "gemini-2.5-pro"),
        {
            "input_tokens": 1200,
            "cache_read_tokens": 1000,
            "output_tokens": 500,
            "details": {"thoughts_tokens": 415, "text_prompt_tokens": 1200},
        },
        {
            "input_tokens": 1200,
            "cache_read_tokens": 1000,
            "output_tokens": 500,
            "output_reasoning_tokens": 415,
            "input_text_tokens": 1200,
        },
    ),
}


def read(call: tuple[str, str], response: dict[str, Any]) -> Usage:
    provider, model = call
    return LIST.read(response, Labels(model=model, provider=provider), "usage").checked("usage")


@pytest.mark.parametrize("name", FORMS)
def test_an_object_counts_what_its_maker_documents(name: str) -> None:
    call, response, expected = FORMS[name]
    counts = read(call, response).counts
    assert {unit: int(count) for unit, count in counts.items() if count} == expected


HALVES: dict[str, dict[str, Any]] = {
    "Anthropic's first event": {
        "type": "message_start",
        "message": {
            "content": [],
            "stop_reason": None,
            "usage": {"input_tokens": 25, "output_tokens": 1},
        },
    },
    "an OpenAI response in progress": {
        "response": {"status": "in_progress", "usage": CHAT},
    },
    "a chunk that goes on": {"choices": [{"finish_reason": None}], "usage": CHAT},
    "Ollama, not done": {"done": False, "prompt_eval_count": 1, "eval_count": 1},
}


@pytest.mark.parametrize("name", HALVES)
def test_half_of_a_stream_is_half(name: str) -> None:
    with pytest.raises(ValueError, match="has not ended"):
        read(GPT, HALVES[name])


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


@pytest.mark.parametrize("convention", ["inclusive", "provider"])
def test_a_form_that_does_not_say_where_cached_tokens_stand_needs_a_convention(
    convention: str,
) -> None:
    usage = {"prompt_tokens": 2000, "completion_tokens": 5, "cache_read_input_tokens": 1000}
    labels = Labels(model="claude-sonnet-4-5", provider="anthropic")
    with pytest.raises(ValueError, match="send usage_convention"):
        LIST.read(usage, labels, "usage")
    found = LIST.read(usage, labels, "usage", convention)
    assert found.input_tokens == {"inclusive": 2000, "provider": 3000}[convention]


def test_a_sum_of_long_requests_is_refused_and_one_of_short_ones_is_not() -> None:
    sheet = LIST.sheet("claude-sonnet-4-5", "anthropic", datetime(2026, 11, 1, tzinfo=UTC))
    assert sheet is not None
    usage = {"input_tokens": 500_000, "output_tokens": 10}
    short = read(CLAUDE, {"num_turns": 3, "usage": usage})
    assert {line.usd for line in LIST.lines(sheet, short)} == {3, 15}
    with pytest.raises(ValueError, match="sum of 2 long requests"):
        LIST.lines(sheet, read(CLAUDE, {"num_turns": 2, "usage": usage}))


def test_an_object_says_its_facts() -> None:
    facts = LIST.facts(
        {
            "ResponseMetadata": {"RequestId": "abc", "HTTPHeaders": {"x-amzn-requestid": "abc"}},
            "serviceTier": {"type": "flex"},
            "usage": {"inputTokens": 1, "outputTokens": 1},
        }
    )
    assert (facts.request_id, facts.service_tier, facts.cost) == ("abc", "flex", None)
    log = LIST.facts({"modelId": "m", "region": "us-east-1", "requestId": "r", "output": {}})
    assert (log.model, log.region, log.request_id) == ("m", "us-east-1", "r")
