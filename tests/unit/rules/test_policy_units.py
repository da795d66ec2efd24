"""Policy: gates in tokens and calls, for each name and of the platform."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import AccountKey
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate, in_units, named_in, own_account
from budget_monitor.domain.rules.matching import ListedNames, as_said, with_aliases
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.rollovers import Rollover
from budget_monitor.domain.rules.watching import watching
from budget_monitor.domain.rules.wind_down import Rung
from tests.support.rules.policies import (
    ACME,
    BOOKED,
    FLOW,
    LABELS,
    NOON,
    PLAIN,
    RUN,
    SYSTEM,
    TOKYO,
    budget,
    names,
    policy,
)

CALLS = {"calls": Decimal(7)}


@pytest.mark.parametrize(
    ("one", "known"),
    [
        (budget("b", "agent", "day", scope_id="x"), (True, False, False)),
        (budget("b", "execution", scope_id="x"), (True, False, False)),
        (budget("b", "workflow", scope_id="x"), (False, True, False)),
        (budget("b", "model", "day", scope_id="x"), (False, False, True)),
        (budget("b", "provider", "day", scope_id="x"), (False, False, True)),
        (budget("b", "user", "day", scope_id="x"), (False, False, False)),
        (budget("b", "agent", "day"), (False, False, False)),
    ],
)
def test_names_are_asked_for_where_a_budget_is_for_a_name(
    one: Budget, known: tuple[bool, bool, bool]
) -> None:
    ours = policy(one)
    assert (ours.names_agents, ours.names_workflows, ours.names_models) == known


def test_new_runs_are_blocked_where_any_budget_says_so() -> None:
    assert not PLAIN.blocks_new
    assert policy(budget("b", "agent", "day", action="block_new")).blocks_new
    built_in = replace(PLAIN.tenant_month, action="block_new")
    assert replace(PLAIN, tenant_month=built_in).blocks_new


@pytest.mark.parametrize(
    ("most", "own", "ceiling"),
    [(None, None, None), ("5", None, "5"), (None, "3", "3"), ("5", "3", "3"), ("2", "3", "2")],
)
def test_the_lower_of_both_ceilings_counts(
    most: str | None, own: str | None, ceiling: str | None
) -> None:
    limits = [None if one is None else Decimal(one) for one in (most, own, ceiling)]
    ours = replace(PLAIN, max_per_entry=limits[0], own_max_per_entry=limits[1])
    assert ours.entry_ceiling == limits[2]
    assert ours.is_above_ceiling(Decimal(999)) is (ceiling is not None)
    assert not ours.is_above_ceiling(limits[2] or Decimal(999))


def test_balances_are_kept_for_the_month_and_for_custom_budgets() -> None:
    rolled = Rollover(Decimal(3), "2026-11")
    assert not PLAIN.keeps_balances
    assert replace(PLAIN, tenant_month=replace(PLAIN.tenant_month, rollover=rolled)).keeps_balances
    ours = policy(replace(budget("b", "tenant", "month"), rollover=rolled))
    assert ours.keeps_balances
    month, own = replace(ours.tenant_month, limit=Decimal(1)), budget("b", "user")
    changed = ours.with_budgets({"tenant-month": month, "b": own, "other": own})
    assert changed == replace(ours, tenant_month=month, custom=(own,))
    assert ours.with_budgets({}) == ours


def test_a_backfilled_cost_has_no_gate_and_a_late_one_none_of_a_day() -> None:
    ours = policy(budget("daily", "tenant", "day"), budget("yearly", "tenant", "year"))
    late = replace(BOOKED, late=True)
    assert ours.gates("acme", LABELS, replace(BOOKED, backfill=True)) == ()
    assert "daily" in [one for one, _ in names(ours.gates("acme", LABELS, BOOKED, NOON))]
    found = [one for one, _ in names(ours.gates("acme", LABELS, late, NOON))]
    assert "daily" not in found
    assert "yearly" in found


def test_a_tenant_that_hides_the_system_sees_its_gates_as_private() -> None:
    shared = replace(budget("shared", "system", "day"), source="system")
    hiding = replace(policy(shared, budget("mine", "tenant", "day")), hides_system=True)
    private = {one.budget.budget_id: one.private for one in hiding.gates("acme", LABELS, BOOKED)}
    assert private == {
        "execution": False,
        "workflow": False,
        "mine": False,
        "tenant-month": False,
        "shared": True,
        "system-month": True,
    }
    seen = replace(hiding, hides_system=False).gates("acme", LABELS, BOOKED)
    assert not any(one.private for one in seen)


def test_a_budget_for_each_name_has_a_gate_and_an_account_for_it() -> None:
    each = replace(budget("each", "user", "day", scope_id="*", life="l1"), counted=CALLS)
    labels = replace(LABELS, user="ana")
    gates = [one for one in policy(each).gates("acme", labels, BOOKED) if one.each]
    assert [(str(one.account), one.unit, one.scope_id) for one in gates] == [
        ("acme#budget#each%23user%23*%23l1%23ana#2026-11-23", "usd", "ana"),
        ("acme#budget#each%23user%23*%23l1%23ana#2026-11-23#calls", "calls", "ana"),
    ]
    assert [one.budget.limit for one in gates] == [Decimal(3), Decimal(7)]
    assert [named_in(one.account) for one in gates] == ["ana", "ana"]


def test_a_default_stays_in_the_units_that_a_named_budget_does_not_limit() -> None:
    own = replace(budget("own", "agent", scope_id="crawler"), limit=None, counted=CALLS)
    ours = policy(own)
    gates = ours.run_gates(RUN, "crawler", NOON)
    assert [(one.budget.budget_id, one.unit) for one in gates] == [
        ("execution", "usd"),
        ("own", "calls"),
    ]
    assert str(gates[1].account) == "acme#budget#own%23agent%23e1#run#calls"
    counted = replace(ours, execution=replace(PLAIN.execution, counted=CALLS))
    found = [(one.budget.budget_id, one.unit) for one in counted.run_gates(RUN, "crawler")]
    assert found == [("execution", "usd"), ("own", "calls")]
    alone = [(one.unit, one.account) for one in replace(counted, custom=()).run_gates(RUN)]
    assert [unit for unit, _ in alone] == ["usd", "calls"]
    assert alone[0][1] == RUN


def test_months_in_calls_have_accounts_of_their_own() -> None:
    month = replace(PLAIN.tenant_month, counted=CALLS)
    system = replace(PLAIN.system_month, counted=CALLS)
    ours = replace(PLAIN, tenant_month=month, system_month=system)
    accounts = [one.account for one in ours.tenant_gates("acme", "2026-11", NOON, NOON)]
    assert [str(one) for one in accounts] == [
        "acme#tenant#acme#2026-11",
        "acme#budget#tenant-month%23tenant%23#2026-11#calls",
    ]
    both = ours.system_gates("2026-11", NOON)
    assert [one.account.unit for one in both] == ["usd", "calls"]
    assert both[1].account.tenant_id == "*"
    assert watching(ours, accounts[1], None, NOON) == [
        Gate(month.by_unit[1], accounts[1], TOKYO, NOON)
    ]
    assert budget_account(month.by_unit[1], "acme", "2026-11") == accounts[1]
    assert budget_account(system.by_unit[1], "*", "2026-11") == both[1].account


def test_the_limit_of_an_account_is_what_any_request_may_use_unless_said() -> None:
    winding = replace(PLAIN.tenant_month, reserve_percent=10, downgrade=(Rung("small"),))
    gates = [Gate(winding, ACME), Gate(PLAIN.system_month, SYSTEM)]
    assert PLAIN.limits(gates) == {ACME: Decimal(900), SYSTEM: Decimal(10000)}
    whole = PLAIN.limits(gates, limit_of=lambda gate: gate.budget.limit)
    assert whole == {ACME: Decimal(1000), SYSTEM: Decimal(10000)}


@pytest.mark.parametrize(
    ("model", "wrap_up", "percent", "wrapping_up"),
    [("big", False, 70, 70), ("big", True, 70, 70), ("small", False, 90, 100)],
)
def test_a_gate_grants_a_request_its_models_part_of_the_limit(
    model: str,
    wrap_up: bool,  # noqa: FBT001 - a column of the table
    percent: int,
    wrapping_up: int,
) -> None:
    ladder = (Rung("small", None, 70),)
    gate = Gate(replace(PLAIN.tenant_month, reserve_percent=10, downgrade=ladder), ACME)
    asked = gate.asked_by(model, wrap_up=wrap_up)
    assert (asked.percent, asked.percent_wrapping_up) == (percent, wrapping_up)
    assert asked.usable_limit == Decimal(10 * percent)
    assert asked.usable_part_of(None) == 0
    plain = Gate(PLAIN.tenant_month, ACME)
    assert plain.asked_by(model, wrap_up=wrap_up) is plain
    assert plain.usable_limit == Decimal(1000)
    assert replace(plain, budget=replace(plain.budget, limit=None)).usable_limit is None


def test_an_account_of_a_custom_budget_says_whose_run_it_is() -> None:
    one = budget("b", "agent", scope_id="crawler")
    run = own_account(one, "acme", "run", "e1")
    assert run == AccountKey("acme", "budget", "b#agent#e1", "run")
    assert Gate(one, run).scope_id == "e1"
    assert Gate(one, own_account(replace(one, scope_id=None), "acme", "run")).scope_id == "acme"
    assert named_in(own_account(replace(one, scope_id=None, life="l"), "acme", "run")) is None
    lived = own_account(replace(one, life="l1", unit="calls"), "acme", "run")
    assert lived == AccountKey("acme", "budget", "b#agent#crawler#l1", "run", unit="calls")
    assert Gate(one, run).rank == (0, "b")
    assert Gate(
        budget("w", "workflow"), own_account(budget("w", "workflow"), "acme", "run")
    ).rank == (
        1,
        "w",
    )
    assert Gate(one, run._replace(period="total"), moment=NOON).resets_at is None
    assert in_units(Gate(one, run)) == [Gate(one, run)]


def test_aliases_are_resolved_before_the_price_list_is_asked() -> None:
    def listed(provider: str | None, model: str | None) -> ListedNames:
        return as_said(provider, model)

    resolve = with_aliases(listed, lambda model, provider: (f"{model}-x", provider or "OpenAI"))
    assert resolve(None, "Fast") == ListedNames("openai", "fast-x")
    assert resolve("Azure", None) == ListedNames("azure", None)
    assert as_said(None, None) == ListedNames(None, None)


def test_a_watched_count_has_its_budgets_raises_of_the_moment_left_out() -> None:
    raised = Raise("r1", Decimal(5), "ana", "x", NOON, until=NOON + timedelta(days=1))
    own = replace(budget("own", "agent", scope_id="crawler"), counted=CALLS, raises=(raised,))
    (gate,) = watching(policy(own), own_account(own.by_unit[1], "acme", "run", "e1"), None, NOON)
    assert (gate.budget.limit, gate.unit, gate.moment) == (Decimal(7), "calls", None)
    each = budget("each", "user", "day", scope_id="*", life="l1")
    account = own_account(each, "acme", "2026-11-23", "ana")
    assert watching(policy(each), account, None, NOON) == [
        Gate(each, account, TOKYO, NOON, each="ana")
    ]
    assert [one.account for one in watching(policy(each), FLOW, "etl", NOON)] == [FLOW]
