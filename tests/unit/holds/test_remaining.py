"""What is left: the least of the gates that can refuse, in each unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import Move, tenant_key
from budget_monitor.domain.holds.remaining import fits, remaining
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.units import Amounts

MONTH = tenant_key("acme", "2026-11")


def standing(
    limit: int | None, committed: int, unit: str = "usd", *, private: bool = False, **fields: str
) -> Standing:
    budget = Budget("b", "tenant", None if limit is None else Decimal(limit), unit=unit, **fields)  # type: ignore[arg-type]
    gate = Gate(budget, MONTH._replace(unit=unit), private=private)
    return Standing(gate, Move(Decimal(committed)))


NONE = {"usd": None, "tokens": None, "input_tokens": None, "output_tokens": None, "calls": None}


def test_the_least_of_10_and_3_usd_and_of_60_tokens_is_left() -> None:
    found = remaining([standing(20, 10), standing(5, 2), standing(100, 40, "tokens")])
    assert found == {**NONE, "usd": Decimal(3), "tokens": Decimal(60)}


def test_an_overrun_leaves_0_and_not_less() -> None:
    assert remaining([standing(5, 9)])["usd"] == 0


@pytest.mark.parametrize(
    "one",
    [
        standing(None, 9),
        standing(5, 4, action="alert"),
        standing(5, 4, enforcement="shadow"),
        standing(5, 4, private=True),
    ],
)
def test_a_gate_without_a_limit_that_cannot_refuse_or_is_private_says_nothing(
    one: Standing,
) -> None:
    assert remaining([one]) == NONE
    assert remaining([]) == NONE


def test_private_gates_count_where_they_are_asked_for() -> None:
    assert remaining([standing(5, 4, private=True)], with_private=True)["usd"] == 1


@pytest.mark.parametrize(
    ("usd", "tokens", "fitting"), [("3", 60, True), ("3.01", 60, False), ("3", 61, False)]
)
def test_a_request_fits_where_so_much_is_left_in_every_unit(
    usd: str, tokens: int, *, fitting: bool
) -> None:
    left = {**NONE, "usd": Decimal(3), "tokens": Decimal(60)}
    assert fits(Amounts(Decimal(usd), tokens, tokens, 0, 1), left) is fitting
    assert fits(Amounts(Decimal(usd), tokens, tokens, 0, 1), NONE)
