"""Forecasts: exact, monotone, and silent where there is too little to go by."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.money import EXACT
from budget_monitor.domain.months.forecasts import WINDOW, Series, forecast_of

MOST = Decimal(10) ** 9
COSTS = st.decimals(0, MOST, places=12, allow_nan=False)
CHANGES = st.decimals(-MOST, MOST, places=12, allow_nan=False)


def usd(text: str) -> Decimal:
    return Decimal(text)


def series(days: list[str], today: str = "0", left: int = 10, earlier: str = "0") -> Series:
    """A month whose complete days these are, the last of them yesterday."""
    named = [(f"2026-11-{n:02}", usd(day)) for n, day in enumerate(days, 1)]
    now = len(days) + 1
    spent = sum((amount for _, amount in named), usd(today) + usd(earlier))
    return Series(
        before=named,
        past=named,
        today=(f"2026-11-{now:02}", usd(today)),
        left=[f"2026-11-{n:02}" for n in range(now + 1, now + 1 + left)],
        spent=spent,
    )


@pytest.mark.parametrize("days", [[], ["0"] * 20, ["5", "5"], ["0", "0", "1", "2"]])
def test_with_fewer_than_three_days_since_the_first_cost_nothing_is_foretold(
    days: list[str],
) -> None:
    found = forecast_of(series(days, today="100"), usd("10"))

    assert not found.enough_data
    assert (found.estimate, found.low, found.high, found.exceeds, found.reached_on) == (None,) * 5


def test_days_without_a_cost_count_as_zero_from_the_first_cost_on() -> None:
    found = forecast_of(series(["0", "0", "6", "0", "0"], left=9), None)

    assert (found.days_used, found.first_day, found.last_day) == (3, "2026-11-03", "2026-11-05")
    assert found.estimate == 6 + 2 * 10


def test_today_counts_as_an_average_day_or_as_what_it_has_spent() -> None:
    days = ["2", "2", "2"]
    assert forecast_of(series(days, today="0.5", left=1), None).estimate == 10
    assert forecast_of(series(days, today="7", left=1), None).estimate == 15


def test_a_credit_of_today_is_kept_and_makes_no_day_cheaper() -> None:
    assert forecast_of(series(["2", "2", "2"], today="-5", left=1), None).estimate == 6 - 5 + 2 + 2
    assert forecast_of(series(["4", "-9", "2"], left=0), None).estimate == 4 - 9 + 2 + 2


def test_the_range_is_two_standard_deviations_of_the_days_left_and_never_below_spent() -> None:
    found = forecast_of(series(["1", "2", "3"], left=3), None)

    assert (found.estimate, found.low, found.high) == (
        usd("14"),
        usd("10.734014"),
        usd("17.265986"),
    )
    wide = forecast_of(series(["0.000001", "0", "100"], left=1), None)
    assert wide.low == wide.spent == usd("100.000001")
    even = forecast_of(series(["2"] * 5, left=3), None)
    assert even.low == even.high == even.estimate == 18


@pytest.mark.parametrize(
    ("limit", "reached_on", "exceeds"),
    [
        ("3", "2026-11-02", True),
        ("6", "2026-11-03", True),
        ("7", "2026-11-04", True),
        ("8", "2026-11-04", True),
        ("8.000001", "2026-11-05", True),
        ("12", "2026-11-06", False),
        ("12.01", None, False),
    ],
)
def test_the_day_on_which_the_limit_is_reached(
    limit: str, reached_on: str | None, *, exceeds: bool
) -> None:
    found = forecast_of(series(["2", "2", "2"], left=2), usd(limit))
    assert (found.reached_on, found.exceeds) == (reached_on, exceeds)


def test_a_limit_that_corrections_took_out_of_reach_again_is_not_reached() -> None:
    found = forecast_of(series(["9", "-6", "1"], left=0), usd("8"))
    assert found.reached_on is None


@given(
    days=st.lists(CHANGES, min_size=3, max_size=WINDOW),
    today=CHANGES,
    left=st.integers(0, 30),
    more=COSTS,
    place=st.integers(-1, WINDOW - 1),
)
def test_more_spent_never_foretells_less(
    days: list[Decimal], today: Decimal, left: int, more: Decimal, place: int
) -> None:
    def told(days: list[Decimal], today: Decimal) -> Decimal | None:
        with localcontext(EXACT):
            one = Decimal(1)
            return forecast_of(
                series([str(day) for day in [one, *days]], str(today), left), None
            ).estimate

    with localcontext(EXACT):
        before = told(days, today)
        if place < 0:
            today += more
        else:
            days = [day + more if n == place % len(days) else day for n, day in enumerate(days)]
        after = told(days, today)

    assert before is not None
    assert after is not None
    assert after >= before


@given(days=st.lists(COSTS, min_size=3, max_size=WINDOW), today=COSTS, left=st.integers(0, 30))
def test_an_estimate_is_exact_and_rounded_once(
    days: list[Decimal], today: Decimal, left: int
) -> None:
    known = series([str(Decimal(1) if n == 0 else day) for n, day in enumerate(days)], str(today))
    known = replace(known, left=["2026-12-01"] * left)
    with localcontext(EXACT):  # as behind the doors, where rounding raises
        found = forecast_of(known, None)

    values = [Fraction(day) for _, day in known.before]
    mean = sum(values) / len(values)
    exact = Fraction(known.spent) + max(mean - Fraction(today), Fraction(0)) + mean * left
    with localcontext(Context(prec=100, rounding=ROUND_HALF_EVEN)):
        rounded = Decimal(round(exact * 10**6)).scaleb(-6)
    assert found.estimate == max(rounded, known.spent)
    assert found.low is not None
    assert found.high is not None
    assert known.spent <= found.low <= found.estimate <= found.high
