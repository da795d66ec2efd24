"""The facts of a hold: its prices, its instant and its accounts."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey, tenant_key
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.holds.reservations import Hold
from budget_monitor.domain.periods import Booking

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOVEMBER = Booking("2026-11", "2026-11-22")
LABELS = Labels(agent_execution_id="e1")
ACME = tenant_key("acme", "2026-11")
HOLD = Hold("r1", "acme", LABELS, Decimal("1.5"), NOVEMBER, NOON, (ACME,))


def test_a_hold_keeps_by_which_prices_its_amount_was_computed() -> None:
    priced = replace(HOLD, quote={"source": "system"})
    assert priced.facts == HOLD.facts[:-1] + ',"quote":{"source":"system"}}'
    assert Hold.read("acme", "r1", priced.facts) == priced


def test_a_hold_is_booked_in_the_moment_that_it_was_made() -> None:
    assert Hold.read("acme", "r1", HOLD.facts).booking.moment == NOON


@pytest.mark.parametrize(
    ("account", "own"),
    [
        (AccountKey("*", "budget", "all#system#", "2026-11"), True),
        (AccountKey("globex", "budget", "nightly#agent#", "2026-11"), False),
    ],
)
def test_a_hold_has_the_systems_custom_budgets_and_no_other_tenants(
    account: AccountKey, *, own: bool
) -> None:
    assert replace(HOLD, accounts=(ACME, account)).is_own is own
