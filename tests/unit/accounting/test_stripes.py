"""Stripes: however they are levelled, the sum is the sum and every stripe keeps its side."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.stripes import (
    Level,
    bounded,
    level_after,
    levelled,
    split,
    stripe_of,
)
from budget_monitor.domain.money import EXACT

USD = st.decimals(min_value=-1000, max_value=100_000, places=12)
COUNTS = st.integers(1, 32)


@given(USD, COUNTS)
def test_shares_add_up_to_the_limit_to_the_last_digit(amount: Decimal, count: int) -> None:
    with localcontext(EXACT):
        assert sum(split(amount, count)) == amount


LIMITS, STRIPES = USD.filter(lambda limit: limit >= 0), st.lists(USD, min_size=2, max_size=16)


@given(LIMITS, STRIPES, USD, st.integers(0, 15))
def test_levelling_changes_the_sum_by_the_move_alone_and_leaves_none_above_its_share_under_a_limit(
    limit: Decimal, committed: list[Decimal], change: Decimal, place: int
) -> None:
    with localcontext(EXACT):
        after, at = sum(committed) + change, place % len(committed)
        level = level_after(len(committed), limit, after)
        shifts = levelled(level, committed, change, at)
        reached = [before + shift.change for before, shift in zip(committed, shifts, strict=True)]

        assert sum(reached) == after
        assert level.over == (after > limit)
        if level.over:
            assert [n for n, one in enumerate(shifts) if one.change] == ([at] if change else [])
        else:
            shares = split(limit, len(committed))
            assert all(total <= share for total, share in zip(reached, shares, strict=True))


@given(LIMITS, STRIPES, USD)
def test_what_others_do_meanwhile_within_the_bounds_breaks_nothing(
    limit: Decimal, committed: list[Decimal], change: Decimal
) -> None:
    with localcontext(EXACT):
        level = level_after(len(committed), limit, sum(committed) + change)
        shifts = levelled(level, committed, change, 0)
        for share, shift in zip(split(limit, len(committed)), shifts, strict=True):
            edge = shift.at_most
            assert edge is None if level.over else edge is not None
            assert edge is None or edge + shift.change == share


@given(USD, STRIPES)
def test_bounds_add_up_to_the_most_that_all_may_carry(
    most: Decimal, committed: list[Decimal]
) -> None:
    with localcontext(EXACT):
        assert sum(bounded(committed, most)) == most


@pytest.mark.parametrize("limit", [None, Decimal(0), Decimal(10000), Decimal("0.000000000001")])
@pytest.mark.parametrize("over", [True, False])
def test_a_level_is_read_as_it_was_written(limit: Decimal | None, *, over: bool) -> None:
    level = Level(16, limit, over)
    assert Level.parse(str(level)) == level


def test_operations_spread_over_all_stripes() -> None:
    assert {stripe_of(f"run-{number}", 16) for number in range(200)} == set(range(16))
