"""Rates: unit prices under their names in requests and answers."""

from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.prices.rates import RATES, Rates
from budget_monitor.domain.prices.sheets import UnitPrice

NONE_SET = dict.fromkeys(RATES)


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
