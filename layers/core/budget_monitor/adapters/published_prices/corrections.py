"""Corrections to the price list that we know of. One reviewed file: each has source and date.

An entry is removed when the list has the same. `DATES` says when the data of each release of
genai-prices was published; the test of this file fails for a release that is not in it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Alias:
    """A name that the list does not have, or resolves to the wrong model."""

    provider: str
    name: str
    model: str
    source: str
    checked: date


@dataclass(frozen=True, slots=True)
class Added:
    """A price of a unit that the list lacks: `usd` for `per` units."""

    provider: str
    model: str
    unit: str
    usd: Decimal
    per: int
    source: str
    checked: date


@dataclass(frozen=True, slots=True)
class Factor:
    """Factor of the standard token prices under one condition.

    It is used where the list has no price for that condition. `models` begin the names of the
    models that it is for; empty: all of the provider's.
    """

    provider: str
    condition: tuple[str, str]
    factor: Decimal
    models: tuple[str, ...]
    source: str
    checked: date


_CHECKED = date(2026, 11, 29)

DATES = {"0.2.3": date(2026, 11, 9)}
"""Date of the newest change in the data of each release."""

ALIASES = (
    Alias("x-ai", "grok-4-latest", "grok-4.3", "docs.x.ai/docs/models, aliases", _CHECKED),
    Alias(
        "mistral",
        "mistral-large-latest",
        "mistral-large-2512",
        "docs.mistral.ai/getting-started/models, Mistral Large 3",
        _CHECKED,
    ),
)

ADDED = tuple(
    Added("cohere", model, "rerank_searches", Decimal(2), 1000, "cohere.com/pricing", _CHECKED)
    for model in ("rerank-v3.5", "rerank-english-v3.0", "rerank-multilingual-v3.0")
)

FACTORS = (
    Factor(
        "aws",
        ("service_tier", "flex"),
        Decimal("0.5"),
        (),
        "aws.amazon.com/bedrock/pricing, Flex",
        _CHECKED,
    ),
    Factor(
        "aws",
        ("batch", "true"),
        Decimal("0.5"),
        (),
        "aws.amazon.com/bedrock/pricing, Batch",
        _CHECKED,
    ),
    Factor(
        "google",
        ("service_tier", "flex"),
        Decimal("0.5"),
        ("gemini-",),
        "cloud.google.com/vertex-ai/generative-ai/pricing, Flex PayGo",
        _CHECKED,
    ),
    Factor(
        "google",
        ("service_tier", "provisioned"),
        Decimal(0),
        (),
        "cloud.google.com/vertex-ai/generative-ai/docs/provisioned-throughput: paid for by time",
        _CHECKED,
    ),
    Factor(
        "groq",
        ("service_tier", "flex"),
        Decimal(1),
        (),
        "console.groq.com/docs/flex-processing: the price of on-demand",
        _CHECKED,
    ),
    Factor(
        "anthropic",
        ("inference_geo", "us"),
        Decimal("1.1"),
        (
            "claude-opus-4-6",
            "claude-opus-4-7",
            "claude-opus-4-8",
            "claude-opus-5",
            "claude-sonnet-4-6",
            "claude-sonnet-5",
            "claude-haiku-5",
            "claude-fable-5",
        ),
        "platform.claude.com/docs/en/build-with-claude/data-residency, Pricing",
        _CHECKED,
    ),
)
