"""Ways around a gate that refuses: each of them, taken, lets the request pass."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import Move, tenant_key, workflow_key
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.holds.unblock import more_limit, resumes, unblock
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate

MONTH = tenant_key("acme", "2026-11")
TEN = Budget("tenant-month", "tenant", Decimal(10))


def test_the_limit_must_grow_by_what_is_lacking_or_the_month_end() -> None:
    standing = Standing(Gate(TEN, MONTH), Move(Decimal(9)), Decimal(3))
    assert unblock(standing) == (
        "raise tenant-month by 2 USD or more, or wait until 2026-12-01T00:00:00Z"
    )


def test_a_request_above_the_whole_limit_does_not_fit_after_a_reset() -> None:
    standing = Standing(Gate(TEN, MONTH), Move(Decimal(9)), Decimal(11))
    assert unblock(standing) == "raise tenant-month by 10 USD or more"


@pytest.mark.parametrize(("held", "waits"), [("2", True), ("1.99", False)])
def test_waiting_for_holds_helps_where_as_much_is_held_as_is_lacking(
    held: str, *, waits: bool
) -> None:
    spent = Decimal(9) - Decimal(held)
    standing = Standing(Gate(TEN, MONTH), Move(spent, Decimal(held)), Decimal(3))
    assert (f"wait until 2 of {held} USD of holds" in unblock(standing)) is waits


@pytest.mark.parametrize(
    ("unit", "percent", "words"),
    [
        ("usd", 100, "raise tenant-month by 2 USD or more"),
        ("usd", 80, "raise tenant-month by 2.5 USD or more"),
        ("calls", 100, "set limit_calls of tenant-month to 12 or more"),
        ("calls", 80, "set limit_calls of tenant-month to 13 or more"),
        ("input_tokens", 100, "set limit_tokens.input of tenant-month to 12 or more"),
    ],
)
def test_the_usable_part_of_the_limit_must_grow_by_2(unit: str, percent: int, words: str) -> None:
    account = MONTH._replace(unit=unit)
    gate = Gate(replace(TEN, unit=unit), account, percent=percent)
    assert more_limit(gate, Decimal(2)) == words


def test_a_reserve_that_alone_refuses_is_passed_by_wrapping_up() -> None:
    gate = Gate(TEN, MONTH, percent=90)
    inside = unblock(Standing(gate, Move(Decimal(9)), Decimal(1)))
    assert inside.startswith("send wrap_up: true where the request ends the run's work, or ")
    assert "wrap_up" not in unblock(Standing(gate, Move(Decimal(9)), Decimal(2)))


def test_a_paused_workflow_is_resumed_after_each_way() -> None:
    budget = Budget("workflow", "workflow", Decimal(10), "pause", period="run")
    standing = Standing(Gate(budget, workflow_key("acme", "w")), Move(Decimal(9)), Decimal(3))
    assert resumes(standing)
    assert unblock(standing) == (
        "raise workflow by 2 USD or more and resume the workflow, or resume the workflow with a "
        "limit of 12 USD or more"
    )
    own = replace(standing, gate=replace(standing.gate, of_run=True))
    assert unblock(own) == "resume the workflow with a limit of 12 USD or more"
    assert not resumes(
        Standing(Gate(replace(budget, action="block"), standing.gate.account), Move())
    )


def test_the_platforms_own_gate_is_unblocked_without_an_amount() -> None:
    private = Standing(Gate(TEN, MONTH, private=True), Move(Decimal(9)), Decimal(3))
    assert unblock(private).startswith("ask the platform to raise tenant-month, or wait")
