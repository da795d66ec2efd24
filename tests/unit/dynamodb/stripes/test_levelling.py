"""Levelling of one striped account: when it is needed, its limit, and where a hold counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.levelling import Levelling, places, room_for
from budget_monitor.adapters.dynamodb.row_postings import whole
from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, tenant_key
from budget_monitor.domain.accounting.stripes import Level, stripe_of
from budget_monitor.domain.transactions import Posting

MONTH = tenant_key("acme", "2026-11")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ZERO, TEN = Decimal(0), Decimal(10)
UNDER, OVER = Level(2, TEN), Level(2, TEN, over=True)
FIRST = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 0)
"""A name of an operation that goes to stripe 0 of 2."""


def stripes(
    *committed: str, level: Level | None = UNDER, holds: tuple[int, ...] = (0, 0)
) -> list[Account]:
    text = None if level is None else str(level)
    return [
        Account(
            MONTH._replace(stripe=place),
            Move(Decimal(amount), holds=holds[place]),
            level=text,
            committed=Decimal(amount),
        )
        for place, amount in enumerate(committed)
    ]


def plan(posting: Posting, found: list[Account]) -> Levelling:
    levelling = Levelling.of(posting, FIRST, found)
    assert levelling is not None
    return levelling


def test_a_posting_that_follows_keeps_the_limit_of_the_first_row_that_has_one() -> None:
    found = stripes("1", "1")
    follows = Posting(Move(Decimal(1)), follows=True, limit=Decimal(99))
    assert plan(follows, found).level == UNDER
    new = [replace(found[0], level=None), found[1]]
    assert plan(follows, new).level == UNDER
    assert plan(follows, stripes("1", "1", level=None)).level == Level(2, None)
    assert plan(replace(follows, follows=False), found).level == Level(2, Decimal(99))


@pytest.mark.parametrize(
    ("committed", "level", "needed"),
    [
        (("1", "1"), UNDER, False),
        (("1", "1"), None, False),
        (("4", "1"), UNDER, False),
        (("4.5", "1"), UNDER, True),
        (("1", "1"), OVER, True),
        (("6", "6"), OVER, False),
        (("6", "6"), UNDER, True),
        (("6", "6"), None, True),
        (("1", "1"), Level(2, Decimal(9)), True),
    ],
)
def test_levelling_1_more_usd_is_needed_where_levels_differ_or_the_stripe_is_full(
    committed: tuple[str, str],
    level: Level | None,
    needed: bool,  # noqa: FBT001 - a column of the table
) -> None:
    posting = Posting(Move(Decimal(1)), limit=TEN)
    assert plan(posting, stripes(*committed, level=level)).needed is needed


def test_a_single_row_needs_no_levelling_and_a_ceiling_always_does() -> None:
    posting = Posting(Move(Decimal(1)), limit=TEN, ceiling=Decimal(50))
    assert plan(posting, stripes("1", "1")).needed
    (alone,) = stripes("99")
    levelling = Levelling.of(Posting(Move(Decimal(1)), limit=TEN), FIRST, [alone])
    assert levelling is not None
    assert not levelling.needed


@pytest.mark.parametrize(
    ("change", "within", "over", "room"),
    [
        ("1", True, False, "4"),
        ("1", False, False, "4"),
        ("0", False, False, None),
        ("0", True, False, "5"),
        ("-1", False, False, None),
        ("-1", True, False, "6"),
        ("1", True, True, None),
    ],
)
def test_a_stripe_of_2_has_room_up_to_half_of_10_usd(
    change: str,
    within: bool,  # noqa: FBT001 - a column of the table
    over: bool,  # noqa: FBT001 - the same
    room: str | None,
) -> None:
    posting = Posting(Move(Decimal(change)), within=within)
    found = room_for(posting, replace(UNDER, over=over), 1)
    assert found == (None if room is None else Decimal(room))
    assert room_for(posting, Level(2, None), 1) is None


@pytest.mark.parametrize(
    ("most", "parts"), [(None, [None] * 3), (7, [3, 2, 2]), (2, [2, 0, 0]), (3, [1, 1, 1])]
)
def test_a_count_is_spread_over_3_stripes(most: int | None, parts: list[int | None]) -> None:
    assert [places(most, 3, stripe) for stripe in range(3)] == parts


@pytest.mark.parametrize(
    ("most", "holds", "stripe"),
    [(4, (1, 0), 0), (4, (2, 0), 1), (4, (2, 2), None), (1, (0, 0), 0), (3, (2, 0), 1)],
)
def test_a_hold_counts_on_its_stripe_or_on_one_that_has_room(
    most: int, holds: tuple[int, int], stripe: int | None
) -> None:
    posting = Posting(Move(held=Decimal(1), holds=1), limit=TEN, within=True, holds_below=most)
    found = Levelling.of(posting, FIRST, stripes("1", "1", holds=holds))
    assert (None if found is None else found.holds_at) == stripe


def test_with_one_hold_at_most_no_row_but_the_first_has_room_for_it() -> None:
    posting = Posting(Move(held=Decimal(1), holds=1), limit=TEN, within=True, holds_below=1)
    second = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 1)
    found = Levelling.of(posting, second, stripes("1", "1"))
    assert found is not None
    assert (found.at, found.holds_at) == (1, 0)


def test_a_release_alone_moves_nothing_before_it_is_written() -> None:
    release = Posting(Move(held=Decimal(-2)), limit=TEN)
    rows = plan(release, stripes("4", "1")).rows(MONTH)
    still = plan(release, stripes("4", "1")).rows(MONTH, moving=False)
    assert sum((one.shifted for one in rows.values()), ZERO) == 0
    assert rows[MONTH].move == Move(held=Decimal(-2))
    assert sum((one.shifted for one in still.values()), ZERO) == 0
    assert {one.move for one in still.values()} == {Move()}
    first, second = still[MONTH], still[MONTH._replace(stripe=1)]
    assert (first.shifted, second.shifted) == (Decimal("-1.5"), Decimal("1.5"))
    assert (first.committed_at_most, second.committed_at_most) == (
        Decimal("6.5"),
        Decimal("3.5"),
    )
    moved = rows[MONTH]
    assert (moved.shifted, moved.committed_at_most) == (Decimal("-0.5"), Decimal("7.5"))


def test_an_account_of_one_row_stores_what_the_posting_says_of_its_run() -> None:
    over = (AccountKey("acme", "budget", "b", "2026-11"),)
    posting = Posting(
        Move(Decimal(1)), name="crawler", asserts_name=True, began_at=NOON, began_over=over
    )
    row = whole(posting, stripeable=False)
    assert (row.name, row.asserts_name, row.began_over) == ("crawler", True, over)
    assert (row.began_at, row.found) == (NOON, None)
