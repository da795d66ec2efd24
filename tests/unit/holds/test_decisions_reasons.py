"""What a refusal adds to its reason: late costs, wind-down, the platform's own gates, a resume."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.holds.decisions import ALLOWED, judge, with_amounts
from budget_monitor.domain.holds.standing import Standing
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate, own_account

TEN = Budget("tenant-month", "tenant", Decimal(10))
MONTH = tenant_key("acme", "2026-11")
LATE = AccountKey("acme", "late", "acme", "2026-11")
RUN, FLOW = execution_key("acme", "e1"), workflow_key("acme", "w1")
SYSTEM = Gate(Budget("system-month", "system", Decimal(10)), system_key("2026-11"), private=True)


def standing(gate: Gate, spent: str = "9", asked: str = "2") -> Standing:
    return Standing(gate, Move(Decimal(spent)), Decimal(asked))


def reason(one: Standing, late: Account | None = None) -> str:
    return judge([one], late=late).reason or ""


def of_run(account: AccountKey, action: str) -> Gate:
    return Gate(Budget(account.scope, account.scope, Decimal(10), action, period="run"), account)


@pytest.mark.parametrize(
    ("spent", "words"),
    [
        ("0.5", "; 0.5 USD of what acme spent in 2026-11 came late for a closed month"),
        ("0", ""),
        ("-1", ""),
    ],
)
def test_a_refusal_says_how_much_of_the_month_came_late(spent: str, words: str) -> None:
    late = Account(LATE, Move(Decimal(spent)))
    plain = reason(standing(Gate(TEN, MONTH)))
    assert plain.endswith("2 USD more would make 11 USD")
    assert reason(standing(Gate(TEN, MONTH)), late) == plain + words


def test_only_a_month_in_usd_has_late_costs() -> None:
    late = Account(LATE, Move(Decimal(1)))
    calls = Gate(replace(TEN, unit="calls"), MONTH._replace(unit="calls"))
    for gate in (calls, of_run(RUN, "block")):
        assert "late" not in reason(standing(gate), late)


def test_a_refusal_says_how_much_of_the_limit_the_request_may_use() -> None:
    gate = Gate(TEN, MONTH, percent=80)
    assert reason(standing(gate)).endswith(
        "2 USD more would make 11 USD; this request may use 8 USD of the limit"
    )


def test_the_platforms_gate_refuses_without_an_amount_for_those_who_may_not_see_it() -> None:
    verdict = judge([standing(SYSTEM)])
    assert verdict.reason == (
        "System-wide budget exceeded: the system has too little left in 2026-11"
    )
    assert standing(SYSTEM).warning is None
    (seen,) = with_amounts([standing(SYSTEM)])
    assert seen == standing(replace(SYSTEM, private=False))
    assert reason(seen).startswith("System-wide budget exceeded: the system spent 9 USD")


def test_a_request_without_a_gate_in_usd_is_below_every_ceiling() -> None:
    calls = Gate(replace(TEN, unit="calls"), MONTH._replace(unit="calls"))
    assert judge([standing(calls, "1")], ceiling=Decimal(1)) == ALLOWED
    assert judge([], ceiling=Decimal(0)) == ALLOWED


@pytest.mark.parametrize(
    ("asked", "allowed"), [("1", True), ("1.000000000001", False), ("0", True)]
)
def test_a_request_may_be_as_large_as_the_ceiling(asked: str, *, allowed: bool) -> None:
    verdict = judge([standing(Gate(TEN, MONTH), "1", asked)], ceiling=Decimal(1))
    assert verdict.allowed is allowed


def test_a_run_that_pauses_its_workflow_goes_on_by_a_raise_and_a_resume() -> None:
    pausing, wide = standing(of_run(RUN, "pause")), standing(of_run(FLOW, "pause"), "0")
    verdict = judge([pausing, wide])
    assert verdict.action == "pause"
    assert verdict.unblock == "raise execution by 1 USD or more; then resume the workflow"
    both = judge([pausing, standing(of_run(FLOW, "pause"))]).unblock or ""
    assert both.startswith("raise execution by 1 USD or more; and raise workflow by 1 USD or more")
    assert "then resume" not in both


@pytest.mark.parametrize(
    ("spent", "held", "asked", "fits"),
    [("8", "5", "2", True), ("8", "0", "2.000000000001", False), ("10", "0", "0", True)],
)
def test_without_holds_a_request_fits_where_spent_and_asked_are_within_the_limit(
    spent: str, held: str, asked: str, *, fits: bool
) -> None:
    one = Standing(Gate(TEN, MONTH), Move(Decimal(spent), Decimal(held)), Decimal(asked))
    assert one.fits_without_holds is fits
    assert replace(one, gate=Gate(replace(TEN, limit=None), MONTH)).fits_without_holds


def test_a_custom_budget_of_each_run_is_named_by_the_run() -> None:
    budget = Budget("nightly", "agent", Decimal(10), period="run", scope_id="crawler")
    account = own_account(budget, "acme", "run", "e1")
    assert reason(standing(Gate(budget, account))).startswith(
        "Budget nightly exceeded: e1 spent 9 USD and holds 0 USD of 10 USD in this run"
    )
