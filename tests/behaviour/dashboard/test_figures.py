"""Figures for people: amounts, units, times and bars."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest

from budget_monitor.domain.accounting.accounts import Move, tenant_key
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.money import EXACT
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.entrypoints.dashboard.figures import Bar, amount_of, moment, share, usd


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("0", "0.00"),
        ("1234567.895", "1,234,567.90"),
        ("-3.5", "-3.50"),
        ("0.01", "0.01"),
        ("0.00126", "0.0013"),
        ("0.000075", "0.000075"),
        ("-0.000000000001", "-0.000000000001"),
        ("999999999999.999999999999", "1,000,000,000,000.00"),
    ],
)
def test_an_amount_has_2_places_or_2_digits_below_a_cent(amount: str, shown: str) -> None:
    with localcontext(EXACT):  # as in a request, where arithmetic that rounds raises
        assert usd(Decimal(amount)) == shown


def test_an_amount_names_its_unit_and_no_limit_says_so() -> None:
    assert amount_of("usd", Decimal("1.5")) == "1.50 USD"
    assert amount_of("tokens", Decimal(1_200_000)) == "1,200,000 tokens"
    assert amount_of("calls", Decimal(1)) == "1 call"
    assert amount_of("usd", None) == "no limit"


def test_a_time_is_shown_in_the_zone_and_kept_in_utc() -> None:
    found = moment("2026-11-22T23:30:00Z", "Asia/Tokyo")
    assert found is not None
    assert (found.text, found.iso) == ("23 Nov 2026, 08:30", "2026-11-22T23:30:00Z")
    assert moment(None, "UTC") is None


def bar(limit: str | None, spent: str, held: str = "0") -> Bar:
    """The bar of a month with these amounts."""
    budget = Budget("tenant-month", "tenant", None if limit is None else Decimal(limit))
    gate = Gate(budget, tenant_key("acme", "2026-11"))
    with localcontext(EXACT):
        return Bar.of(Standing(gate, Move(spent=Decimal(spent), held=Decimal(held))))


def test_a_bar_has_widths_of_the_limit_and_marks_at_thresholds() -> None:
    found = bar("10", "2.5", "5")
    assert (found.spent, found.held_from, found.held) == ("25", "25", "50")
    assert (found.limit, found.thresholds, found.state) == (None, ("50", "80"), "ok")
    assert found.label == "2.50 USD spent and 5.00 USD held of 10.00 USD"


def test_above_the_limit_a_bar_is_full_and_shows_where_the_limit_is() -> None:
    found = bar("10", "25")
    assert (found.spent, found.limit, found.state) == ("100", "40", "over")
    assert found.thresholds == ("20", "32", "40")


@pytest.mark.parametrize(
    ("limit", "spent", "state"),
    [("10", "8.1", "near"), ("10", "-1", "ok"), ("0", "0", "ok"), ("0", "1", "over")],
)
def test_the_state_of_a_bar(limit: str, spent: str, state: str) -> None:
    assert bar(limit, spent).state == state
    assert bar(None, spent).state == "none"


def test_a_third_has_a_width_although_it_cannot_be_written_exactly() -> None:
    assert bar("3", "1").spent == "33.33"
    assert share(Decimal(1), Decimal(3)) == "33.33"
    assert share(Decimal(-1), Decimal(3)) == share(Decimal(1), Decimal(0)) == "0"
