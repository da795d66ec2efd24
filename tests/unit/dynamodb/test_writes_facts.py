"""Facts are written once: entries, holds, names, and the one end of a hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from budget_monitor.domain.accounting.accounts import Move
from budget_monitor.domain.holds.reservations import (
    EXPIRED,
    OPEN,
    RELEASED,
    SETTLED,
    Extension,
    HoldEnd,
    HoldTransition,
    LateSettlement,
    Reservation,
)
from budget_monitor.domain.transactions import IdempotencyKey, Posting, Transaction
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import (
    ENTRY,
    HELD,
    LATER,
    NOW,
    RUN,
    SOON,
    RowStore,
    spending,
    store,
    stored,
    usd,
)

__all__ = ["store"]


def test_an_entry_a_hold_and_a_name_are_each_written_once(store: RowStore) -> None:
    named = IdempotencyKey("acme", "key-1", {"operation": "reserve"})
    for facts in ({"entries": (ENTRY,)}, {"opens": HELD}, {"idempotency": named}):
        assert store.post({}, **facts)
        assert not store.post({RUN: spending("1")}, **facts)
        assert store.refused == [None]
    assert store.entry("acme", "cost-1") == ENTRY
    assert store.reservation("acme", "r1") == HELD
    assert store.operation("acme", "key-1") == {"operation": "reserve"}
    assert store.accounts([RUN])[RUN].totals == Move()


def test_all_entries_of_a_batch_are_written(store: RowStore) -> None:
    other = replace(ENTRY, entry_id="cost-2")
    assert store.post({}, entries=(ENTRY, other))
    assert store.entries("acme", ["cost-1", "cost-2"]) == {"cost-1": ENTRY, "cost-2": other}


# The end of a hold


def test_a_settled_hold_keeps_its_end_and_is_no_longer_listed_as_open(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    assert store.post({}, opens=HELD)
    closing = HoldEnd(HELD, SETTLED, NOW, "cost-1")
    assert store.post({}, changes=closing)
    assert store.reservation("acme", "r1") == closing.result
    assert all("open_list" not in row for row in stored(memory_cloud, "ReservationsTable"))


def test_a_released_hold_has_no_entry_and_is_listed_as_released(
    store: RowStore, memory_cloud: MemoryCloud
) -> None:
    assert store.post({}, opens=HELD)
    assert store.post({}, changes=HoldEnd(HELD, RELEASED, NOW))
    ended = store.reservation("acme", "r1")
    assert ended == replace(HELD, state=RELEASED, resolved_at=NOW)
    (row,) = stored(memory_cloud, "ReservationsTable")
    assert row["state_list"] == "acme#released"


@pytest.mark.parametrize(
    "expected",
    [
        replace(HELD, hold=replace(HELD.hold, amount=usd("1"))),
        replace(HELD, expires_at=LATER),
        replace(HELD, hold=replace(HELD.hold, reservation_id="r2")),
    ],
)
def test_a_hold_that_is_not_as_it_is_believed_does_not_end(
    store: RowStore, expected: Reservation
) -> None:
    assert store.post({}, opens=HELD)
    assert not store.post({}, changes=HoldEnd(expected, RELEASED, NOW))
    assert store.reservation("acme", "r1") == HELD


@pytest.mark.parametrize("second", [SETTLED, RELEASED, EXPIRED])
def test_a_hold_ends_once(store: RowStore, second: str) -> None:
    assert store.post({}, opens=HELD)
    assert store.post({}, changes=HoldEnd(HELD, RELEASED, NOW))
    assert not store.post({}, changes=HoldEnd(HELD, second, LATER, "cost-1"))


@pytest.mark.parametrize("state", [RELEASED, EXPIRED])
def test_a_hold_that_ended_without_a_cost_is_settled_late_once(store: RowStore, state: str) -> None:
    ended = HoldEnd(HELD, state, NOW).result
    assert store.post({}, opens=HELD)
    assert store.post({}, changes=HoldEnd(HELD, state, NOW))
    assert store.post({}, changes=LateSettlement(ended, "cost-1"))
    assert store.reservation("acme", "r1") == replace(ended, entry_id="cost-1")
    assert not store.post({}, changes=LateSettlement(ended, "cost-2"))
    assert store.reservation("acme", "r1") == replace(ended, entry_id="cost-1")


@pytest.mark.parametrize("before", [None, HoldEnd(HELD, SETTLED, NOW)])
def test_an_open_or_a_settled_hold_is_not_settled_late(
    store: RowStore, before: HoldTransition | None
) -> None:
    assert store.post({}, opens=HELD)
    assert before is None or store.post({}, changes=before)
    assert not store.post({}, changes=LateSettlement(HELD, "cost-1"))


# More time for a hold


def extension(at: datetime, until: datetime, name: str = "r1") -> Extension:
    return Extension("acme", name, at, until)


@pytest.mark.parametrize(
    ("at", "until", "granted"),
    [
        (NOW, LATER, True),
        (SOON - timedelta(microseconds=1), LATER, True),
        (SOON, LATER, False),
        (NOW, SOON, False),
        (NOW, SOON + timedelta(microseconds=1), True),
        (NOW, SOON - timedelta(minutes=1), False),
        (NOW, NOW + timedelta(hours=48), True),
        (NOW, NOW + timedelta(hours=48, microseconds=1), False),
    ],
)
def test_a_running_hold_gets_more_time_up_to_two_days(
    store: RowStore, at: datetime, until: datetime, *, granted: bool
) -> None:
    assert store.post({}, opens=HELD)
    assert store.post({}, changes=extension(at, until)) is granted
    expected = replace(HELD, expires_at=until) if granted else HELD
    assert store.reservation("acme", "r1") == expected


def test_a_hold_that_ended_or_never_was_gets_no_more_time(store: RowStore) -> None:
    assert store.post({}, opens=HELD)
    assert not store.post({}, changes=extension(NOW, LATER, name="r2"))
    assert store.post({}, changes=HoldEnd(HELD, RELEASED, NOW))
    assert not store.post({}, changes=extension(NOW, LATER))
    assert store.reservation("acme", "r1") == replace(HELD, state=RELEASED, resolved_at=NOW)


def test_a_hold_is_open_until_it_ends(store: RowStore) -> None:
    assert store.commit(Transaction(opens=HELD, postings={RUN: Posting(Move(held=usd("1.5")))}))
    assert store.accounts([RUN])[RUN].totals.held == usd("1.5")
    held = store.reservation("acme", "r1")
    assert held is not None
    assert held.state == OPEN
