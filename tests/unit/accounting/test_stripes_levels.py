"""Levels: an account's limit, parted to the last digit over its stripes."""

from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.stripes import (
    Level,
    Shift,
    bounded,
    level_after,
    levelled,
    split,
    stripe_of,
)

OVER = "4/10/over"


def usd(text: str) -> Decimal:
    return Decimal(text)


def test_the_first_share_takes_what_cannot_be_parted() -> None:
    unit = usd("0.000000000001")
    assert split(usd("10"), 4) == [usd("2.5")] * 4
    assert split(usd("1"), 3) == [usd("0.333333333334"), *[usd("0.333333333333")] * 2]
    assert split(unit, 2) == [unit, 0]
    assert split(usd("5"), 1) == [usd("5")]


def test_a_level_is_written_as_count_limit_and_side() -> None:
    assert str(Level(4, usd("10.50"))) == "4/10.5/under"
    assert str(Level(4, usd("10"), over=True)) == OVER
    assert str(Level(16, None)) == "16/none/under"
    assert Level.parse("16/none/under") == Level(16, None, over=False)
    assert Level.parse(OVER) == Level(4, usd("10"), over=True)


def test_an_account_is_over_its_limit_only_above_it() -> None:
    assert level_after(4, usd("10"), usd("10")) == Level(4, usd("10"), over=False)
    assert level_after(4, usd("10"), usd("10.01")) == Level(4, usd("10"), over=True)
    assert level_after(4, None, usd("10.01")) == Level(4, None, over=False)


def test_a_stripe_has_its_share_of_the_limit() -> None:
    assert Level(3, usd("1")).share(0) == usd("0.333333333334")
    assert Level(3, usd("1")).share(2) == usd("0.333333333333")
    assert Level(3, None).share(0) is None


def test_the_stripe_of_a_name_never_changes() -> None:
    assert [stripe_of(name, 16) for name in ("run-1", "run-2", "é", "")] == [3, 9, 14, 0]


def test_levelling_spreads_the_room_that_is_left() -> None:
    shifts = levelled(Level(2, usd("10")), [usd("6"), usd("0")], usd("2"), 1)
    # 10 - 6 - 2 leaves 2: each stripe of 5 keeps a room of 1.
    assert shifts == [Shift(usd("-2"), at_most=usd("7")), Shift(usd("4"), at_most=usd("1"))]


def test_over_the_limit_the_change_is_one_stripes_and_has_no_bound() -> None:
    shifts = levelled(Level(2, usd("10"), over=True), [usd("6"), usd("4")], usd("4"), 1)
    assert shifts == [Shift(usd("0")), Shift(usd("4"))]


def test_bounds_leave_each_stripe_an_even_part_of_what_is_left() -> None:
    assert bounded([usd("6"), usd("0")], usd("10")) == [usd("8"), usd("2")]
    assert bounded([usd("6"), usd("5")], usd("10")) == [usd("5.5"), usd("4.5")]


@pytest.mark.parametrize("read", [1, 3])
def test_an_account_of_which_not_every_row_was_read_is_not_levelled(read: int) -> None:
    with pytest.raises(ValueError, match="zip"):
        levelled(Level(2, usd("10")), [usd("1")] * read, usd("1"), 0)


def test_without_a_limit_the_change_is_one_stripes() -> None:
    assert levelled(Level(3, None), [usd("1")] * 3, usd("2"), 1) == [
        Shift(usd("0")),
        Shift(usd("2")),
        Shift(usd("0")),
    ]
