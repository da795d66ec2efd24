"""Prices: which one holds, what it makes, and what of it is kept as plain JSON."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.rates import RATES, Rates
from budget_monitor.domain.prices.set_prices import ANY_MODEL, Price, in_force, latest
from budget_monitor.domain.prices.sheets import Line, PriceSheet, Quote, UnitPrice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIERED = UnitPrice("input_tokens", Decimal(3), 10**6, ((200, Decimal(6)), (400, Decimal(9))))
SHEET = PriceSheet("system", "7", "claude-x", "anthropic", (TIERED,))
NONE_SET = dict.fromkeys(RATES)


def price(model: str = "claude-x", provider: str | None = None, **other: Any) -> Price:
    usual: dict[str, Any] = {
        "since": NOON,
        "rates": Rates({"call_usd": Decimal(1)}),
        "discount": None,
    }
    return Price(model, provider, **(usual | other), by="ana", reason="contract", version=3)


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


def test_a_rate_is_the_price_of_its_unit_and_what_is_not_set_has_none() -> None:
    rates = Rates({"web_search_usd": Decimal("0.01"), "input_usd_per_million": Decimal(3)})
    assert rates.prices == (
        UnitPrice("input_tokens", Decimal(3), 10**6),
        UnitPrice("web_searches", Decimal("0.01"), 1),
    )
    dumped = {**NONE_SET, "input_usd_per_million": "3", "web_search_usd": "0.01"}
    assert rates.dump() == dumped
    assert Rates.load(dumped) == rates
    assert Rates.load({"call_usd": "2", "colour": "red"}) == Rates({"call_usd": Decimal(2)})


def test_a_damaged_rate_is_blamed_by_its_name() -> None:
    with pytest.raises(ValidationError) as refused:
        Rates.load({"call_usd": "dear"})
    assert refused.value.field == "call_usd"


def test_prices_of_one_model_stand_in_line_however_it_is_written() -> None:
    assert price("Claude-X", " Amazon-Bedrock ").name == ("claude-x", "aws")
    assert price("claude-x").name == ("claude-x", None)


def test_a_price_with_neither_rates_nor_discount_ends_ours() -> None:
    assert price(rates=None).ends
    assert not price().ends
    assert not price(rates=None, discount=Decimal(0)).ends


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (price(), {"call_usd": "1"}),
        (price(provider="openai", rates=None, discount=Decimal("12.50")), {}),
        (price(rates=None, discount=Decimal(100)), {}),
        (price(rates=None), {}),
    ],
)
def test_a_price_is_kept_as_it_was_set(one: Price, said: dict[str, str]) -> None:
    percents = {Decimal("12.50"): "12.5", Decimal(100): "100", None: None}
    assert one.dump() == {
        "model": "claude-x",
        "provider": one.provider,
        "from": "2026-11-22T12:00:00Z",
        **NONE_SET,
        **said,
        "discount_percent": percents[one.discount],
        "ends": one.ends,
        "by": "ana",
        "reason": "contract",
        "version": 3,
    }
    assert Price.load(one.dump()) == one


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        ({"discount_percent": "10"}, "^no discount$"),
        ({"call_usd": None, "discount_percent": "100.01"}, "^no discount$"),
        ({"model": None}, "^not a price$"),
        ({"provider": 7}, "^not a price$"),
    ],
)
def test_what_nobody_could_have_set_is_no_price(damage: dict[str, Any], error: str) -> None:
    with pytest.raises((ValueError, TypeError), match=error):
        Price.load(price().dump() | damage)


@pytest.mark.parametrize(
    ("damage", "field"),
    [({"from": "noon"}, "from"), ({"discount_percent": "some"}, "discount_percent")],
)
def test_damage_of_a_price_is_blamed_by_its_name(damage: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Price.load(price().dump() | damage)
    assert refused.value.field == field


def test_the_latest_price_of_a_line_is_the_one_with_the_latest_beginning() -> None:
    old, new = price(since=NOON - timedelta(days=1)), price()
    other = price("gpt-x")
    assert latest([new, old, other]) == {new.name: new, other.name: other}


def found(prices: list[Price], at: datetime = NOON) -> Price | None:
    return in_force(prices, ["claude-x-2026", "claude-x"], ["vertex", "anthropic"], at)


def test_a_price_holds_from_its_moment_on() -> None:
    one = price()
    assert found([one]) == one
    assert found([one], NOON - timedelta(microseconds=1)) is None
    assert found([]) is None
    later = price(since=NOON + timedelta(days=1))
    assert found([later, one]) == one


def test_the_closest_name_of_the_model_wins_then_the_closest_provider() -> None:
    nearest_first = [
        price("claude-x-2026", "vertex"),
        price("claude-x-2026", "anthropic"),
        price("claude-x-2026"),
        price("claude-x", "vertex"),
        price("claude-x", "anthropic"),
        price("claude-x"),
        price(ANY_MODEL, "vertex", rates=None, discount=Decimal(1)),
        price(ANY_MODEL, "anthropic", rates=None, discount=Decimal(1)),
    ]
    for place, one in enumerate(nearest_first):
        assert found(list(reversed(nearest_first[place:]))) == one
    assert found([price("gpt-x"), price(ANY_MODEL, "openai")]) is None


def test_a_price_that_ended_leaves_the_next_one_in_force() -> None:
    ended, wider = price("claude-x", "anthropic", rates=None), price("claude-x")
    assert found([ended, wider]) == wider
    assert found([ended]) is None
