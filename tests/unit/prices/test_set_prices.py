"""Prices that people set: which one holds, and how it is stored."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.rates import RATES, Rates
from budget_monitor.domain.prices.set_prices import ANY_MODEL, Price, in_force, latest

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

NONE_SET = dict.fromkeys(RATES)


def price(model: str = "claude-x", provider: str | None = None, **other: Any) -> Price:
    usual: dict[str, Any] = {
        "since": NOON,
        "rates": Rates({"call_usd": Decimal(1)}),
        "discount": None,
    }
    return Price(model, provider, **(usual | other), by="ana", reason="contract", version=3)


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
def test_a_damaged_price_is_refused(damage: dict[str, Any], error: str) -> None:
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
