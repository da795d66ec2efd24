"""Usage objects from Anthropic's documentation, with costs calculated by hand."""

from __future__ import annotations

from decimal import Decimal

from tests.support.prices.responses import MILLION, THOUSAND, Case, dear

# Anthropic API reference, "Create a Message".
PLAIN = {"input_tokens": 2095, "output_tokens": 503}
MESSAGE = {
    "id": "msg_013Zva2CMHLNnXjNJJKqJ2EF",
    "type": "message",
    "role": "assistant",
    "model": "claude-sonnet-4-5-20250929",
    "content": [{"type": "text", "text": "Hi! My name is Claude."}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
}

# Anthropic docs, "Prompt caching", "1-hour cache duration".
CACHED = {
    "input_tokens": 2048,
    "cache_read_input_tokens": 1800,
    "cache_creation_input_tokens": 248,
    "output_tokens": 503,
    "cache_creation": {"ephemeral_5m_input_tokens": 148, "ephemeral_1h_input_tokens": 100},
    "service_tier": "standard",
}

# Anthropic docs, "Prompt caching", "Tracking cache performance": the headline is 3 tokens.
HEADLINE = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 30_000,
    "output_tokens": 50,
}

# Anthropic docs, "Web search tool", "Usage and pricing".
SEARCHED = {
    "input_tokens": 105,
    "output_tokens": 6039,
    "cache_read_input_tokens": 7123,
    "cache_creation_input_tokens": 7345,
    "server_tool_use": {"web_search_requests": 3},
}

# Anthropic docs, "OpenAI SDK compatibility".
COMPATIBLE = {"prompt_tokens": 31, "completion_tokens": 12, "total_tokens": 43}

ANTHROPIC = (
    Case(
        "messages",
        "anthropic",
        "claude-sonnet-4-5-20250929",
        PLAIN,
        MESSAGE | {"usage": PLAIN},
        Decimal(2095) * 3 / MILLION + Decimal(503) * 15 / MILLION,
        (2095, 503),
        PLAIN,
    ),
    Case(
        "messages with caches of five minutes and an hour",
        "anthropic",
        "claude-opus-4-1",
        CACHED,
        MESSAGE | {"usage": CACHED},
        # input 15, cache read 1.50, cache write 18.75 (5 minutes) or 30 (1 hour), output 75
        dear((2048, "15"), (1800, "1.50"), (148, "18.75"), (100, "30"), (503, "75")),
        (4096, 503),
    ),
    Case(
        "messages that read nearly all from the cache",
        "anthropic",
        "claude-haiku-4-5",
        HEADLINE,
        MESSAGE | {"usage": HEADLINE},
        dear((3, "1"), (30_000, "0.10"), (50, "5")),
        (30_003, 50),
        {"input_tokens": 3, "cache_read_tokens": 30_000, "output_tokens": 50},
    ),
    Case(
        "messages that searched the web",
        "anthropic",
        "claude-sonnet-4-5",
        SEARCHED,
        MESSAGE | {"usage": SEARCHED},
        dear((105, "3"), (7123, "0.30"), (7345, "3.75"), (6039, "15"))
        + Decimal(3) * Decimal(10) / THOUSAND,
        (14_573, 6039),
    ),
    Case(
        "messages, by way of OpenAI's form",
        "anthropic",
        "claude-haiku-4-5",
        COMPATIBLE,
        {"object": "chat.completion", "usage": COMPATIBLE},
        dear((31, "1"), (12, "5")),
        (43 - 12, 12),
    ),
    Case(
        "Claude at Google, whose model garden answers as Anthropic does",
        "google-vertex",
        "claude-opus-4-1@20250805",
        HEADLINE,
        MESSAGE | {"usage": HEADLINE},
        dear((3, "15"), (30_000, "1.50"), (50, "75")),
        (30_003, 50),
        {"input_tokens": 3, "cache_read_tokens": 30_000, "output_tokens": 50},
    ),
    Case(
        "Claude at OpenRouter, asked by Anthropic's interface",
        "openrouter",
        "anthropic/claude-haiku-4.5",
        HEADLINE,
        MESSAGE | {"usage": HEADLINE},
        dear((3, "1"), (30_000, "0.10"), (50, "5")),
        (30_003, 50),
    ),
)
