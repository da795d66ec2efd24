"""Stripes: which rows an account has, and what a process remembers of them."""

from dataclasses import replace

import pytest

from budget_monitor.adapters.dynamodb import striping as striping_module
from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting, whole
from budget_monitor.adapters.dynamodb.striping import Striping, total
from budget_monitor.domain.accounting.accounts import (
    Account,
    Move,
    system_key,
)
from tests.support.dynamodb.stripes import (
    ACME,
    AGENT,
    DAY,
    FLOW,
    FOUR,
    MODEL,
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

# Which rows an account has


def test_runs_and_days_elsewhere_are_one_row_and_shared_accounts_as_many_as_is_set() -> None:
    striping = Striping(FOUR)
    counts = [striping.count(one) for one in (SYSTEM, ACME, AGENT, MODEL, RUN, FLOW, DAY)]
    assert counts == [4, 3, 3, 3, 1, 1, 1]
    assert [Striping(Layout()).count(one) for one in (SYSTEM, ACME)] == [1, 1]


def test_every_row_of_an_account_is_read_and_each_once() -> None:
    expected = [SYSTEM._replace(stripe=stripe) for stripe in range(4)]
    assert Striping(FOUR).rows_of([SYSTEM, RUN, SYSTEM]) == [*expected, RUN]


def test_a_move_writes_one_row_and_a_second_one_where_it_opens_its_stripe() -> None:
    striping = Striping(FOUR)
    most = [striping.max_rows(one) for one in (SYSTEM, ACME, AGENT, MODEL, RUN)]
    assert most == [2, 2, 2, 2, 1]


def test_who_asks_for_room_on_an_account_known_to_be_over_reads_it_first() -> None:
    postings = {SYSTEM: cost("1", limit=usd("10"), within=True), RUN: cost("1")}
    assert knowing(OVER, 2).shut(postings) == {SYSTEM}
    assert knowing(UNDER, 2).shut(postings) == set()
    assert Striping(FOUR).shut(postings) == set()
    another_limit = {SYSTEM: cost("1", limit=usd("20"), within=True)}
    assert knowing(OVER, 2).shut(another_limit) == set()
    assert knowing(OVER, 2).shut({SYSTEM: cost("1", limit=usd("10"))}) == set()


def test_a_limit_above_the_level_needs_all_rows_and_so_they_are_read_first() -> None:
    postings = {SYSTEM: cost("1", limit=usd("10"), ceiling=usd("20"))}
    assert Striping(FOUR).shut(postings) == {SYSTEM}
    assert Striping(Layout()).shut(postings) == set()


def test_a_shared_row_that_said_no_may_have_meant_its_stripes() -> None:
    striping, within = Striping(Layout(4, 1)), cost("1", limit=usd("10"), within=True)
    assert striping.in_question(SYSTEM._replace(stripe=2), within)
    assert striping.in_question(ACME, cost("1"))
    assert not striping.in_question(ACME, within)
    assert not striping.in_question(RUN, cost("1"))


def test_a_row_belongs_to_its_account_however_many_rows_that_turned_out_to_have() -> None:
    striping, within = Striping(Layout(1, 1)), cost("1", limit=usd("10"), within=True)
    assert not striping.in_question(SYSTEM._replace(stripe=1), within)
    striping.learn({SYSTEM: Account(SYSTEM, level="2/10/under", seen=True)})
    assert striping.in_question(SYSTEM._replace(stripe=1), within)


def test_what_was_found_counts_more_than_the_settings() -> None:
    striping = Striping(FOUR)
    more = striping.learn({SYSTEM: Account(SYSTEM, level="8/10/under", seen=True)})
    assert more
    assert striping.count(SYSTEM) == 8
    assert not striping.learn({SYSTEM: Account(SYSTEM, level="8/10/under", seen=True)})


def test_an_account_of_one_row_is_learnt_where_the_settings_say_more() -> None:
    for set_ in (2, 4):
        striping = Striping(Layout(system=set_))
        assert not striping.learn({SYSTEM: Account(SYSTEM, level=None, seen=True)})
        assert striping.count(SYSTEM) == 1


@pytest.mark.parametrize(
    "row",
    [
        Account(SYSTEM, level="8/10/under", seen=False),
        Account(SYSTEM._replace(stripe=1), level="8/10/under", seen=True),
        Account(RUN, level="8/10/under", seen=True),
    ],
)
def test_nothing_is_learnt_from_rows_that_speak_for_no_shared_account(row: Account) -> None:
    striping = Striping(FOUR)
    assert not striping.learn({row.key: row})
    assert striping.count(SYSTEM) == 4
    assert striping.count(RUN) == 1


def test_rows_that_say_nothing_do_not_hide_the_one_that_has_more() -> None:
    striping = Striping(FOUR)
    found = {
        RUN: Account(RUN, seen=True),
        SYSTEM: Account(SYSTEM, level="8/10/under", seen=True),
        ACME: Account(ACME, level="3/5/under", seen=True),
    }
    assert striping.learn(found)
    assert (striping.count(SYSTEM), striping.count(ACME)) == (8, 3)


def test_a_process_forgets_before_it_remembers_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(striping_module, "_MAX_KNOWN", 2)
    striping = Striping(FOUR)
    months = [system_key(f"2026-0{month}") for month in (1, 2, 3)]
    for month in months[:2]:
        striping.learn({month: Account(month, level="8/10/under", seen=True)})
    assert [striping.count(one) for one in months] == [8, 8, 4]
    striping.learn({months[2]: Account(months[2], level="8/10/under", seen=True)})
    assert [striping.count(one) for one in months] == [4, 4, 8]


def test_an_account_is_the_sum_of_its_rows() -> None:
    found = rows("1", "2", "3")
    kept = [replace(found[0], lineage="in#"), *found[1:], Account(SYSTEM._replace(stripe=3))]
    assert total(SYSTEM, kept) == Account(
        SYSTEM, Move(spent=usd("6")), "in#", UNDER, usd("6"), seen=True
    )
    assert not total(SYSTEM, [Account(SYSTEM)]).seen


def test_an_account_of_one_row_is_bounded_by_its_limit() -> None:
    posting = cost(
        "3", limit=usd("10"), within=True, at_least=usd("1"), holds_below=5, lineage="in#"
    )
    expected = RowPosting(
        posting.move,
        committed_at_most=usd("7"),
        spent_at_least=usd("1"),
        holds_below=5,
        lineage="in#",
    )
    assert whole(posting, stripeable=False) == expected
    assert whole(posting, stripeable=True) == replace(expected, found=Found(None))
    assert whole(replace(posting, within=False), stripeable=False).committed_at_most is None
    assert whole(replace(posting, limit=None), stripeable=False).committed_at_most is None
    higher = replace(posting, within=False, ceiling=usd("20"))
    assert whole(higher, stripeable=False).committed_at_most == usd("17")
    assert Striping(Layout()).fast({RUN: posting}, "n") == {RUN: expected}
    one_row = replace(expected, found=Found(None))
    assert Striping(Layout()).fast({ACME: posting}, "n") == {ACME: one_row}


# What a write that succeeded proved


def test_what_was_written_is_remembered_stripe_by_stripe() -> None:
    striping = knowing(UNDER, 1)
    striping.wrote({SYSTEM._replace(stripe=3): RowPosting(Move(), found=Found(UNDER))})
    posting = cost("1", limit=usd("10"))
    for stripe, opened in ((1, True), (3, True), (2, False)):
        row = striping.fast({SYSTEM: posting}, name_for(stripe))[SYSTEM._replace(stripe=stripe)]
        assert row.found == Found(UNDER, or_new=not opened)


def test_rows_that_say_no_level_prove_none() -> None:
    striping = Striping(FOUR)
    striping.wrote({SYSTEM: RowPosting(Move(), found=Found(None)), RUN: RowPosting(Move())})
    assert striping.count(SYSTEM) == 4
    assert striping.count(RUN) == 1


def test_a_new_level_forgets_which_stripes_were_opened_at_the_old_one() -> None:
    striping = knowing(UNDER, 2)
    striping.wrote({SYSTEM: RowPosting(Move(), found=Found(UNDER), level=OVER)})
    row = striping.fast({SYSTEM: cost("1", limit=usd("10"))}, name_for(2))
    assert row[SYSTEM._replace(stripe=2)].found == Found(OVER, or_new=True)
    assert row[SYSTEM].level == OVER
