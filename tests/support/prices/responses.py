"""Usage objects from OpenAI's and Anthropic's documentation, with costs calculated by hand.

Unit prices are the published ones in USD per million tokens, written out here. Those of gpt-4o and
of Claude at Anthropic were compared with web pages, including Anthropic's "Pricing". The others are
from the price list and test only the arithmetic. A comment names the source of each object.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

MILLION = Decimal(10**6)
THOUSAND = Decimal(10**3)


def dear(*parts: tuple[int, str]) -> Decimal:
    """Return the cost of token counts at prices in USD per million."""
    return sum((Decimal(tokens) * Decimal(usd) / MILLION for tokens, usd in parts), Decimal(0))


def recomputed(entry: dict[str, Any]) -> str:
    """Return the cost of a priced entry from its price lines, half-even, to 12 places."""
    lines = entry["price"]["lines"]
    exact = sum(
        (Fraction(one["quantity"]) * Fraction(one["usd"]) / one["per"] for one in lines),
        Fraction(0),
    )
    whole, part = divmod(round(exact * 10**12), 10**12)
    return f"{whole}.{part:012}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Case:
    """A call: the provider's usage object, alone and in the whole response, and its cost."""

    name: str
    provider: str
    model: str
    bare: dict[str, Any]
    whole: dict[str, Any]
    usd: Decimal
    tokens: tuple[int, int]
    """All that went in, and all that came out."""
    plain: dict[str, int] | None = None
    """The same counted by the caller as its provider counts; None: four numbers do not say it."""


# OpenAI API reference, "The chat completion object".
CHAT = {
    "prompt_tokens": 2006,
    "completion_tokens": 300,
    "total_tokens": 2306,
    "prompt_tokens_details": {"cached_tokens": 1920, "audio_tokens": 0},
    "completion_tokens_details": {
        "reasoning_tokens": 128,
        "audio_tokens": 0,
        "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
    },
}
CHAT_ANSWER = {
    "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    "object": "chat.completion",
    "created": 1741569952,
    "model": "gpt-4o-2024-08-06",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "-5 degrees", "annotations": []},
            "logprobs": {"content": [{"token": "-5", "logprob": -0.317, "bytes": [45, 53]}]},
            "finish_reason": "stop",
        }
    ],
    "usage": CHAT,
}

# OpenAI API reference, the same for an audio model ("Audio and speech" guide).
SPOKEN = {
    "prompt_tokens": 150,
    "completion_tokens": 420,
    "total_tokens": 570,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 100},
    "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 350},
}

# OpenAI API reference, "The response object".
RESPONSES = {
    "input_tokens": 1024,
    "input_tokens_details": {"cached_tokens": 512},
    "output_tokens": 640,
    "output_tokens_details": {"reasoning_tokens": 576},
    "total_tokens": 1664,
}
RESPONSES_ANSWER = {"id": "resp_67ccd3a9", "object": "response", "model": "gpt-5-2025-08-07"}

# OpenAI API reference, "Create embeddings".
EMBEDDED = {"prompt_tokens": 8, "total_tokens": 8}

# OpenAI API reference, realtime server events, "response.done".
REALTIME = {
    "total_tokens": 275,
    "input_tokens": 127,
    "output_tokens": 148,
    "input_token_details": {
        "text_tokens": 119,
        "audio_tokens": 8,
        "cached_tokens": 64,
        "cached_tokens_details": {"text_tokens": 60, "audio_tokens": 4},
    },
    "output_token_details": {"text_tokens": 36, "audio_tokens": 112},
}

OPENAI = (
    Case(
        "chat completions with cached and reasoning tokens",
        "openai",
        "gpt-4o",
        CHAT,
        CHAT_ANSWER,
        # input 2.50, cached 1.25, output 10; reasoning tokens are part of the output
        Decimal(86) * Decimal("2.50") / MILLION
        + Decimal(1920) * Decimal("1.25") / MILLION
        + Decimal(300) * Decimal(10) / MILLION,
        (2006, 300),
        {"input_tokens": 2006, "output_tokens": 300, "cache_read_tokens": 1920},
    ),
    Case(
        "chat completions with audio",
        "openai",
        "gpt-audio",
        SPOKEN,
        {"object": "chat.completion", "model": "gpt-audio", "usage": SPOKEN},
        # text: input 2.50, output 10; audio: input 32, output 64
        dear((50, "2.50"), (100, "32"), (70, "10"), (350, "64")),
        (150, 420),
    ),
    Case(
        "responses",
        "openai",
        "gpt-5-2025-08-07",
        RESPONSES,
        RESPONSES_ANSWER | {"usage": RESPONSES},
        dear((512, "1.25"), (512, "0.125"), (640, "10")),
        (1024, 640),
        {"input_tokens": 1024, "output_tokens": 640, "cache_read_tokens": 512},
    ),
    Case(
        "the last event of a stream of responses",
        "openai",
        "gpt-5-mini",
        RESPONSES,
        {"type": "response.completed", "response": RESPONSES_ANSWER | {"usage": RESPONSES}},
        dear((512, "0.25"), (512, "0.025"), (640, "2")),
        (1024, 640),
    ),
    Case(
        "embeddings",
        "openai",
        "text-embedding-3-small",
        EMBEDDED,
        {
            "object": "list",
            "data": [{"object": "embedding", "index": 0, "embedding": [-0.0069, 0.0023]}],
            "model": "text-embedding-3-small",
            "usage": EMBEDDED,
        },
        dear((8, "0.02")),
        (8, 0),
        {"input_tokens": 8},
    ),
    Case(
        "realtime, its event",
        "openai",
        "gpt-realtime",
        REALTIME,
        {"type": "response.done", "response": {"object": "realtime.response", "usage": REALTIME}},
        # text: 59 + 60 cached; audio: 4 + 4 cached
        dear((59, "4"), (60, "0.40"), (4, "32"), (4, "0.40"), (36, "16"), (112, "64")),
        (127, 148),
    ),
    Case(
        "realtime, the response of its event",
        "openai",
        "gpt-realtime",
        REALTIME,
        {"object": "realtime.response", "status": "completed", "usage": REALTIME},
        dear((59, "4"), (60, "0.40"), (4, "32"), (4, "0.40"), (36, "16"), (112, "64")),
        (127, 148),
    ),
)
