"""Open holds over stripes: each row has a part of the places, and only their sum is full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from budget_monitor.adapters.dynamodb.row_postings import RowPosting
from budget_monitor.adapters.dynamodb.striping import Striping
from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.transactions import Posting
from tests.support.dynamodb.stripes import FOUR, SYSTEM, name_for, rows, usd

ROOMS = [3, 2, 2, 2]  # of nine places
ONE_MORE = Posting(Move(held=usd("1"), holds=1), usd("10"), within=True, holds_below=9)


def holding(*holds: int) -> list[Account]:
    """Four rows of 1 USD with so many open holds each."""
    found = rows("1", "1", "1", "1")
    return [
        replace(one, totals=replace(one.totals, holds=count))
        for one, count in zip(found, holds, strict=True)
    ]


def levelled(posting: Posting, *holds: int) -> Mapping[AccountKey, RowPosting] | None:
    """What is written where the operation's own row is the third."""
    return Striping(FOUR).slow({SYSTEM: posting}, name_for(2), {SYSTEM: holding(*holds)})


@pytest.mark.parametrize(
    ("holds", "place"),
    [((0, 0, 2, 0), 0), ((3, 0, 2, 0), 1), ((3, 2, 3, 0), 3), ((4, 1, 2, 1), 1), ((3, 2, 2, 1), 3)],
)
def test_a_new_hold_takes_a_free_place_elsewhere_where_its_own_row_has_none(
    holds: tuple[int, ...], place: int
) -> None:
    written = levelled(ONE_MORE, *holds)

    assert written is not None
    by_row = [written[SYSTEM._replace(stripe=one)] for one in range(4)]
    assert [one.move.holds for one in by_row] == [int(one == place) for one in range(4)]
    assert [one.move.held for one in by_row] == [usd("0"), usd("0"), usd("1"), usd("0")]
    assert [one.holds_below for one in by_row] == [
        ROOMS[one] if one == place else None for one in range(4)
    ]


def test_a_new_hold_takes_a_place_on_its_own_row_where_there_is_one() -> None:
    written = levelled(ONE_MORE, 3, 2, 1, 2)

    assert written is not None
    assert {row.stripe: one.move.holds for row, one in written.items() if one.move != Move()} == {
        2: 1
    }


@pytest.mark.parametrize("holds", [(3, 2, 2, 2), (9, 0, 0, 0)])
def test_no_hold_is_taken_where_the_sum_has_no_place(holds: tuple[int, ...]) -> None:
    assert levelled(ONE_MORE, *holds) is None


def test_a_hold_that_ends_leaves_its_own_row() -> None:
    written = levelled(Posting(Move(held=usd("-1"), holds=-1), usd("10")), 1, 1, 1, 1)

    assert written is not None
    assert {row.stripe: one.move.holds for row, one in written.items()} == {2: -1}
    assert all(one.holds_below is None for one in written.values())
