"""Aliases and editions of the price list, as they are kept and as they are found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.rates import RATES, Rates
from budget_monitor.domain.prices.set_prices import (
    Alias,
    Price,
    PriceListEdition,
    edition_at,
    meant,
)
from budget_monitor.domain.prices.sheets import UnitPrice

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FAST = Alias("Fast", "gpt-x", "openai", "ana", "short", 3, "role/a")
EDITION = PriceListEdition(
    "list.json", "v1", "ab12", date(2026, 11, 20), NOON, "ana", "newer", 4, "role/a"
)


def test_an_alias_is_kept_as_it_was_set() -> None:
    dumped = {
        "alias": "Fast",
        "model": "gpt-x",
        "provider": "openai",
        "by": "ana",
        "reason": "short",
        "version": 3,
        "principal": "role/a",
    }
    assert FAST.dump() == dumped
    assert Alias.load(dumped) == FAST
    unsigned = replace(FAST, principal=None)
    assert "principal" not in unsigned.dump()
    assert Alias.load(unsigned.dump()) == unsigned


@pytest.mark.parametrize(
    ("model", "provider", "found"),
    [
        (" FAST ", None, ("gpt-x", "openai")),
        ("fast", "azure", ("gpt-x", "openai")),
        ("slow", "azure", ("gpt-y", "azure")),
        ("other", "azure", ("other", "azure")),
    ],
)
def test_an_alias_means_its_model_and_its_provider_if_it_has_one(
    model: str, provider: str | None, found: tuple[str, str | None]
) -> None:
    aliases = {"fast": FAST, "slow": Alias("slow", "gpt-y", None, "ana", "x", 1)}
    assert meant(aliases, model, provider) == found
    assert meant({}, model, provider) == (model, provider)


def test_an_edition_is_kept_as_it_was_set() -> None:
    dumped = {
        "key": "list.json",
        "object_version": "v1",
        "sha256": "ab12",
        "dated": "2026-11-20",
        "from": "2026-11-22T12:00:00Z",
        "by": "ana",
        "reason": "newer",
        "version": 4,
        "principal": "role/a",
    }
    assert EDITION.dump() == dumped
    assert PriceListEdition.load(dumped) == EDITION
    unsigned = replace(EDITION, principal=None)
    assert PriceListEdition.load(unsigned.dump()) == unsigned
    with pytest.raises(ValidationError) as refused:
        PriceListEdition.load({**dumped, "from": "noon"})
    assert refused.value.field == "from"


def test_the_edition_with_the_latest_beginning_then_version_is_in_force() -> None:
    older = replace(EDITION, since=NOON - timedelta(days=1), version=9)
    again = replace(EDITION, version=5)
    assert edition_at([EDITION, older], NOON) == EDITION
    assert edition_at([EDITION, again, older], NOON) == again
    assert edition_at([EDITION, older], NOON - timedelta(seconds=1)) == older
    assert edition_at([EDITION], NOON - timedelta(seconds=1)) is None


def test_a_signed_price_keeps_its_signer() -> None:
    price = Price("m", None, NOON, None, Decimal(10), "ana", "contract", 1, "role/a")
    assert price.dump()["principal"] == "role/a"
    assert Price.load(price.dump()) == price
    unsigned = {name: one for name, one in price.dump().items() if name != "provider"}
    assert Price.load(unsigned).provider is None


RATED = Rates(
    {"input_usd_per_million": Decimal(2), "call_usd": Decimal(1)},
    ((1000, {"input_usd_per_million": Decimal(3)}), (5000, {"call_usd": Decimal(4)})),
    {"batch": {"percent": Decimal(50)}, "flex": {"call_usd": Decimal("0.5")}},
    Decimal(10),
)


def test_rates_with_tiers_and_a_surcharge_are_kept_as_they_were_set() -> None:
    dumped = {
        **dict.fromkeys(RATES),
        "input_usd_per_million": "2",
        "call_usd": "1",
        "context_tiers": [
            {"above_input_tokens": 1000, "input_usd_per_million": "3"},
            {"above_input_tokens": 5000, "call_usd": "4"},
        ],
        "service_tiers": {"batch": {"percent": "50"}, "flex": {"call_usd": "0.5"}},
        "surcharge_percent": "10",
    }
    assert RATED.dump() == dumped
    assert Rates.load(dumped) == RATED
    assert Rates.load({"context_tiers": None, "service_tiers": None}) == Rates({})
    with pytest.raises(ValidationError) as refused:
        Rates.load({"surcharge_percent": "x"})
    assert refused.value.field == "surcharge_percent"


def test_the_surcharge_is_on_every_price_and_a_tier_has_a_share_or_prices_of_its_own() -> None:
    tokens = UnitPrice("input_tokens", Decimal("2.2"), 10**6, ((1000, Decimal("3.3")),))
    call = UnitPrice("calls", Decimal("1.1"), 1, ((5000, Decimal("4.4")),))
    assert RATED.prices == RATED.under(()) == (tokens, call)
    half = tuple(one.times(Decimal("0.5")) for one in (tokens, call))
    assert RATED.under((("batch", "true"),)) == half
    assert RATED.under((("service_tier", "flex"),)) == (
        replace(tokens, above=()),
        UnitPrice("calls", Decimal("0.55"), 1),
    )
    assert RATED.under((("service_tier", "priority"),)) is None
    assert RATED.under((("service_tier", "flex"), ("speed", "fast"))) is None
    assert RATED.under((("batch", "true"), ("speed", "fast"))) is None
