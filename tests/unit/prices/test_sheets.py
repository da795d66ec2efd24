"""Price sheets and quotes: unit prices, tiers, rounding, and their plain JSON."""

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.sheets import Line, PriceSheet, Quote, UnitPrice

TIERED = UnitPrice("input_tokens", Decimal(3), 10**6, ((200, Decimal(6)), (400, Decimal(9))))

SHEET = PriceSheet("system", "7", "claude-x", "anthropic", (TIERED,))


@pytest.mark.parametrize(
    ("went_in", "usd"), [(0, 3), (200, 3), (201, 6), (400, 6), (401, 9), (10**9, 9)]
)
def test_a_higher_tier_holds_for_calls_with_more_input_than_its_start(
    went_in: int, usd: int
) -> None:
    assert TIERED.at(Decimal(went_in)) == usd


def test_a_discount_is_taken_off_every_tier() -> None:
    cheaper = TIERED.less(Decimal(25))
    assert (cheaper.usd, cheaper.above) == (
        Decimal("2.25"),
        ((200, Decimal("4.5")), (400, Decimal("6.75"))),
    )
    assert (cheaper.unit, cheaper.per) == ("input_tokens", 10**6)
    assert TIERED.less(Decimal(100)).usd == 0


def test_a_discount_of_a_long_price_loses_no_digit() -> None:
    long = UnitPrice("calls", Decimal("123456789012345678901234567890.000000000001"), 1)
    tiered = replace(long, above=((1, long.usd),))
    half = Decimal("61728394506172839450617283945.0000000000005")
    assert tiered.less(Decimal(50)) == UnitPrice("calls", half, 1, ((1, half),))


def test_a_sheet_tells_its_prices_and_where_they_come_from() -> None:
    origin = {"source": "system", "version": "7", "model": "claude-x", "provider": "anthropic"}
    tiers = [{"above_input_tokens": 200, "usd": "6"}, {"above_input_tokens": 400, "usd": "9"}]
    unit = {"unit": "input_tokens", "usd": "3", "per": 10**6, "tiers": tiers}
    assert SHEET.origin == origin
    assert SHEET.dump() == {**origin, "unit_prices": [unit]}


def test_a_quote_is_rounded_once_at_twelve_places_and_half_to_the_even() -> None:
    thirds = tuple(Line("calls", Decimal(1), Decimal("0.000000000001"), 3) for _ in range(3))
    assert Quote(SHEET, thirds).amount == Decimal("0.000000000001")
    for quantity, twelfths in ((1, 0), (3, 2), (5, 2)):
        half = (Line("calls", Decimal(quantity), Decimal("0.000000000001"), 2),)
        assert Quote(SHEET, half).amount == Decimal(twelfths).scaleb(-12)


def test_a_quote_adds_up_units_of_different_sizes() -> None:
    lines = (
        Line("input_tokens", Decimal(500), Decimal(3), 1000),
        Line("calls", Decimal(2), Decimal("0.25"), 1),
        Line("output_tokens", Decimal(1), Decimal(9), 300),
    )
    assert Quote(SHEET, lines).amount == Decimal("2.03")
    assert Quote(SHEET, ()).amount == 0


def test_a_quote_that_no_account_can_hold_blames_the_field_that_said_the_usage() -> None:
    dear = (Line("calls", Decimal(10**12), Decimal(10**12), 1),)
    with pytest.raises(ValidationError) as refused:
        _ = Quote(SHEET, dear, "estimate").amount
    assert refused.value.field == "estimate"


def test_a_quote_keeps_all_that_it_was_computed_from() -> None:
    quote = Quote(SHEET, (Line("seconds", Decimal("1.50"), Decimal("0.10"), 1),))
    line = {"unit": "seconds", "quantity": "1.5", "usd": "0.1", "per": 1}
    assert quote.dump() == {**SHEET.origin, "lines": [line]}


def test_a_sheet_of_published_batch_prices_tells_its_date_and_its_terms() -> None:
    published = replace(SHEET, dated="2026-11-20", terms=(("service_tier", "batch"),))
    more = {"dated": "2026-11-20", "terms": {"service_tier": "batch"}}
    assert published.origin == {**SHEET.origin, **more}
