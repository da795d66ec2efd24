"""The published prices against the library's own arithmetic, for every model that it knows."""

from __future__ import annotations

import functools
import random
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from genai_prices import types
from genai_prices.data import providers
from genai_prices.data_units import unit_data
from genai_prices.units import UnitRegistry

from budget_monitor.adapters.published_prices.catalogue import Catalogue
from budget_monitor.adapters.published_prices.price_list import PublishedPrices
from budget_monitor.domain.costs.usage import CALLS, SECONDS, Usage
from budget_monitor.domain.prices.sheets import PriceSheet

LIST = PublishedPrices()
UNITS = UnitRegistry(unit_data)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OURS = {"requests": CALLS, "audio_seconds": SECONDS}


@functools.cache
def models() -> list[tuple[types.Provider, types.ModelInfo]]:
    """Each model as its own provider finds it by its own id; a few only have longer names."""
    each = ((provider, model) for provider in providers for model in provider.models)
    found = ((one, one.find_model(model.id, all_providers=providers)) for one, model in each)
    return [(provider, model) for provider, model in found if model]


def consistent(units: list[str], chance: random.Random) -> dict[str, int]:
    """Some of each unit, and as much of what it is a part of."""
    found = dict.fromkeys(units, 0)
    for unit in units:
        amount = chance.choice((0, 1, 7, 4096, 150_000, 600_000))
        for whole in (unit, *UNITS.ancestor_usage_keys(unit)):
            found[whole] = found.get(whole, 0) + amount
    return found


def cost(sheet: PriceSheet, usage: dict[str, int]) -> Fraction:
    """The sum of our lines; no line where a unit has no price."""
    counts = Usage({unit: Decimal(count) for unit, count in usage.items()})
    assert LIST.missing(sheet, counts) is None
    lines = LIST.lines(sheet, counts)
    return sum((Fraction(one.quantity) * Fraction(one.usd) / one.per for one in lines), Fraction(0))


def sheet_of(model: str, provider: str, at: datetime = NOON) -> PriceSheet:
    sheet = LIST.sheet(model, provider, at)
    assert sheet is not None
    return sheet


def test_random_usage_of_every_model_costs_what_the_library_says() -> None:
    chance, priced = random.Random(20261122), 0  # noqa: S311 - the same each time
    for provider, model in models():
        at = NOON.replace(month=chance.randint(1, 11), hour=chance.randint(0, 23))
        prices = vars(model.get_prices(at))
        units = [UNITS.unit_for_price_key(name).usage_key for name in prices if prices[name]]
        if not units:
            continue
        usage = consistent([unit for unit in units if unit != "requests"], chance)
        library = model.calc_price(types.Usage(**usage), provider, genai_request_timestamp=at)
        ours = cost(sheet_of(model.id, provider.id, at), usage)
        assert abs(ours - Fraction(library.total_price)) < Fraction(1, 10**20), model.id
        priced += 1
    assert priced > 1500


def test_a_model_without_prices_has_none_and_no_price_is_zero() -> None:
    without = 0
    for provider, model in models():
        prices = [one for one in vars(model.get_prices(NOON)).values() if one is not None]
        sheet = LIST.sheet(model.id, provider.id, NOON)
        assert (sheet is None) == (not prices), model.id
        without += sheet is None
        for one in sheet.prices if sheet else ():
            assert one.usd > 0
            assert all(usd > 0 for _, usd in one.above)
    assert without > 100  # so many would have been free


def test_a_published_zero_is_no_price() -> None:
    def priced(usd: str) -> types.ModelInfo:
        price = types.ModelPrice(
            input_mtok=Decimal(usd), cache_read_mtok=Decimal(0), output_mtok=Decimal(0)
        )
        return types.ModelInfo(usd, types.ClauseEquals(usd), prices=price)

    prices = PublishedPrices()
    maker = types.Provider("x", "x", "x", models=[priced("0"), priced("3")])
    prices.catalogue = Catalogue([maker], UNITS, "1", NOON.date())
    assert prices.sheet("0", "x", NOON) is None
    sheet = prices.sheet("3", "x", NOON)
    assert sheet is not None
    assert [one.unit for one in sheet.prices] == ["input_tokens"]
    assert prices.missing(sheet, Usage({"output_tokens": Decimal(1)})) == "output_tokens"


