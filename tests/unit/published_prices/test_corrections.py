"""Corrections to the price list: each has a source, a date and a use."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices import __version__

from budget_monitor.adapters.published_prices.corrections import ADDED, ALIASES, DATES, FACTORS
from budget_monitor.domain.costs.facts import Terms
from tests.unit.published_prices.test_price_list import LIST

NOW = datetime(2027, 2, 1, 12, tzinfo=UTC)


def test_every_correction_has_a_source_and_a_date_and_is_still_needed() -> None:
    assert __version__ in DATES  # a new release: say the date of its data, review the corrections
    known = [(one.source, one.checked) for many in (ALIASES, ADDED, FACTORS) for one in many]
    assert all(source and checked.year >= 2026 for source, checked in known)
    for alias in ALIASES:
        found = LIST.sheet(alias.name, alias.provider, NOW)
        assert found is not None
        assert found.model == alias.model


def test_1000_searches_of_cohere_cost_2_usd() -> None:
    sheet = LIST.sheet("rerank-v3.5", "cohere", NOW)
    assert sheet is not None
    prices = {one.unit: (one.usd, one.per) for one in sheet.prices}
    assert prices["rerank_searches"] == (Decimal(2), 1000)


@pytest.mark.parametrize(
    ("model", "provider", "terms", "factor"),
    [
        ("amazon.nova-lite-v1:0", "aws", Terms(service_tier="flex"), "0.5"),
        ("amazon.nova-lite-v1:0", "aws", Terms(batch=True), "0.5"),
        ("claude-opus-5", "anthropic", Terms(inference_geo="us"), "1.1"),
        ("gemini-2.5-flash", "google", Terms(service_tier="provisioned"), "0"),
    ],
)
def test_a_factor_is_of_the_standard_price_of_tokens(
    model: str, provider: str, terms: Terms, factor: str
) -> None:
    standard = LIST.sheet(model, provider, NOW)
    corrected = LIST.sheet(model, provider, NOW, terms)
    assert standard is not None
    assert corrected is not None
    tokens = {one.unit: one.usd for one in standard.prices if one.unit.endswith("_tokens")}
    assert {one.unit: one.usd for one in corrected.prices if one.unit in tokens} == {
        unit: usd * Decimal(factor) for unit, usd in tokens.items()
    }
