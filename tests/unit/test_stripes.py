"""Stripes: however they are levelled, the sum is the sum and every stripe keeps its side."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.money import EXACT
from budget_monitor.domain.stripes import Level, level_after, levelled, split, stripe_of

USD = st.decimals(min_value=-1000, max_value=100_000, places=12)
COUNTS = st.integers(1, 32)


@given(USD, COUNTS)
def test_shares_add_up_to_the_limit_to_the_last_digit(amount: Decimal, count: int) -> None:
    with localcontext(EXACT):
        assert sum(split(amount, count)) == amount


@given(USD.filter(lambda limit: limit >= 0), st.lists(USD, min_size=2, max_size=16), USD)
def test_levelling_changes_the_sum_by_the_move_alone_and_leaves_no_stripe_on_the_wrong_side(
    limit: Decimal, committed: list[Decimal], change: Decimal
) -> None:
    with localcontext(EXACT):
        after = sum(committed) + change
        level = level_after(len(committed), limit, after)
        shifts = levelled(level, committed, change)
        reached = [before + shift.change for before, shift in zip(committed, shifts, strict=True)]

        assert sum(reached) == after
        assert level.over == (after > limit)
        for stripe, total in enumerate(reached):
            share = level.share(stripe)
            assert share is not None
            assert total >= share if level.over else total <= share


@given(USD.filter(lambda limit: limit >= 0), st.lists(USD, min_size=2, max_size=8), USD)
def test_what_others_do_meanwhile_within_the_bounds_breaks_nothing(
    limit: Decimal, committed: list[Decimal], change: Decimal
) -> None:
    with localcontext(EXACT):
        level = level_after(len(committed), limit, sum(committed) + change)
        for stripe, shift in enumerate(levelled(level, committed, change)):
            share = level.share(stripe)
            assert share is not None
            edge = shift.at_least if level.over else shift.at_most
            assert edge is not None
            assert edge + shift.change == share


@pytest.mark.parametrize("limit", [None, Decimal(0), Decimal(10000), Decimal("0.000000000001")])
@pytest.mark.parametrize("over", [True, False])
def test_a_level_is_read_as_it_was_written(limit: Decimal | None, *, over: bool) -> None:
    level = Level(16, limit, over)
    assert Level.parse(str(level)) == level


def test_operations_spread_over_all_stripes() -> None:
    assert {stripe_of(f"run-{number}", 16) for number in range(200)} == set(range(16))
