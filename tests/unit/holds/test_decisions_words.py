"""Decisions, policy and holds: the words of each gate, and whose accounts a hold may name."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

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
from budget_monitor.domain.accounting.labels import Labels
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.holds.decisions import ALLOWED, Verdict, judge
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.periods import Booking
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.defaults import default_policy
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.units import Amounts

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
NOVEMBER = Booking("2026-11", "2026-11-22")
RUN, FLOW = execution_key("acme", "e1"), workflow_key("acme", "w1")
ACME, SYSTEM = tenant_key("acme", "2026-11"), system_key("2026-11")
POLICY = default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000))


def full(gate: Gate, spent: str = "9", held: str = "1", asked: str = "0.5") -> Standing:
    return Standing(gate, Move(Decimal(spent), Decimal(held)), Decimal(asked))


def gate(account: AccountKey, limit: str = "10", action: str = "block") -> Gate:
    names = {"tenant": "tenant-month", "system": "system-month"}
    budget_id = names.get(account.scope, account.scope)
    return Gate(Budget(budget_id, account.scope, Decimal(limit), action), account)


@pytest.mark.parametrize(
    ("account", "code", "words"),
    [
        (RUN, "EXECUTION_EXCEEDED", "Execution budget exceeded: e1 {} in this run; {}"),
        (FLOW, "WORKFLOW_EXCEEDED", "Workflow budget exceeded: w1 {} in this run; {}"),
        (ACME, "TENANT_MONTH_EXCEEDED", "Monthly budget exceeded: acme {} in 2026-11; {}"),
        (
            SYSTEM,
            "SYSTEM_MONTH_EXCEEDED",
            "System-wide budget exceeded: the system {} in 2026-11; {}",
        ),
    ],
)
def test_each_gate_refuses_in_its_own_words(account: AccountKey, code: str, words: str) -> None:
    reason = words.format(
        "spent 9 USD and holds 1 USD of 10 USD", "0.5 USD more would make 10.5 USD"
    )
    verdict = judge([full(gate(account))])
    assert (verdict.action, verdict.reason_code, verdict.reason) == ("block", code, reason)
    assert verdict.budget_id == gate(account).budget.budget_id


@pytest.mark.parametrize(
    ("account", "words"),
    [
        (RUN, "Nearing execution: e1 spent 9 USD of 10 USD in this run"),
        (SYSTEM, "Nearing system-month: the system spent 9 USD of 10 USD in 2026-11"),
    ],
)
def test_a_gate_that_is_neared_warns_in_its_own_words(account: AccountKey, words: str) -> None:
    assert full(gate(account)).warning == words
    assert full(gate(account), spent="8").warning is None


def test_without_a_limit_everything_fits_and_nothing_is_neared() -> None:
    standing = full(Gate(Budget("tenant-month", "tenant", None), ACME), spent="999999")
    assert (standing.fits, standing.allowed) == (True, True)
    assert (standing.exceeded, standing.nearing, standing.warning) == (False, False, None)
    assert standing.available is None


def test_what_is_available_is_what_is_neither_spent_nor_held() -> None:
    assert full(gate(RUN), spent="3", held="2").available == Decimal(5)
    assert full(gate(RUN), spent="12", held="2").available == Decimal(-4)
    assert full(gate(RUN), spent="3", held="2").projected == Decimal("5.5")


def test_exactly_the_limit_is_not_exceeded_and_exactly_four_fifths_are_not_near() -> None:
    assert not full(gate(RUN), spent="10").exceeded
    assert full(gate(RUN), spent="10.000000000001").exceeded
    assert not full(gate(RUN), spent="8").nearing
    assert full(gate(RUN), spent="8.000000000001").nearing


def test_a_budget_that_pauses_blocks_a_run_outside_of_workflows() -> None:
    pausing = full(gate(RUN, action="pause"))
    in_workflow = full(gate(FLOW, limit="100"))
    assert judge([pausing]).action == "block"
    assert judge([pausing, in_workflow]).action == "pause"
    assert judge([full(gate(RUN)), in_workflow]).action == "block"


def test_only_an_allowed_run_may_spend() -> None:
    assert judge([full(gate(RUN, limit="100"))]) == ALLOWED == Verdict("allow", None, None)
    assert ALLOWED.allowed
    assert not judge([full(gate(RUN))]).allowed


def test_every_gate_stands_beside_its_own_account() -> None:
    gates = (gate(RUN), gate(ACME))
    spent = {RUN: Decimal(0), ACME: Decimal(1)}
    accounts = {one: Account(one, Move(spent=amount)) for one, amount in spent.items()}
    assert standings_of(gates, accounts, Amounts(Decimal(2))) == (
        Standing(gates[0], Move(spent=Decimal(0)), Decimal(2)),
        Standing(gates[1], Move(spent=Decimal(1)), Decimal(2)),
    )
    assert standings_of(gates, accounts)[0].asked == 0


def test_the_four_default_budgets_have_their_names_and_only_the_workflows_pauses() -> None:
    ours = default_policy(Decimal(10), Decimal(50), Decimal(1000), Decimal(10000))
    run: dict[str, Any] = {"period": "run", "thresholds": ()}
    assert ours.execution == Budget("execution", "execution", Decimal(10), "block", **run)
    assert ours.workflow == Budget("workflow", "workflow", Decimal(50), "pause", **run)
    assert ours.tenant_month == Budget("tenant-month", "tenant", Decimal(1000), "block")
    assert ours.system_month == Budget("system-month", "system", Decimal(10000), "block")


def test_a_run_passes_its_own_gate_its_ancestors_its_workflows_and_both_months() -> None:
    labels = Labels(agent_execution_id="e1", workflow_execution_id="w1", ancestors=("p1",))
    tokyo = replace(POLICY, calendar=Calendar("Asia/Tokyo"))
    assert tokyo.gates("acme", labels, NOVEMBER) == (
        Gate(POLICY.execution, RUN),
        Gate(POLICY.execution, execution_key("acme", "p1")),
        Gate(POLICY.workflow, FLOW),
        Gate(POLICY.tenant_month, ACME, Calendar("Asia/Tokyo")),
        Gate(POLICY.system_month, SYSTEM),
    )
    own_cost = tokyo.gates("acme", Labels(workflow_execution_id="w1"), NOVEMBER)
    assert [one.account for one in own_cost] == [FLOW, ACME, SYSTEM]


def test_only_budgets_that_judge_and_are_not_excused_limit_what_a_write_may_commit() -> None:
    trial = Budget("trial", "execution", Decimal(1), "block", "shadow", period="run")
    shadow = replace(POLICY, execution=trial)
    labels = Labels(agent_execution_id="e1", workflow_execution_id="w1")
    gates = shadow.gates("acme", labels, NOVEMBER)
    assert shadow.limits(gates)[RUN] == Decimal(1)
    assert shadow.limits(gates, {(RUN, "trial")}) == {
        RUN: None,
        FLOW: Decimal(50),
        ACME: Decimal(1000),
        SYSTEM: Decimal(10000),
    }


def test_a_budget_of_zero_limits_too() -> None:
    broke = default_policy(Decimal(0), None, None, None)
    labels = Labels(agent_execution_id="e1")
    assert broke.limits(broke.gates("acme", labels, NOVEMBER)) == {
        RUN: Decimal(0),
        ACME: None,
        SYSTEM: None,
    }


def test_an_account_with_two_gates_keeps_its_limit() -> None:
    labels = Labels(agent_execution_id="e1", ancestors=("e1",))
    assert POLICY.limits(POLICY.gates("acme", labels, NOVEMBER))[RUN] == Decimal(10)


def test_a_run_has_the_gate_of_its_kind() -> None:
    assert POLICY.run_gates(RUN) == [Gate(POLICY.execution, RUN)]
    assert POLICY.run_gates(FLOW) == [Gate(POLICY.workflow, FLOW)]


def test_a_month_resets_in_its_zone_and_a_run_never() -> None:
    tokyo = replace(POLICY, calendar=Calendar("Asia/Tokyo"))
    assert tokyo.tenant_gate("acme", "2026-11").resets_at == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert tokyo.system_gate("2026-11").resets_at == datetime(2026, 12, 1, tzinfo=UTC)
    assert tokyo.run_gates(RUN)[0].resets_at is None
