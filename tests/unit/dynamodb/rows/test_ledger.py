"""Rows of ledger entries: read as they were written, with the instant of their booking."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.rows.ledger import EntryRow
from budget_monitor.domain.accounting.accounts import execution_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.costs.ledger import CONFIRMED, COST, LATE, QUARANTINED, Entry, Review
from budget_monitor.domain.periods import Booking

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=40)
ENTRY = Entry(
    entry_id="c#1",
    tenant_id="acme",
    kind=COST,
    labels=Labels("e1", "w1", tags=("nightly",)),
    amount=Decimal("0.000000000001"),
    booking=Booking("2026-11", "2026-11-22", moment=NOON),
    occurred_at=NOON,
    recorded_at=LATER,
    request={"cost_usd": "0.000000000001"},
    tokens=7,
    input_tokens=4,
    output_tokens=3,
    usage={"input_tokens": 4},
    price={"source": "system"},
    moved=(execution_key("acme", "e1"),),
)
REVIEW = Review(CONFIRMED, "maria", "checked", LATER)
LATE_BOOKING = Booking("2027-01", "2027-01-01", late=True, happened_on="2026-11-22", moment=LATER)


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY,
        replace(ENTRY, usage=None, price=None, reservation_id="r1"),
        replace(ENTRY, booking=LATE_BOOKING, flags=(LATE,)),
        replace(ENTRY, flags=(QUARANTINED,), moved=()),
        replace(ENTRY, review=REVIEW),
        replace(ENTRY, booking=replace(ENTRY.booking, moment=NOON + timedelta(hours=1))),
    ],
    ids=["plain", "without usage", "late", "quarantined", "confirmed", "booked elsewhere"],
)
def test_an_entry_is_read_as_it_was_written(entry: Entry) -> None:
    found = EntryRow.of(entry).to_domain()
    assert found == entry
    assert found.booking.moment == entry.booking.moment


def test_the_lists_of_an_entry_are_its_day_its_execution_and_its_workflow() -> None:
    row = EntryRow.of(ENTRY)
    assert row.pk == "acme#entry#c%231"
    assert (row.day_list, row.execution_list, row.workflow_list) == (
        "acme#2026-11-22",
        "acme#e1",
        "acme#w1",
    )
    alone = EntryRow.of(replace(ENTRY, labels=Labels(workflow_execution_id="w1")))
    assert alone.execution_list is None


def test_an_older_row_has_its_tokens_only_in_its_usage() -> None:
    row = EntryRow.of(ENTRY)
    row.input_tokens = row.output_tokens = None
    found = row.to_domain()
    assert (found.input_tokens, found.output_tokens) == (4, 0)
