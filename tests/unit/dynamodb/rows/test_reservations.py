"""Rows of reservations and idempotency keys: read as written, and found in their lists."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.rows.reservations import (
    SHARDS,
    OperationRow,
    ReservationRow,
    open_list,
    reservation_name,
    shard_of,
)
from budget_monitor.domain.accounting.accounts import execution_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.reservations import SETTLED, Hold, Reservation
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.transactions import IdempotencyKey

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOON + timedelta(minutes=15)
HOLD = Hold(
    "r1",
    "acme",
    Labels(agent_execution_id="e1"),
    Decimal("1.5"),
    Booking("2026-11", "2026-11-22", moment=NOON),
    NOON,
    (execution_key("acme", "e1"),),
)
OPEN = Reservation(HOLD, SOON, {"estimated_cost_usd": "1.5"})


@pytest.mark.parametrize("reservation", [OPEN, replace(OPEN, would_block=("cap",))])
def test_an_open_reservation_is_read_as_it_was_written(reservation: Reservation) -> None:
    row = ReservationRow.of(reservation)
    assert row.to_domain() == reservation
    assert reservation_name(row.pk) == ("acme", "r1")
    assert row.open_list == open_list(shard_of("acme"))


def test_a_row_keeps_how_a_reservation_ended() -> None:
    row = ReservationRow.of(OPEN)
    row.state, row.entry_id, row.resolved_at = SETTLED, "c1", "2026-11-22T12:01:00.000000Z"
    ended = row.to_domain()
    assert (ended.state, ended.entry_id) == (SETTLED, "c1")
    assert ended.resolved_at == NOON + timedelta(minutes=1)


def test_only_what_a_shadow_would_refuse_is_in_the_shadows_list_of_its_day() -> None:
    assert ReservationRow.of(OPEN).shadow_list is None
    row = ReservationRow.of(replace(OPEN, would_block=("cap",)))
    assert (row.shadow_list, row.shadow_position) == (
        "acme#2026-11-22",
        "2026-11-22T12:00:00.000000Z#r1",
    )


def test_300_tenants_are_spread_over_all_16_lists() -> None:
    assert {shard_of(f"tenant-{n}") for n in range(300)} == set(range(SHARDS))


def test_an_idempotency_key_keeps_its_request_with_what_it_made() -> None:
    key = IdempotencyKey("acme", "k#1", {"cost_usd": "1"}, made={"entry_id": "c1"})
    row = OperationRow.of(key)
    assert row.pk == "acme#operation#k%231"
    assert row.request == {"cost_usd": "1", "entry_id": "c1"}
