"""Corrections to the price list: each has a source, a date and a use."""

from __future__ import annotations

from datetime import UTC, datetime

from genai_prices import __version__

from budget_monitor.adapters.published_prices.corrections import ADDED, ALIASES, DATES, FACTORS
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
