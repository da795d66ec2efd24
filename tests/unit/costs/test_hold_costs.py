"""What a settlement and a draw book against a hold, and how it ends or goes on."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.holds.draws import Drawn
from budget_monitor.domain.holds.reservations import Hold, HoldDraw, HoldEnd, Reservation
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.units import Amounts
from budget_monitor.usecases.costs.hold_costs import Draw, Settle
from budget_monitor.usecases.prices.spent import Cost, Spent
from tests.support.times import instant

AT = instant("2026-11-22T10:00:00Z")
LABELS = Labels(agent_execution_id="run-1", workflow_execution_id="flow-1", agent="a", model="m")
ESTIMATE = Amounts(Decimal(2), 900, 600, 300, 3)
HOLD = Hold("hold", "acme", LABELS, Decimal(2), Booking("2026-11", "2026-11-22"), AT, ())
DRAWN = Drawn(1, Amounts(Decimal("0.5"), 700, 650, 50, 1))
COST = Cost(Spent(Decimal(1)), {})


def held(hold: Hold = HOLD, drawn: Drawn = DRAWN) -> Reservation:
    return Reservation(hold, AT, drawn=drawn)


def test_an_estimate_of_2_usd_and_900_tokens_less_a_draw_is_never_below_zero() -> None:
    order = Settle("acme", "hold", COST, at_estimate=True)
    spent = order.spent(held(replace(HOLD, estimate=ESTIMATE)))
    assert (spent.amount, spent.tokens) == (Decimal("1.5"), 200)
    assert spent.usage == {"input_tokens": 0, "output_tokens": 250, "calls": 2}
    assert order.spent(held()).usage is None


def test_a_draw_returns_its_cost_and_at_most_what_is_left() -> None:
    hold = replace(HOLD, estimate=ESTIMATE)
    taken = HoldDraw(held(hold), Amounts(Decimal(9), 100, 100, 0, 1)).returned
    assert taken == Amounts(Decimal("1.5"), 100, 0, 0, 1)
    assert HoldEnd(held(hold), "settled", AT).returned == Amounts(Decimal("1.5"), 200, 0, 250, 2)


def test_a_draw_is_of_the_holds_run_and_may_be_of_another_agent_and_model() -> None:
    said = Labels(agent_execution_id="run-1", agent="b", model="n", tags=("x",))
    labels = Draw("acme", "hold", COST, "draw", said).labels_of(HOLD)
    assert labels == replace(LABELS, agent="b", model="n", tags=("x",))
    assert Draw("acme", "hold", COST, "draw", Labels()).labels_of(HOLD) == LABELS


@pytest.mark.parametrize("name", ["agent_execution_id", "state_machine_execution_arn"])
def test_a_draw_of_another_run_is_refused(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Draw("acme", "hold", COST, "draw", Labels.load({name: "other"})).labels_of(HOLD)
    assert refused.value.field == name


def test_receipts_keep_what_was_drawn() -> None:
    for one in (held(), held(drawn=Drawn()), held(replace(HOLD, on_expiry="settle_at_estimate"))):
        assert Reservation.read("acme", "hold", one.receipt).drawn == one.drawn
        assert Reservation.read("acme", "hold", one.receipt).receipt == one.receipt