def test_what_the_library_would_give_away_has_no_price_here() -> None:
    """Any unit, used alone, of any kind of model: a cost above zero, or a price that is missing."""
    kinds: dict[frozenset[str], PriceSheet] = {}
    for provider, model in models():
        sheet = LIST.sheet(model.id, provider.id, NOON)
        if sheet:
            kinds.setdefault(frozenset(one.unit for one in sheet.prices), sheet)
    given_away = 0
    for sheet in kinds.values():
        for unit in UNITS.units:
            whole = (unit, *UNITS.ancestor_usage_keys(unit))
            usage = Usage({one: Decimal(5) for one in whole if one != "requests"})
            missing = LIST.missing(sheet, usage)
            given_away += missing is not None
            assert missing or LIST.lines(sheet, usage) or not usage.counts
    assert len(kinds) > 20
    assert given_away > 100


@pytest.mark.parametrize(
    ("model", "provider", "usage", "usd"),
    [
        # at most 200,000 tokens in: 1.25 and 10 USD; above: 2.50 and 15, for all of them
        ("gemini-2.5-pro", "google", (200_000, 1000), "0.26"),
        ("gemini-2.5-pro", "google", (200_001, 1000), "0.5150025"),
        ("claude-sonnet-4-5", "anthropic", (200_000, 1000), "0.615"),
        ("claude-sonnet-4-5", "anthropic", (200_001, 1000), "1.222506"),
    ],
)
def test_a_long_call_costs_more_for_all_of_it(
    model: str, provider: str, usage: tuple[int, int], usd: str
) -> None:
    counts = {"input_tokens": usage[0], "output_tokens": usage[1]}
    assert cost(sheet_of(model, provider), counts) == Fraction(usd)


def test_cached_tokens_count_for_the_length_of_a_call() -> None:
    counts = {"input_tokens": 200_001, "cache_read_tokens": 200_000, "output_tokens": 0}
    assert cost(sheet_of("gemini-2.5-pro", "google"), counts) == Fraction("0.0500025")


@pytest.mark.parametrize(
    ("model", "provider", "at", "usd"),
    [
        ("o3", "openai", "2025-06-09T23:59:59+00:00", "10"),
        ("o3", "openai", "2025-06-10T00:00:00+00:00", "2"),
        ("o3", "openai", "2025-06-10T01:00:00+02:00", "10"),  # still the ninth in UTC
        # by day 0.27, from 16:30 to 0:30 UTC 0.135
        ("deepseek-chat", "deepseek", "2025-07-01T16:29:59+00:00", "0.27"),
        ("deepseek-chat", "deepseek", "2025-07-01T16:30:00+00:00", "0.135"),
        ("deepseek-chat", "deepseek", "2025-07-01T00:29:59+00:00", "0.135"),
        ("deepseek-chat", "deepseek", "2025-07-01T02:30:00+02:00", "0.27"),
    ],
)
def test_a_price_is_that_of_the_moment(model: str, provider: str, at: str, usd: str) -> None:
    sheet = sheet_of(model, provider, datetime.fromisoformat(at))
    assert cost(sheet, {"input_tokens": 10**6}) == Fraction(usd)


@pytest.mark.parametrize(
    ("model", "seconds", "usd"),
    [
        ("whisper-large-v3", 3600, "0.111"),
        ("whisper-large-v3", 10, "0.111/360"),
        ("whisper-large-v3", 1, "0.111/360"),
        ("whisper-large-v3-turbo", 2, "0.04/360"),
    ],
)
@pytest.mark.parametrize("unit", ["seconds", "audio_seconds"])
def test_ten_seconds_are_the_least_that_groq_hears(
    model: str, seconds: int, usd: str, unit: str
) -> None:
    amount, _, share = usd.partition("/")
    expected = Fraction(amount) / int(share or 1)
    assert cost(sheet_of(model, "groq"), {unit: seconds}) == expected


@pytest.mark.parametrize(
    "asked", [("gpt-unheard-of-9", "openai"), ("gpt-4o", "nobody"), ("", None)]
)
def test_an_unknown_model_has_no_price(asked: tuple[str, str | None]) -> None:
    assert LIST.sheet(*asked, NOON) is None
