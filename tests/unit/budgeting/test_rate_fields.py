"""Prices as people send them: unit prices or a discount, never both."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.budgeting.rate_fields import read_price, read_rates
from budget_monitor.entrypoints.door.fields import Fields


def test_unit_prices_are_read_exactly_and_zero_counts_as_given() -> None:
    rates = read_rates(Fields({"input_usd_per_million": "2.5", "output_usd_per_million": "0"}))
    assert rates.by_name["input_usd_per_million"] == Decimal("2.5")
    assert rates.by_name["output_usd_per_million"] == 0


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"input_usd_per_million": "1"}, "model"),
        ({"model": "m"}, "input_usd_per_million"),
        ({"model": "m", "discount_percent": "101"}, "discount_percent"),
        (
            {"model": "m", "discount_percent": "5", "input_usd_per_million": "1"},
            "discount_percent",
        ),
        ({"model": "*", "discount_percent": "5"}, "provider"),
        ({"model": "m", "cache_read_usd_per_million": "1"}, "input_usd_per_million"),
    ],
)
def test_a_price_that_cannot_hold_is_refused_by_the_name_of_the_field(
    said: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        read_price(Fields(said))
    assert refused.value.field == field
