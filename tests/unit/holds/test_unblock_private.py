"""Words about the platform's own gates: no amount is ever shown."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from budget_monitor.domain.accounting.accounts import AccountKey, system_key
from budget_monitor.domain.holds.decisions import private_reason
from budget_monitor.domain.holds.unblock import private_unblock
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate

MONTH = Gate(Budget("system-month", "system", Decimal(10000)), system_key("2026-11"), private=True)


def test_the_reason_names_the_period_and_no_amount() -> None:
    text = private_reason("Monthly budget exceeded", MONTH)
    assert text == "Monthly budget exceeded: the system has too little left in 2026-11"


def test_a_month_unblocks_by_the_platform_or_when_it_resets() -> None:
    assert private_unblock(MONTH) == (
        "ask the platform to raise system-month, or wait until 2026-12-01T00:00:00Z"
    )


def test_a_budget_that_never_resets_unblocks_by_the_platform_alone() -> None:
    budget = Budget("prepaid", "system", Decimal(5), period="total")
    account = AccountKey("SYSTEM", "budget", "prepaid", "total")
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    gate = Gate(budget, account, moment=moment, private=True)
    assert private_unblock(gate) == "ask the platform to raise prepaid"
