"""The flat row of an entry: its token kinds and unit prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import COST, Entry
from budget_monitor.domain.periods import Booking
from budget_monitor.usecases.exports.ledger_columns import COLUMNS, ledger_row

AT = datetime(2026, 10, 20, tzinfo=UTC)


def line(unit: str, quantity: str, usd: str, per: int = 1_000_000) -> dict[str, Any]:
    return {"unit": unit, "quantity": quantity, "usd": usd, "per": per}


PRICE = {
    "source": "genai-prices", "version": "1",
    "lines": [line("input_tokens", "80", "2.5"), line("cache_read_tokens", "20", "0.00125", 1000)],
}  # fmt: skip
ENTRY = Entry(
    entry_id="e", tenant_id="acme", kind=COST, labels=Labels(agent_execution_id="r"),
    amount=Decimal("0.1"), booking=Booking("2026-10", "2026-10-20"), occurred_at=AT,
    recorded_at=AT, request={}, input_tokens=80, price=PRICE,
)  # fmt: skip


def test_a_row_has_a_value_for_each_column() -> None:
    assert set(ledger_row(ENTRY)) == set(COLUMNS)


def test_unit_prices_are_per_million_whatever_the_list_counts_by() -> None:
    row = ledger_row(ENTRY)
    assert row["input_usd_per_million"] == Decimal("2.5")
    assert row["cache_read_usd_per_million"] == Decimal("1.25")
    assert row["output_usd_per_million"] is None
    assert row["unit_prices"][0] == "input_tokens 80 x 2.5 USD / 1000000"


def test_a_kind_with_two_prices_has_no_single_one_and_its_tokens_are_added() -> None:
    lines = [line("cache_read_tokens", "20", "1"), line("cache_read_tokens", "5", "2")]
    row = ledger_row(replace(ENTRY, price={**PRICE, "lines": lines}))
    assert row["cache_read_usd_per_million"] is None
    assert row["cache_read_tokens"] == 25


@pytest.mark.parametrize("price", [None, {"source": "provider", "version": None, "lines": []}])
def test_a_given_cost_shows_the_tokens_that_the_caller_gave(price: Any) -> None:
    row = ledger_row(replace(ENTRY, price=price, usage={"cache_read_tokens": 4}))
    assert (row["cache_read_tokens"], row["unit_prices"]) == (4, None)


def test_a_providers_own_cost_shows_the_prices_that_would_have_been_ours() -> None:
    price: dict[str, Any] = {**PRICE, "source": "provider", "lines": [], "computed": PRICE}
    row = ledger_row(replace(ENTRY, price=price, call={"provider_cost_usd": "0.2"}))
    assert (row["price_source"], row["input_usd_per_million"]) == ("provider", Decimal("2.5"))
    assert row["provider_cost_usd"] == Decimal("0.2")
