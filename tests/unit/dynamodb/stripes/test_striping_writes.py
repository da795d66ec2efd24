"""Striped writes: the posting of each row below, above and across the limit."""

from dataclasses import replace

import pytest

from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting, whole
from budget_monitor.adapters.dynamodb.striping import Striping
from budget_monitor.domain.accounting.accounts import (
    Account,
    Move,
)
from tests.support.dynamodb.stripes import (
    AGENT,
    FOUR,
    OVER,
    RUN,
    SYSTEM,
    UNDER,
    cost,
    knowing,
    name_for,
    rows,
    usd,
)

# The fast write


def test_the_first_write_to_a_stripe_says_the_level_there_and_on_the_first_row() -> None:
    posting = cost("1", limit=usd("10"), within=True, holds_below=9, lineage="in#")
    found = Found(UNDER, or_new=True)
    first = RowPosting(
        posting.move,
        committed_at_most=usd("1.5"),
        holds_below=3,
        lineage="in#",
        found=found,
        level=UNDER,
    )
    assert Striping(FOUR).fast({SYSTEM: posting}, name_for(0)) == {SYSTEM: first}
    assert Striping(FOUR).fast({SYSTEM: posting}, name_for(2)) == {
        SYSTEM._replace(stripe=2): replace(first, holds_below=2),
        SYSTEM: RowPosting(Move(), found=found, level=UNDER),
    }


def test_a_stripe_that_was_written_before_is_expected_as_it_was() -> None:
    written = knowing(UNDER, 2).fast({SYSTEM: cost("1", limit=usd("10"))}, name_for(2))
    assert written == {
        SYSTEM._replace(stripe=2): RowPosting(
            Move(spent=usd("1")), committed_at_most=usd("1.5"), found=Found(UNDER)
        )
    }


def test_another_stripe_than_those_written_before_is_opened() -> None:
    written = knowing(UNDER, 2).fast({SYSTEM: cost("1", limit=usd("10"))}, name_for(3))
    assert set(written) == {SYSTEM, SYSTEM._replace(stripe=3)}
    assert {one.level for one in written.values()} == {UNDER}


def test_another_limit_than_the_remembered_one_is_another_level() -> None:
    written = knowing(OVER, 2).fast({SYSTEM: cost("1", limit=usd("20"))}, name_for(2))
    assert {one.level for one in written.values()} == {"4/20/under"}
    assert written[SYSTEM._replace(stripe=2)].found == Found("4/20/under", or_new=True)


@pytest.mark.parametrize(
    ("level", "change", "within", "most", "expected"),
    [
        (UNDER, "1", True, "1.5", UNDER),
        (UNDER, "1", False, "1.5", UNDER),
        (UNDER, "-1", False, None, UNDER),
        (UNDER, "0", False, None, UNDER),
        (UNDER, "0", True, "2.5", UNDER),
        (OVER, "1", False, None, OVER),
        (OVER, "-1", False, None, OVER),
        (OVER, "0", False, None, OVER),
        (OVER, "1", True, "1.5", UNDER),
        (OVER, "0", True, "2.5", UNDER),
    ],
)
def test_a_stripe_under_its_limit_keeps_to_its_share_and_grants_nothing_over_it(
    level: str, change: str, most: str | None, expected: str, *, within: bool
) -> None:
    posting = cost(change, limit=usd("10"), within=within)
    row = knowing(level, 2).fast({SYSTEM: posting}, name_for(2))[SYSTEM._replace(stripe=2)]
    assert row.committed_at_most == (None if most is None else usd(most))
    assert row.found == Found(expected, or_new=expected != level)


def test_who_does_not_know_the_limit_follows_the_level_that_was_found() -> None:
    for level, most in ((UNDER, usd("1.5")), (OVER, None)):
        row = knowing(level, 2).fast({SYSTEM: cost("1", follows=True)}, name_for(2))
        assert row[SYSTEM._replace(stripe=2)].found == Found(level)
        assert row[SYSTEM._replace(stripe=2)].committed_at_most == most


