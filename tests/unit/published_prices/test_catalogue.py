"""The catalogue: every variant of the library, against its own price contexts."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from genai_prices import types

from budget_monitor.domain.costs.facts import Terms
from budget_monitor.domain.costs.usage import Usage
from tests.unit.published_prices.test_price_list import LIST, UNITS, consistent, models

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)

OTHER_CONTEXTS = {"search_type", "route"}
"""Contexts that no usage object shows."""


def terms_of(context: dict[str, str]) -> Terms:
    return Terms.said(
        context.get("service_tier"),
        batch=context.get("processing") == "batch",
        speed=context.get("speed"),
    )


def test_each_variant_of_each_model_costs_what_the_library_says() -> None:
    chance, compared = random.Random(20261129), 0  # noqa: S311 - the same each time
    for provider, model in models():
        if not any(one is model for one in provider.models):
            continue
        for variant in model.price_variants or ():
            started = variant.constraint is None or variant.constraint.active(NOW)
            if OTHER_CONTEXTS & variant.when.keys() or not started:
                continue
            prices = vars(model.get_prices(NOW, variant.when))
            units = [UNITS.unit_for_price_key(name).usage_key for name in prices if prices[name]]
            usage = consistent([unit for unit in units if unit != "requests"], chance)
            library = model.calc_price(
                types.Usage(**usage),
                provider,
                genai_request_timestamp=NOW,
                price_context=variant.when,
            )
            sheet = LIST.sheet(model.id, provider.id, NOW, terms_of(variant.when))
            assert sheet is not None, (model.id, variant.when)
            counts = Usage({unit: Decimal(count) for unit, count in usage.items()})
            lines = LIST.lines(sheet, counts)
            ours = sum((Fraction(one.quantity) * Fraction(one.usd) / one.per for one in lines), 0)
            assert abs(ours - Fraction(library.total_price)) < Fraction(1, 10**20), model.id
            compared += 1
    assert compared > 200


@pytest.mark.parametrize(
    ("model", "provider", "terms"),
    [
        ("gpt-4o", "openai", Terms(service_tier="flex")),
        ("gpt-4o", "openai", Terms(service_tier="scale")),
        ("gpt-4o", "azure", Terms(service_tier="priority")),  # OpenAI's price is not Azure's
        ("claude-opus-5", "anthropic", Terms(service_tier="priority")),
        ("claude-haiku-4-5", "anthropic", Terms(speed="fast")),
        ("claude-sonnet-4-5", "anthropic", Terms(inference_geo="us")),
        ("amazon.nova-lite-v1:0", "aws", Terms(service_tier="priority")),
        ("gpt-4o", "openai", Terms(service_tier="flex", batch=True)),
    ],
)
def test_terms_without_a_price_never_get_the_standard_one(
    model: str, provider: str, terms: Terms
) -> None:
    assert LIST.sheet(model, provider, NOW) is not None
    assert LIST.sheet(model, provider, NOW, terms) is None
    assert terms.words in LIST.explain(model, provider, NOW, terms)


def test_a_variant_that_has_not_begun_is_unknown() -> None:
    before = datetime(2026, 10, 13, tzinfo=UTC)
    assert LIST.sheet("claude-opus-5", "anthropic", before, Terms(batch=True)) is None
    after = datetime(2026, 10, 14, tzinfo=UTC)
    assert LIST.sheet("claude-opus-5", "anthropic", after, Terms(batch=True)) is not None


@pytest.mark.parametrize(
    ("model", "provider", "known"),
    [
        ("claude-haiku-4-5-fast", "anthropic", False),
        ("gemini-2.5-pro-ultra", "google", False),
        ("gpt-4o-mega", "openai", False),
        ("gpt-4o-mini-2024-07-18", "openai", True),
        ("claude-sonnet-4-5-20250929", "anthropic", True),
        ("claude-opus-4-8-fast", "anthropic", True),
        ("gemini-2.5-pro-preview-05-06", "google", True),
        ("bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0", None, True),
        ("azure/gpt-4o", None, True),
        ("gpt-4o", "azure.ai.openai", True),
        ("gemini-2.5-flash", "gcp.vertex_ai", True),
        ("claude-sonnet-4-5@20250929", "vertex_ai-anthropic_models", True),
        ("publishers/google/models/gemini-2.5-flash", "vertex_ai", True),
        ("anthropic/claude-sonnet-4-5", "litellm", True),
        ("openai/claude-sonnet-4-5", "anthropic", False),
    ],
)
def test_a_name_is_known_as_a_whole(model: str, provider: str | None, known: bool) -> None:  # noqa: FBT001
    assert (LIST.sheet(model, provider, NOW) is not None) is known


def test_a_refusal_says_what_is_unknown_and_what_is_near() -> None:
    standard = Terms()
    near = LIST.explain("claude-haiku-4-5-fast", "anthropic", NOW, standard)
    assert "the model claude-haiku-4-5-fast is not in the price list" in near
    assert "near names: claude-haiku-4-5" in near
    nobody = LIST.explain("gpt-4o", "nobody", NOW, standard)
    assert nobody == "the provider nobody is not in the price list"
