"""Policy: which custom budgets a request meets, on which account, and under which name."""

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import (
    execution_key,
)
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.rules.raises import Raise
from budget_monitor.domain.rules.suspensions import Suspension
from budget_monitor.domain.rules.watching import watching
from tests.support.rules.policies import (
    ACME,
    BOOKED,
    FLOW,
    LABELS,
    LATER,
    NOON,
    PLAIN,
    RUN,
    SYSTEM,
    TOKYO,
    budget,
    names,
    policy,
)


def test_a_suspension_is_kept_as_it_was_decided() -> None:
    stop = Suspension("ana", "fraud", NOON)
    dumped = {"by": "ana", "reason": "fraud", "at": "2026-11-22T20:00:00Z"}
    assert stop.dump() == dumped
    assert Suspension.load(dumped) == stop
    with pytest.raises(ValidationError) as refused:
        Suspension.load(dumped | {"at": "noon"})
    assert refused.value.field == "at"


def test_runs_have_names_where_a_budget_is_for_runs_of_a_name() -> None:
    assert not PLAIN.names_runs
    assert policy(budget("b", "agent", scope_id="crawler")).names_runs
    assert not policy(budget("b", "execution")).names_runs
    assert not policy(budget("b", "agent", "day", scope_id="crawler")).names_runs


def test_a_budget_for_runs_of_a_name_takes_the_defaults_place_for_those_alone() -> None:
    ours = policy(
        budget("crawl", "agent", scope_id="crawler"),
        budget("load", "workflow", scope_id="etl"),
        budget("other", "agent", scope_id="writer"),
    )
    gates = ours.gates("acme", LABELS, BOOKED, NOON)
    assert names(gates) == [
        ("crawl", "execution"),
        ("load", "workflow"),
        ("tenant-month", "tenant"),
        ("system-month", "system"),
    ]
    below = ours.gates("acme", replace(LABELS, ancestors=("p1",)), BOOKED, NOON)
    assert names(below)[:3] == [
        ("crawl", "execution"),
        ("execution", "execution"),
        ("load", "workflow"),
    ]
    nameless = replace(LABELS, agent=None, workflow=None)
    assert names(ours.gates("acme", nameless, BOOKED, NOON))[:2] == [
        ("execution", "execution"),
        ("workflow", "workflow"),
    ]


def test_a_runs_name_is_known_from_before_unless_the_request_says_it() -> None:
    ours = policy(
        budget("crawl", "agent", scope_id="crawler"), budget("load", "workflow", scope_id="etl")
    )
    nameless = replace(LABELS, agent=None, workflow=None, ancestors=("p1",))
    known = {RUN: "crawler", FLOW: "etl", execution_key("acme", "p1"): "crawler"}
    gates = ours.gates("acme", nameless, BOOKED, NOON, known)
    assert names(gates)[:3] == [
        ("crawl", "execution"),
        ("crawl", "execution"),
        ("load", "workflow"),
    ]
    half = replace(nameless, workflow="etl", ancestors=())
    assert names(ours.gates("acme", half, BOOKED, NOON, {RUN: "crawler"}))[:2] == [
        ("crawl", "execution"),
        ("load", "workflow"),
    ]
    half = replace(nameless, agent="crawler", ancestors=())
    assert names(ours.gates("acme", half, BOOKED, NOON, {FLOW: "etl"}))[:2] == [
        ("crawl", "execution"),
        ("load", "workflow"),
    ]


def test_a_budget_for_all_runs_of_a_scope_stands_beside_the_default() -> None:
    ours = policy(budget("all", "execution"), budget("flows", "workflow"))
    assert names(ours.run_gates(RUN)) == [("all", "execution"), ("execution", "execution")]
    assert names(ours.run_gates(FLOW, "etl")) == [("flows", "workflow"), ("workflow", "workflow")]


def test_a_shadow_for_a_name_takes_nobodys_place() -> None:
    ours = policy(budget("crawl", "agent", scope_id="crawler", enforcement="shadow"))
    assert names(ours.run_gates(RUN, "crawler")) == [
        ("crawl", "execution"),
        ("execution", "execution"),
    ]


