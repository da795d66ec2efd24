"""Prices of tools by patterns of their names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.intercepting.tools import ToolPrices


def test_the_first_pattern_that_matches_counts() -> None:
    prices = ToolPrices.parse("search___web=0.01, search___*=0.002,*=0.001")
    tools = ("search___web", "search___news", "crm___read")
    assert [prices.of(one) for one in tools] == [Decimal(one) for one in ("0.01", "0.002", "0.001")]


def test_a_tool_that_no_pattern_matches_has_no_price() -> None:
    assert ToolPrices.parse("").of("search") is None
    assert ToolPrices.parse("Search=1").of("search") is None


@pytest.mark.parametrize("text", ["search", "=1", "search=", "search=much", "search=-1"])
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ToolPrices.parse(text)
