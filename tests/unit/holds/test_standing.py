"""`allowed` is about what would be, `exceeded` about what is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget_monitor.domain.accounting.accounts import (
    Move,
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.holds.decisions import judge
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate

USD = st.decimals(min_value=0, max_value=2000, places=2)
ACME = tenant_key("acme", "2026-11")


def month(limit: str | None, spent: str, held: str = "0", asked: str = "0") -> Standing:
    budget = Budget("tenant-month", "tenant", None if limit is None else Decimal(limit))
    return Standing(Gate(budget, ACME), Move(Decimal(spent), Decimal(held)), Decimal(asked))


def test_950_of_1000_spent_and_100_asked_is_refused_but_not_exceeded() -> None:
    standing = month("1000", spent="950", asked="100")
    assert not standing.allowed
    assert not standing.exceeded
    assert standing.nearing


def test_the_reason_says_who_spent_what_of_what_and_what_would_be() -> None:
    verdict = judge([month("1000", spent="950", asked="100")])
    assert verdict.reason_code == "TENANT_MONTH_EXCEEDED"
    assert verdict.reason == (
        "Monthly budget exceeded: acme spent 950 USD and holds 0 USD of 1000 USD in 2026-11; "
        "100 USD more would make 1050 USD"
    )


@pytest.mark.parametrize(
    ("limit", "spent", "held", "asked", "allowed"),
    [
        ("1000", "950", "0", "50", True),
        ("1000", "950", "0", "50.000000000001", False),
        ("1000", "900", "100", "0.01", False),
        ("0", "0", "0", "0.000000000001", False),
        (None, "5000", "5000", "999999", True),
        ("1000", "1001", "0", "0", False),
    ],
)
def test_exactly_what_remains_is_allowed_and_nothing_more(
    limit: str | None, spent: str, held: str, asked: str, *, allowed: bool
) -> None:
    assert month(limit, spent, held, asked).allowed is allowed


@given(USD, USD, USD, USD, USD)
def test_exceeded_knows_nothing_of_what_is_held_or_asked(
    limit: Decimal, spent: Decimal, held: Decimal, asked: Decimal, other: Decimal
) -> None:
    budget = Budget("tenant-month", "tenant", limit)
    one = Standing(Gate(budget, ACME), Move(spent, held), asked)
    another = Standing(Gate(budget, ACME), Move(spent, other), other)
    assert one.exceeded == another.exceeded == (spent > limit)
    assert one.nearing == another.nearing == (spent * 10 > limit * 8)
    assert one.allowed == (spent + held + asked <= limit)


def test_a_shadow_budget_refuses_no_request() -> None:
    budget = Budget("trial", "tenant", Decimal(1), enforcement="shadow")
    standing = Standing(Gate(budget, ACME), Move(), Decimal(2))
    assert standing.allowed
    assert not standing.fits


def test_the_narrowest_gate_that_refuses_gives_the_reason() -> None:
    broke = Move(spent=Decimal(100))
    gates = [
        Gate(Budget("execution", "execution", Decimal(1)), execution_key("acme", "e1")),
        Gate(Budget("workflow", "workflow", Decimal(1), "pause"), workflow_key("acme", "w1")),
        Gate(Budget("tenant-month", "tenant", Decimal(1)), ACME),
        Gate(Budget("system-month", "system", Decimal(1)), system_key("2026-11")),
    ]
    codes = []
    for first in range(4):
        standings = [
            Standing(gate, broke if place >= first else Move()) for place, gate in enumerate(gates)
        ]
        codes.append((judge(standings).action, judge(standings).reason_code))
    assert codes == [
        ("block", "EXECUTION_EXCEEDED"),
        ("pause", "WORKFLOW_EXCEEDED"),
        ("block", "TENANT_MONTH_EXCEEDED"),
        ("block", "SYSTEM_MONTH_EXCEEDED"),
    ]