def test_windows_stand_between_runs_and_months_in_the_tenants_calendar() -> None:
    daily = budget("daily", "agent", "day", scope_id="crawler")
    monthly = budget("monthly", "user", "month", scope_id="ana")
    ours = policy(budget("not-mine", "agent", "day", scope_id="writer"), monthly, daily)
    gates = ours.gates("acme", replace(LABELS, user="ana"), BOOKED, LATER)
    run, flow, *rest = gates
    assert (run.account, flow.account) == (RUN, FLOW)
    assert rest == [
        Gate(daily, budget_account(daily, "acme", "2026-11-23"), TOKYO, NOON),
        Gate(monthly, budget_account(monthly, "acme", "2026-11"), TOKYO, NOON),
        Gate(PLAIN.tenant_month, ACME, TOKYO, NOON),
        Gate(PLAIN.system_month, SYSTEM),
    ]


def test_a_late_cost_counts_in_the_month_that_it_is_booked_in() -> None:
    monthly = budget("monthly", "agent", "month", scope_id="crawler")
    gate = policy(monthly).gates("acme", LABELS, replace(BOOKED, month="2026-12"), NOON)[2]
    assert gate.account.period == "2026-12"


def test_a_window_without_a_booked_moment_is_the_present_one_and_without_any_there_is_none() -> (
    None
):
    daily = budget("daily", "agent", "day", scope_id="crawler")
    nowhere = replace(BOOKED, moment=None)
    assert policy(daily).gates("acme", LABELS, nowhere, LATER)[2].account.period == "2026-11-25"
    assert len(policy(daily).gates("acme", LABELS, nowhere)) == 4


def test_a_system_budget_counts_in_utc_and_a_tenants_budget_in_its_zone() -> None:
    shared = replace(budget("shared", "system", "day"), source="system")
    each = replace(budget("each", "tenant", "day"), source="system")
    mine = budget("mine", "system", "day")
    found = policy(shared, each, mine).gates("acme", LABELS, BOOKED, NOON)
    by_name = {one.budget.budget_id: one for one in found}
    assert by_name["shared"].account == budget_account(shared, "*", "2026-11-22")
    assert by_name["shared"].calendar == Calendar()
    assert by_name["each"].account == budget_account(each, "acme", "2026-11-23")
    assert by_name["mine"].account == budget_account(mine, "acme", "2026-11-23")
    assert by_name["each"].calendar == TOKYO


UNTIL_LATER = (Raise("r1", Decimal(5), "ana", "launch", NOON, until=LATER),)


def raised(one: Budget) -> Budget:
    return replace(one, raises=UNTIL_LATER)


def test_every_gate_has_its_limit_as_raised_now() -> None:
    ours = replace(
        policy(raised(budget("daily", "agent", "day", scope_id="crawler"))),
        execution=raised(PLAIN.execution),
        workflow=raised(PLAIN.workflow),
        tenant_month=raised(PLAIN.tenant_month),
        system_month=raised(PLAIN.system_month),
    )
    limits = [one.budget.limit for one in ours.gates("acme", LABELS, BOOKED, NOON)]
    assert limits == [15, 55, 8, 1005, 10005]
    limits = [one.budget.limit for one in ours.gates("acme", LABELS, BOOKED, LATER)]
    assert limits == [10, 50, 3, 1000, 10000]
    without = replace(ours, custom=())
    limits = [one.budget.limit for one in without.gates("acme", LABELS, BOOKED, NOON)]
    assert limits == [15, 55, 1005, 10005]


def test_raises_of_a_period_count_in_runs_and_in_the_windows_of_its_name() -> None:
    def of(period: str, one: Budget) -> Budget:
        return replace(one, raises=(Raise("r1", Decimal(5), "ana", "x", NOON, period=period),))

    ours = replace(
        policy(of("2026-11-23", budget("daily", "agent", "day", scope_id="crawler"))),
        execution=of("run", PLAIN.execution),
        tenant_month=of("2026-11", PLAIN.tenant_month),
        system_month=of("2026-11", PLAIN.system_month),
    )
    limits = [one.budget.limit for one in ours.gates("acme", LABELS, BOOKED, NOON)]
    assert limits == [15, 50, 8, 1005, 10005]
    assert replace(ours, custom=()).run_gates(RUN, None, NOON)[0].budget.limit == 15
    assert watching(ours, ACME, None, NOON)[0].budget.limit == 1005
    daily = budget_account(ours.custom[0], "acme", "2026-11-23")
    assert watching(ours, daily, None, NOON)[0].budget.limit == 8
