"""Usage objects from Google's and Amazon Bedrock's documentation, with costs by hand."""

from __future__ import annotations

from decimal import Decimal

from tests.support.prices.claude_responses import CACHED, MESSAGE
from tests.support.prices.responses import MILLION, Case, dear

# Gemini API reference, "GenerateContentResponse", UsageMetadata: thoughts beside the candidates.
THOUGHT = {
    "promptTokenCount": 1200,
    "cachedContentTokenCount": 1000,
    "candidatesTokenCount": 85,
    "thoughtsTokenCount": 415,
    "totalTokenCount": 1700,
    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 1200}],
    "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 1000}],
}
GEMINI = {
    "candidates": [
        {
            "content": {"parts": [{"text": "-3"}], "role": "model"},
            "finishReason": "STOP",
            "avgLogprobs": -0.0513,
        }
    ],
    "modelVersion": "gemini-2.5-pro",
    "responseId": "f1yEaKn8",
}

# The same for a prompt with audio and a tool that retrieved content for the model.
HEARD = {
    "promptTokenCount": 300,
    "candidatesTokenCount": 40,
    "toolUsePromptTokenCount": 60,
    "totalTokenCount": 400,
    "promptTokensDetails": [
        {"modality": "TEXT", "tokenCount": 50},
        {"modality": "AUDIO", "tokenCount": 250},
    ],
    "toolUsePromptTokensDetails": [{"modality": "TEXT", "tokenCount": 60}],
    "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 40}],
}

# google-genai SDK reference, types.GenerateContentResponseUsageMetadata, dumped by pydantic.
PYTHON = {
    "cache_tokens_details": None,
    "cached_content_token_count": 1000,
    "candidates_token_count": 85,
    "candidates_tokens_details": None,
    "prompt_token_count": 1200,
    "prompt_tokens_details": [{"modality": "TEXT", "token_count": 1200}],
    "thoughts_token_count": 415,
    "tool_use_prompt_token_count": None,
    "total_token_count": 1700,
    "traffic_type": None,
}

GOOGLE = (
    Case(
        "generateContent with a cache and thoughts",
        "google",
        "gemini-2.5-pro",
        THOUGHT,
        GEMINI | {"usageMetadata": THOUGHT},
        Decimal(200) * Decimal("1.25") / MILLION
        + Decimal(1000) * Decimal("0.125") / MILLION
        + Decimal(85 + 415) * Decimal(10) / MILLION,
        (1200, 500),
        {"input_tokens": 1200, "cache_read_tokens": 1000, "output_tokens": 500},
    ),
    Case(
        "generateContent with sound and a tool",
        "gemini",
        "gemini-2.5-flash",
        HEARD,
        GEMINI | {"usageMetadata": HEARD},
        dear((50 + 60, "0.30"), (250, "1.00"), (40, "2.50")),
        (360, 40),
    ),
    Case(
        "the Python library's names",
        "vertex_ai",
        "gemini-2.5-flash",
        PYTHON,
        {"model_version": "gemini-2.5-flash", "usage_metadata": PYTHON},
        dear((200, "0.30"), (1000, "0.03"), (500, "2.50")),
        (1200, 500),
        {"input_tokens": 1200, "cache_read_tokens": 1000, "output_tokens": 500},
    ),
)

# Amazon Bedrock API reference, TokenUsage and CacheDetail.
CONVERSE = {
    "inputTokens": 12,
    "outputTokens": 350,
    "totalTokens": 3162,
    "cacheReadInputTokens": 2000,
    "cacheWriteInputTokens": 800,
    "cacheDetails": [{"inputTokens": 300, "ttl": "1h"}, {"inputTokens": 500, "ttl": "5m"}],
}
CONVERSED = {"output": {"message": {"role": "assistant"}}, "metrics": {"latencyMs": 1250}}
NOVA = {"inputTokens": 125, "outputTokens": 60, "totalTokens": 185}

# Amazon Nova user guide, "Using the Invoke API".
NOVA_INVOKED = {
    "inputTokens": 7,
    "outputTokens": 50,
    "totalTokens": 1057,
    "cacheReadInputTokenCount": 1000,
    "cacheWriteInputTokenCount": 0,
}

# Amazon Bedrock user guide, "Inference request parameters and response fields", for each model.
LLAMA = {"prompt_token_count": 25, "generation_token_count": 110}
TITAN = {
    "inputTextTokenCount": 14,
    "results": [
        {"tokenCount": 30, "outputText": "first", "completionReason": "FINISH"},
        {"tokenCount": 12, "outputText": "second", "completionReason": "FINISH"},
    ],
}
GPT_OSS = {"prompt_tokens": 200, "completion_tokens": 90, "total_tokens": 290}

