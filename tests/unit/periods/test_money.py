"""Money is exact, and what is not money is refused."""

from decimal import Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import EXACT, parse_amount, percent, render

AMOUNTS = st.decimals(min_value=0, max_value=Decimal("999999999999.999999999999"), places=12)


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("0", "0"),
        ("1.00", "1"),
        ("0.000075", "0.000075"),
        ("007.50", "7.5"),
        ("999999999999.999999999999", "999999999999.999999999999"),
        (12, "12"),
        (0.1, "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-12"), "0.000000000001"),
    ],
)
def test_an_amount_is_read_to_the_last_digit(written: object, amount: str) -> None:
    assert render(parse_amount(written, "cost_usd")) == amount


@pytest.mark.parametrize(
    "written",
    [
        "",
        ".5",
        "5.",
        "+5",
        "1e3",
        "1_000",
        "\uff11\uff12",
        " 5\n",
        "5 USD",
        "NaN",
        "Infinity",
        "-1",
        "0.0000000000001",
        "1000000000000",
        True,
        None,
        [],
        float("nan"),
        float("inf"),
        0.1 + 0.2,
        -1,
        10**400,
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("-Infinity"),
        Decimal("1E+400"),
        Decimal("1E-400"),
        Decimal("0." + "1" * 100),
    ],
)
def test_what_is_no_amount_is_refused_by_its_field(written: object) -> None:
    with localcontext(EXACT), pytest.raises(ValidationError) as refused:
        parse_amount(written, "cost_usd")
    assert refused.value.field == "cost_usd"


def test_only_an_adjustment_may_be_negative() -> None:
    assert parse_amount("-2.50", "amount_usd", signed=True) == Decimal("-2.5")


@given(AMOUNTS)
def test_what_is_written_is_read_back_the_same(amount: Decimal) -> None:
    assert parse_amount(render(amount), "cost_usd") == amount


@given(AMOUNTS)
def test_an_amount_is_never_written_with_an_exponent_or_needless_zeros(amount: Decimal) -> None:
    text = render(amount)
    assert "E" not in text
    assert not ("." in text and text.endswith(("0", ".")))


def test_ten_thousand_times_a_ten_thousandth_is_one() -> None:
    total = Decimal(0)
    with localcontext(EXACT):
        for _ in range(10_000):
            total += parse_amount("0.0001", "cost_usd")
    assert render(total) == "1"


def test_a_sum_that_would_have_to_be_rounded_raises_instead() -> None:
    with localcontext(EXACT), pytest.raises(Inexact):
        Decimal(10) ** 30 + Decimal("0.000000000001")


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        ("950", "1000", "95"),
        ("1", "3", "33.33"),
        ("0.125", "100", "0.12"),
        ("0.375", "100", "0.38"),
        ("0", "0", "0"),
        ("1", "0", "100"),
        ("12", "10", "120"),
        ("-5", "100", "-5"),
    ],
)
def test_percents_have_two_decimals_half_even_and_no_needless_zeros(
    part: str, whole: str, shown: str
) -> None:
    with localcontext(EXACT):
        assert percent(Decimal(part), Decimal(whole)) == shown