def test_without_a_limit_a_stripe_has_no_bounds() -> None:
    row = Striping(FOUR).fast({SYSTEM: cost("1")}, name_for(0))[SYSTEM]
    assert row.committed_at_most is None
    assert row.level == "4/none/under"


# The slow write


def test_levelling_writes_every_row_and_the_move_itself_to_one() -> None:
    posting = cost("2", limit=usd("10"), within=True, holds_below=9, lineage="in#")
    stripes = rows("1", "4", level="2/10/under")
    written = Striping(FOUR).slow({SYSTEM: posting}, name_for(1, 2), {SYSTEM: stripes})
    assert written == {
        SYSTEM: RowPosting(
            Move(),
            shifted=usd("2.5"),
            committed_at_most=usd("2.5"),
            found=Found("2/10/under"),
            level="2/10/under",
        ),
        SYSTEM._replace(stripe=1): RowPosting(
            posting.move,
            shifted=usd("-2.5"),
            committed_at_most=usd("5.5"),
            holds_below=4,
            lineage="in#",
            found=Found("2/10/under"),
            level="2/10/under",
        ),
    }


@pytest.mark.parametrize(("open_", "fits"), [(4, True), (5, False)])
def test_the_open_holds_of_all_stripes_are_counted_together(open_: int, *, fits: bool) -> None:
    posting = cost("1", holds_below=9)
    stripes = [
        replace(one, totals=Move(holds=n))
        for one, n in zip(rows("1", "1"), (4, open_), strict=True)
    ]
    written = Striping(FOUR).slow({SYSTEM: posting}, name_for(0, 2), {SYSTEM: stripes})
    assert (written is not None) is fits
    assert written is None or len(written) == 2


def test_a_correction_changes_what_is_committed_and_nothing_else() -> None:
    posting = cost("1", limit=usd("10"), within=True, correction=usd("0.5"))
    assert posting.change == usd("1.5")
    one_row = whole(posting, stripeable=False)
    assert (one_row.committed_at_most, one_row.shifted) == (usd("8.5"), usd("0.5"))
    fast = Striping(FOUR).fast({SYSTEM: posting}, name_for(0))[SYSTEM]
    assert (fast.committed_at_most, fast.shifted) == (usd("1"), usd("0.5"))
    slow = Striping(FOUR).slow({SYSTEM: posting}, name_for(0, 2), {SYSTEM: rows("1", "1")})
    assert slow is not None
    assert sum(row.move.committed + row.shifted for row in slow.values()) == usd("1.5")


def test_a_cost_that_crosses_the_limit_says_so_on_every_row_and_stays_on_its_own() -> None:
    stripes = rows("4", "5", level="2/10/under")
    written = Striping(FOUR).slow(
        {SYSTEM: cost("3", limit=usd("10"))}, name_for(0, 2), {SYSTEM: stripes}
    )
    assert written is not None
    assert [one.level for one in written.values()] == ["2/10/over"] * 2
    assert [one.committed_at_most for one in written.values()] == [None, None]
    reached = [one.move.committed + one.shifted for one in written.values()]
    assert reached == [usd("3"), usd("0")]


def test_a_credit_leaves_an_account_over_until_a_request_asks_for_room() -> None:
    stripes = rows("8", "5", level="2/10/over")
    written = knowing("2/10/over", 0, 1).slow(
        {SYSTEM: cost("-5", limit=usd("10"))}, name_for(0, 2), {SYSTEM: stripes}
    )
    assert written == {SYSTEM: RowPosting(Move(spent=usd("-5")), found=Found("2/10/over"))}
    asking = cost("1", limit=usd("10"), within=True)
    stripes = rows("3", "5", level="2/10/over")
    written = Striping(FOUR).slow({SYSTEM: asking}, name_for(0, 2), {SYSTEM: stripes})
    assert written is not None
    assert [one.level for one in written.values()] == ["2/10/under"] * 2


