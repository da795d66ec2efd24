"""Gates: whose budget it is, when it starts again, and which of many is the narrowest."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import (
    AccountKey,
    WorkflowTerms,
    execution_key,
    system_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOKYO = Calendar("Asia/Tokyo")
RUN, ACME = execution_key("acme", "e1"), tenant_key("acme", "2026-11")
NIGHTLY = Budget("nightly", "agent", Decimal(3), period="day", scope_id="crawler", created_at=NOON)
OWN = AccountKey("acme", "budget", "nightly#agent#crawler", "2026-11-22")
DAILY = Gate(NIGHTLY, OWN, TOKYO, NOON)
MONTHLY = Gate(Budget("tenant-month", "tenant", Decimal(5)), ACME, TOKYO)


def test_a_run_with_a_limit_of_its_own_is_judged_by_that() -> None:
    gate = Gate(Budget("execution", "execution", Decimal(5), period="run"), RUN)
    assert gate.under(WorkflowTerms()) is gate
    own = gate.under(WorkflowTerms(limit=Decimal(9)))
    assert (own.budget.limit, own.of_run) == (Decimal(9), True)
    assert (own.account, own.budget.budget_id) == (RUN, "execution")
    assert gate.id == (RUN, "execution")


def test_an_executions_own_limit_only_raises_and_a_workflows_replaces() -> None:
    lower, budget = WorkflowTerms(limit=Decimal(0)), Budget("b", "execution", Decimal(5))
    assert Gate(budget, RUN).under(lower).budget.limit == Decimal(5)
    assert Gate(budget, workflow_key("acme", "w1")).under(lower).budget.limit == Decimal(0)
    unlimited = Gate(replace(budget, limit=None), RUN)
    assert unlimited.under(WorkflowTerms(limit=Decimal(9))).budget.limit is None


def test_a_gate_says_whose_money_it_is() -> None:
    assert Gate(NIGHTLY, RUN).scope_id == "e1"
    assert DAILY.scope_id == "crawler"
    for_everybody = replace(NIGHTLY, scope_id=None)
    assert Gate(for_everybody, OWN).scope_id == "acme"
    assert Gate(for_everybody, OWN._replace(tenant_id="*")).scope_id == "system"


def test_a_period_starts_again_in_the_time_zone_of_its_calendar() -> None:
    assert DAILY.resets_at == datetime(2026, 11, 22, 15, tzinfo=UTC)
    assert MONTHLY.resets_at == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert replace(MONTHLY, moment=NOON).resets_at == MONTHLY.resets_at


def test_a_run_never_starts_again_and_a_nameless_day_has_no_start() -> None:
    assert Gate(NIGHTLY, RUN, moment=NOON).resets_at is None
    assert replace(DAILY, moment=None).resets_at is None


def test_a_budget_counts_from_its_making_on_in_the_period_in_which_it_was_made() -> None:
    assert DAILY.counting_since == NOON
    tomorrow = OWN._replace(period="2026-11-23")
    assert replace(DAILY, account=tomorrow).counting_since is None
    late = replace(NIGHTLY, created_at=NOON.replace(hour=16))
    assert replace(DAILY, budget=late, account=tomorrow).counting_since == NOON.replace(hour=16)


def test_an_account_that_counts_all_counts_from_its_periods_beginning() -> None:
    assert replace(MONTHLY, budget=replace(MONTHLY.budget, created_at=NOON)).counting_since is None
    assert replace(DAILY, budget=replace(NIGHTLY, created_at=None)).counting_since is None


@pytest.mark.parametrize(
    ("gate", "rank"),
    [
        (Gate(Budget("execution", "execution", None), RUN), (0, "execution")),
        (Gate(Budget("w", "workflow", None), AccountKey("acme", "workflow", "w", "run")), (1, "w")),
        (DAILY, (2, "nightly")),
        (Gate(Budget("ours", "tenant", None), ACME), (2, "ours")),
        (MONTHLY, (3, "tenant-month")),
        (Gate(Budget("system-month", "system", None), system_key("2026-11")), (4, "system-month")),
        (Gate(Budget("all", "system", None), OWN._replace(tenant_id="*")), (4, "all")),
    ],
)
def test_the_narrowest_gate_comes_first(gate: Gate, rank: tuple[int, str]) -> None:
    assert gate.rank == rank
