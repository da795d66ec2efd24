"""Usage objects of frameworks and clouds as they document them, and parts of streams."""

from __future__ import annotations

from typing import Any

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


def read(call: tuple[str, str], response: dict[str, Any]) -> Usage:
    """Return the usage of a response. `call`: its provider and model."""
    provider, model = call
    return LIST.read(response, Labels(model=model, provider=provider), "usage").checked("usage")