# Amazon Bedrock user guide, "Submit a single prompt with InvokeModel": its headers.
HEADERS = {
    "x-amzn-bedrock-invocation-latency": "1531",
    "x-amzn-bedrock-input-token-count": "33",
    "x-amzn-bedrock-output-token-count": "44",
}

# The same, the last event of InvokeModelWithResponseStream.
METRICS = {
    "inputTokenCount": 9,
    "outputTokenCount": 77,
    "invocationLatency": 1901,
    "firstByteLatency": 312,
    "cacheReadInputTokenCount": 1500,
    "cacheWriteInputTokenCount": 0,
}

BEDROCK = (
    Case(
        "Converse with Claude and caches of both kinds",
        "bedrock",
        "us.anthropic.claude-haiku-4-5-20251001-v1:0",
        CONVERSE,
        CONVERSED | {"usage": CONVERSE},
        # regional price: 10 % more than the global price
        dear((12, "1.10"), (2000, "0.11"), (500, "1.375"), (300, "2.20"), (350, "5.50")),
        (2812, 350),
    ),
    Case(
        "Converse with Nova",
        "aws",
        "amazon.nova-lite-v1:0",
        NOVA,
        CONVERSED | {"usage": NOVA},
        dear((125, "0.06"), (60, "0.24")),
        (125, 60),
        {"input_tokens": 125, "output_tokens": 60},
    ),
    Case(
        "InvokeModel with Claude",
        "bedrock",
        "global.anthropic.claude-opus-4-5-20251101-v1:0",
        CACHED,
        MESSAGE | {"usage": CACHED},
        dear((2048, "5"), (1800, "0.50"), (148, "6.25"), (100, "10"), (503, "25")),
        (4096, 503),
    ),
    Case(
        "InvokeModel with Nova",
        "bedrock",
        "us.amazon.nova-pro-v1:0",
        NOVA_INVOKED,
        {"output": {"message": {}}, "stopReason": "end_turn", "usage": NOVA_INVOKED},
        dear((7, "0.80"), (1000, "0.20"), (50, "3.20")),
        (1007, 50),
        {"input_tokens": 7, "cache_read_tokens": 1000, "output_tokens": 50},
    ),
    Case(
        "InvokeModel with Llama",
        "bedrock",
        "us.meta.llama3-3-70b-instruct-v1:0",
        LLAMA,
        {"generation": "Hello", "stop_reason": "stop", **LLAMA},
        dear((25, "0.72"), (110, "0.72")),
        (25, 110),
        {"input_tokens": 25, "output_tokens": 110},
    ),
    Case(
        "InvokeModel with Titan, two results",
        "amazon-bedrock",
        "amazon.titan-text-express-v1",
        TITAN,
        TITAN,
        dear((14, "0.20"), (42, "0.60")),
        (14, 42),
        {"input_tokens": 14, "output_tokens": 42},
    ),
    Case(
        "InvokeModel with Titan's embeddings",
        "bedrock",
        "amazon.titan-embed-text-v2:0",
        {"inputTextTokenCount": 6},
        {"embedding": [-0.06, 0.01], "inputTextTokenCount": 6},
        dear((6, "0.02")),
        (6, 0),
        {"input_tokens": 6},
    ),
    Case(
        "InvokeModel with gpt-oss",
        "bedrock",
        "openai.gpt-oss-120b-1:0",
        GPT_OSS,
        {"object": "chat.completion", "model": "openai.gpt-oss-120b-1:0", "usage": GPT_OSS},
        dear((200, "0.15"), (90, "0.60")),
        (200, 90),
    ),
    Case(
        "InvokeModel, its headers",
        "bedrock",
        "meta.llama3-1-70b-instruct-v1:0",
        HEADERS,
        {"content-type": "application/json", **HEADERS},
        dear((33, "0.72"), (44, "0.72")),
        (33, 44),
        {"input_tokens": 33, "output_tokens": 44},
    ),
    Case(
        "the last event of an invoked stream",
        "bedrock",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        METRICS,
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": METRICS},
        dear((9, "3"), (1500, "0.30"), (77, "15")),
        (1509, 77),
        {"input_tokens": 9, "cache_read_tokens": 1500, "output_tokens": 77},
    ),
)
