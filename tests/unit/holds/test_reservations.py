"""A receipt tells a hold to the last digit, and nothing else passes for one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.accounts import execution_key, system_key, tenant_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.reservations import Hold, Reservation
from budget_monitor.domain.periods import Booking, parse_instant

NOW = parse_instant("2026-11-22T10:00:00Z", "now")


def a_reservation(amount: str = "1.5", agent: str | None = "planner") -> Reservation:
    hold = Hold(
        reservation_id="r1",
        tenant_id="acme",
        labels=Labels(agent_execution_id="e1", agent=agent, tags=("red", "blue")),
        amount=Decimal(amount),
        booking=Booking("2026-11", "2026-11-22"),
        created_at=NOW,
        accounts=(
            execution_key("acme", "e1"),
            tenant_key("acme", "2026-11"),
            system_key("2026-11"),
        ),
    )
    return Reservation(hold, NOW + timedelta(minutes=15))


@given(
    st.decimals(min_value=0, max_value=999, places=12),
    st.text(min_size=1, max_size=256).filter(lambda name: name.isprintable()),
)
def test_a_receipt_is_read_back_as_the_hold_that_it_is(amount: Decimal, agent: str) -> None:
    reservation = a_reservation(f"{amount:f}", agent)
    assert Reservation.read("acme", "r1", reservation.receipt) == reservation


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text[:-1],
        lambda text: text.replace("1.5", "1.50"),
        lambda text: text.replace("1.5", "NaN"),
        lambda text: text.replace("1.5", "-1.5"),
        lambda text: text.replace("1.5", "1e3"),
        lambda text: text.replace('"accounts":[', '"accounts":["x",'),
        lambda text: text.replace('"agent"', '"nobody"'),
        lambda text: text.replace("2026-11-22T10:15", "2026-11-22 10:15"),
        lambda _: "",
        lambda _: "null",
        lambda _: "2026-11-22T10:15:00.000000Z []",
        lambda _: '2026-11-22T10:15:00.000000Z {"labels":1}',
    ],
)
def test_what_no_hold_wrote_is_no_receipt(change: st.DataObject) -> None:
    with pytest.raises(ValueError, match="not"):
        Reservation.read("acme", "r1", change(a_reservation().receipt))  # type: ignore[operator]


def test_a_hold_whose_time_ran_out_counts_as_expired_before_anybody_swept_it() -> None:
    reservation = a_reservation()
    assert reservation.state_at(NOW) == "open"
    assert reservation.state_at(reservation.expires_at) == "expired"
