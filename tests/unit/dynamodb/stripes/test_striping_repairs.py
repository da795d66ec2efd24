"""Repairs of striped accounts: every row is conditional on what was read, or nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.striping import Striping, rows_as_found
from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move, tenant_key
from budget_monitor.domain.accounting.stripes import Level, stripe_of
from budget_monitor.domain.transactions import Posting

MONTH, OTHER = tenant_key("acme", "2026-11"), tenant_key("globex", "2026-11")
LEVEL = str(Level(2, None))
FIRST = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 0)
ROWS = {
    MONTH: Account(MONTH, Move(Decimal(2)), level=LEVEL, committed=Decimal(2), seen=True),
    MONTH._replace(stripe=1): Account(MONTH._replace(stripe=1), Move(Decimal(1)), seen=False),
}
WHOLE = Account(MONTH, Move(Decimal(3)), committed=Decimal(2))
REPAIR = Posting(Move(Decimal("0.5")), follows=True, correction=Decimal(1), as_found=WHOLE)


def read(keys: Sequence[AccountKey]) -> Mapping[AccountKey, Account]:
    return {key: ROWS[key] for key in keys}


def repaired(posting: Posting) -> dict[AccountKey, RowPosting] | None:
    postings = {MONTH: posting, OTHER: Posting(Move(Decimal(7)))}
    return rows_as_found(Striping(Layout(tenant=2)), postings, FIRST, read)


def test_a_repair_asserts_each_row_as_it_was_read_and_moves_one() -> None:
    written = repaired(REPAIR)
    assert written is not None
    first, second = written[MONTH], written[MONTH._replace(stripe=1)]
    assert (first.move, first.shifted) == (Move(Decimal("0.5")), Decimal(1))
    assert first.as_found == ROWS[MONTH]
    assert second == RowPosting(
        Move(),
        listed=False,
        found=Found(LEVEL, or_new=True),
        level=LEVEL,
        as_found=ROWS[MONTH._replace(stripe=1)],
    )
    others = [row for key, row in written.items() if key.tenant_id == "globex"]
    assert others
    assert all(row.as_found is None for row in others)


@pytest.mark.parametrize(
    "then",
    [replace(WHOLE, totals=Move(Decimal(4))), replace(WHOLE, committed=Decimal(3))],
    ids=["spent", "committed"],
)
def test_a_repair_of_an_account_that_changed_since_writes_nothing(then: Account) -> None:
    assert repaired(replace(REPAIR, as_found=then)) is None


def test_a_repair_that_does_not_fit_writes_nothing() -> None:
    assert repaired(replace(REPAIR, follows=False, limit=Decimal(1), within=True)) is None


def test_a_repair_levels_one_account_or_none_that_does_not_fit() -> None:
    striping, stripes = Striping(Layout(tenant=2)), list(ROWS.values())
    assert striping.alone(MONTH, Posting(limit=Decimal(1), within=True), FIRST, stripes) is None
    rows = striping.alone(MONTH, Posting(Move(Decimal(1)), limit=Decimal(9)), FIRST, stripes)
    assert rows is not None
    assert set(rows) == set(ROWS)


@pytest.mark.parametrize(("tenant", "rows"), [(1, 1), (8, 8), (9, 8)])
def test_an_account_of_labels_has_at_most_8_stripes(tenant: int, rows: int) -> None:
    labelled = AccountKey("acme", "labelled", "tag user", "2026-11")
    assert Layout(tenant=tenant).count(labelled) == rows
    assert Layout(tenant=tenant).count(labelled._replace(period="run")) == 1


def test_two_accounts_of_two_stripes_have_both_their_rows_written() -> None:
    postings = {one: Posting(Move(Decimal(1))) for one in (MONTH, OTHER)}
    rows = Striping(Layout(tenant=2)).fast(postings, FIRST)
    assert set(rows) == {MONTH, OTHER}
    assert Striping(Layout(tenant=2)).shut(
        {MONTH: Posting(ceiling=Decimal(9)), OTHER: Posting()}
    ) == {MONTH}


def test_the_rows_that_were_found_at_their_level_are_written_as_opened() -> None:
    striping = Striping(Layout(tenant=2))
    found = [replace(one, level=LEVEL) for one in ROWS.values()]
    second = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 1)
    rows = striping.slow({MONTH: Posting(Move(Decimal(1)))}, second, {MONTH: found})
    assert rows is not None
    assert set(rows) == {MONTH._replace(stripe=1)}
    assert rows[MONTH._replace(stripe=1)].level is None


def test_two_accounts_over_their_level_are_both_levelled() -> None:
    found = {
        account: [
            replace(row, key=account._replace(stripe=place), level=None, committed=Decimal(9))
            for place, row in enumerate(ROWS.values())
        ]
        for account in (MONTH, OTHER)
    }
    posting = Posting(Move(Decimal(1)), limit=Decimal(10))
    rows = Striping(Layout(tenant=2)).slow({MONTH: posting, OTHER: posting}, FIRST, found)
    assert rows is not None
    assert set(rows) == {one._replace(stripe=n) for one in (MONTH, OTHER) for n in (0, 1)}