@pytest.mark.parametrize(("ceiling", "fits"), [("13", True), ("12.99", False)])
def test_a_limit_above_the_level_is_kept_by_bounds_on_all_rows(ceiling: str, *, fits: bool) -> None:
    posting = cost("1", limit=usd("10"), ceiling=usd(ceiling))
    stripes = rows("7", "5", level="2/10/over")
    written = Striping(FOUR).slow({SYSTEM: posting}, name_for(0, 2), {SYSTEM: stripes})
    assert (written is not None) is fits
    if written:
        assert [one.committed_at_most for one in written.values()] == [usd("7"), usd("5")]
        assert [one.level for one in written.values()] == ["2/10/over"] * 2


def test_levelling_alone_moves_no_money_and_leaves_room_for_the_move() -> None:
    posting = cost("2", limit=usd("10"), watched=True, lineage="in#")
    written = Striping(FOUR).alone(SYSTEM, posting, name_for(1, 2), rows("6", "0"))
    assert written is not None
    assert {one.move for one in written.values()} == {Move()}
    assert [one.shifted for one in written.values()] == [usd("-2"), usd("2")]
    assert [one.committed_at_most for one in written.values()] == [usd("7"), usd("1")]
    assert [(one.watched, one.lineage) for one in written.values()] == [(False, None)] * 2


def test_levelling_alone_before_a_credit_leaves_no_stripe_above_its_share() -> None:
    posting = cost("-9", limit=usd("10"))
    written = Striping(FOUR).alone(SYSTEM, posting, name_for(1, 2), rows("6", "3"))
    assert written is not None
    assert [one.shifted for one in written.values()] == [usd("-1.5"), usd("1.5")]


def test_levelling_finds_each_row_as_it_was() -> None:
    stripes = [*rows("1", level="2/none/under"), Account(SYSTEM._replace(stripe=1))]
    written = Striping(FOUR).slow(
        {SYSTEM: cost("1", limit=usd("10"))}, name_for(0, 2), {SYSTEM: stripes}
    )
    assert written is not None
    assert [one.found for one in written.values()] == [Found("2/none/under"), Found(None)]


@pytest.mark.parametrize(("asked", "fits"), [("1", True), ("1.000000000001", False)])
def test_what_the_sum_has_no_room_for_is_not_levelled(asked: str, *, fits: bool) -> None:
    posting = cost(asked, limit=usd("10"), within=True)
    postings = {SYSTEM: posting, RUN: cost(asked)}
    written = Striping(FOUR).slow(postings, "n", {SYSTEM: rows("4", "5", level="2/10/under")})
    assert (written is not None) is fits


def test_accounts_that_need_no_levelling_are_written_as_ever() -> None:
    postings = {SYSTEM: cost("1", limit=usd("10")), RUN: cost("1"), AGENT: cost("1")}
    striping, found = Striping(FOUR), {SYSTEM: rows("5", "5", level="2/10/under")}
    others = striping.fast({RUN: postings[RUN], AGENT: postings[AGENT]}, "n")
    written = striping.slow(postings, "n", found)
    assert written is not None
    assert {k: v for k, v in written.items() if k.scope != "system"} == others
    assert len([one for one in written if one.scope == "system"]) == 2


@pytest.mark.parametrize(
    ("limit", "levels", "levelled_all"),
    [
        (None, ("2/none/under", "2/none/under"), False),
        (None, ("2/none/under", None), False),
        (None, ("2/10/under", "2/10/under"), True),
        (None, ("2/none/under", "2/10/under"), True),
        ("10", ("2/none/under", "2/none/under"), True),
        ("10", ("2/10/under",), False),
        (None, ("1/10/under",), False),
    ],
)
def test_only_rows_with_a_limit_or_that_still_say_one_are_levelled(
    limit: str | None, levels: tuple[str | None, ...], *, levelled_all: bool
) -> None:
    stripes = [
        replace(one, level=level) for one, level in zip(rows("1", "1"), levels, strict=False)
    ]
    posting = cost("1", limit=None if limit is None else usd(limit))
    striping = Striping(Layout(2, 1))
    written = striping.slow({SYSTEM: posting}, name_for(0, 2), {SYSTEM: stripes})
    assert (written != striping.fast({SYSTEM: posting}, name_for(0, 2))) is levelled_all
