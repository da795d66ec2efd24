"""A write that requires unchanged counters: it fails if any counter of the row has changed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.row_postings import RowPosting
from budget_monitor.domain.accounting.accounts import Account, Move
from tests.unit.dynamodb.test_writes import ACME, RowStore, spending, store

__all__ = ["store"]

MOVE = Move(Decimal(2), Decimal(1), holds=1, entries=3)
FOUND = Account(ACME, MOVE, committed=Decimal(3), seen=True)


def write(store: RowStore, found: Account) -> bool:
    return store.post({ACME: RowPosting(Move(entries=1), as_found=found)})


def test_a_row_with_the_same_counters_is_written_and_absent_counters_are_zero(
    store: RowStore,
) -> None:
    assert store.post({ACME: RowPosting(MOVE)})
    assert write(store, FOUND)


def test_a_new_account_is_written_if_it_was_found_empty(store: RowStore) -> None:
    assert write(store, Account(ACME))
    assert not write(store, Account(ACME))


@pytest.mark.parametrize(
    "other",
    [
        replace(FOUND, totals=replace(MOVE, spent=Decimal("2.000001"))),
        replace(FOUND, totals=replace(MOVE, tokens=1)),
        replace(FOUND, totals=replace(MOVE, holds=0)),
        replace(FOUND, committed=Decimal(4)),
    ],
    ids=["spent", "tokens", "holds", "committed"],
)
def test_a_row_that_differs_in_one_counter_is_refused(store: RowStore, other: Account) -> None:
    assert store.post({ACME: RowPosting(MOVE)})
    assert not write(store, other)


def test_a_cost_between_the_read_and_the_write_is_refused(store: RowStore) -> None:
    assert store.post({ACME: RowPosting(MOVE)})
    assert store.post({ACME: spending("0.5")})
    assert not write(store, FOUND)
