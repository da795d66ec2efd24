"""Striped accounts of which this process has not seen all rows, or none has a level yet."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.layout import Layout
from budget_monitor.adapters.dynamodb.row_postings import Found
from budget_monitor.adapters.dynamodb.striping import Striping, complete, rows_as_found
from budget_monitor.domain.accounting.accounts import Account, AccountKey, tenant_key
from budget_monitor.domain.accounting.stripes import stripe_of
from budget_monitor.domain.transactions import Posting
from tests.support.dynamodb.stripes import ACME, FOUR, RUN, SYSTEM, cost, name_for

MONTH = tenant_key("acme", "2026-11")
FIRST = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 0)
SECOND_OF_TWO = next(name for name in map(str, range(9)) if stripe_of(name, 2) == 1)


def test_the_other_row_is_checked_without_a_level() -> None:
    rows = {one: Account(one) for one in (MONTH, MONTH._replace(stripe=1))}
    repair = Posting(follows=True, correction=Decimal(1), as_found=Account(MONTH))
    written = rows_as_found(
        Striping(Layout(tenant=2)), {MONTH: repair}, FIRST, lambda keys: {k: rows[k] for k in keys}
    )
    assert written is not None
    other = written[MONTH._replace(stripe=1)]
    assert (other.found, other.level) == (Found(None, or_new=True), None)


SECOND = SYSTEM._replace(stripe=1)
LONE_ROWS = Layout(system=4)


def written(*met: list[AccountKey]) -> list[AccountKey]:
    """Return the rows of a retry of a cost that has to open row 1 of the system's month."""
    postings = {SYSTEM: cost("1"), ACME: cost("1"), RUN: cost("1")}
    return [*Striping(LONE_ROWS).fast(postings, name_for(1), met)]


def test_a_retry_expects_its_row_to_exist_if_only_row_0_met_another_writer() -> None:
    assert written() == [SECOND, SYSTEM, ACME, RUN]
    assert written([SYSTEM]) == [SECOND, ACME, RUN]


@pytest.mark.parametrize("met", [[ACME], [SYSTEM, ACME], [SYSTEM, SECOND]])
def test_a_retry_opens_its_row_if_a_row_that_it_needs_met_another_writer(
    met: list[AccountKey],
) -> None:
    assert written(met) == written()
    assert written([SYSTEM], met) == written()


def test_the_second_of_two_rows_is_expected_to_exist_too() -> None:
    rows = Striping(Layout(system=2)).fast({SYSTEM: cost("1")}, SECOND_OF_TWO, [[SYSTEM]])
    assert [*rows] == [SECOND]


def test_a_wanted_row_that_was_not_found_is_all_zeros() -> None:
    assert complete([SYSTEM, SECOND], [Account(SYSTEM, committed=Decimal(2))]) == {
        SYSTEM: Account(SYSTEM, committed=Decimal(2)),
        SECOND: Account(SECOND),
    }


LAST = SYSTEM._replace(stripe=2)


@pytest.mark.parametrize(
    ("met", "rows_written"),
    [((), 2), (([SYSTEM],), 1), (([SYSTEM], [LAST]), 2), (([LAST], [SYSTEM]), 1)],
)
@pytest.mark.parametrize("stripe", [1, 3])
def test_after_a_conflict_at_row_0_alone_the_unseen_stripe_alone_is_written(
    met: tuple[list[AccountKey], ...], rows_written: int, stripe: int
) -> None:
    rows = Striping(FOUR).fast({SYSTEM: cost("1")}, name_for(stripe), met)
    assert len(rows) == rows_written
    found = rows[SYSTEM._replace(stripe=stripe)].found
    assert found is not None
    assert found.or_new is (rows_written == 2)


def test_row_0_of_an_unseen_account_may_be_new_after_any_conflict() -> None:
    rows = Striping(FOUR).fast({SYSTEM: cost("1")}, name_for(0), [[SYSTEM]])
    assert rows[SYSTEM].found == Found("4/none/under", or_new=True)
