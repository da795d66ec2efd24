"""Refusals: why a gate says no, what would change that, and whom it lets pass all the same."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    WorkflowTerms,
    execution_key,
    tenant_key,
    workflow_key,
)
from budget_monitor.domain.holds.decisions import Verdict, judge
from budget_monitor.domain.holds.standing import Standing, standings_of
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.gates import Gate
from budget_monitor.domain.rules.suspensions import Suspension

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
RUN, FLOW = execution_key("acme", "e1"), workflow_key("acme", "w1")
ACME = tenant_key("acme", "2026-11")
OWN = AccountKey("acme", "budget", "nightly#agent#crawler", "2026-11-22")


def gate(account: AccountKey = ACME, action: str = "block", **said: Any) -> Gate:
    names = {"tenant": "tenant-month", "budget": "nightly"}
    scope = "agent" if account.scope == "budget" else account.scope
    said = {"limit": Decimal(10), **said}
    return Gate(Budget(names.get(account.scope, scope), scope, action=action, **said), account)


def standing(one: Gate, spent: str = "9", held: str = "0", asked: str = "2") -> Standing:
    return Standing(one, Move(Decimal(spent), Decimal(held)), Decimal(asked))


def unblock(*standings: Standing) -> str | None:
    return judge(standings).unblock


@pytest.mark.parametrize(
    ("action", "running", "asked", "allowed"),
    [
        ("block_new", True, "2", True),
        ("block_new", False, "2", False),
        ("block_new", False, "1", True),
        ("block", True, "2", False),
        ("block", False, "1", True),
        ("alert", False, "2", True),
    ],
)
def test_a_budget_that_blocks_only_new_runs_lets_running_ones_go_on(
    action: str, asked: str, *, running: bool, allowed: bool
) -> None:
    enforced = replace(standing(gate(action=action), asked=asked), running=running)
    assert enforced.allowed is allowed
    assert not enforced.would_block
    shadow = replace(enforced, gate=gate(action=action, enforcement="shadow"))
    assert shadow.allowed
    assert shadow.would_block is (not allowed and action != "alert")


@pytest.mark.parametrize(
    ("spent", "asked", "near"),
    [
        ("10", "0", True),
        ("9.000000000001", "0", True),
        ("9", "0", False),
        ("8", "0.1", False),
        ("8", "0.100000000001", True),
        ("0", "0.5", False),
    ],
)
def test_a_limit_is_near_where_a_tenth_or_twenty_such_requests_are_left(
    spent: str, asked: str, *, near: bool
) -> None:
    assert standing(gate(), spent, asked=asked).near is near


def test_no_limit_is_never_near_and_one_of_nothing_always() -> None:
    assert not standing(gate(limit=None), "999").near
    assert standing(gate(limit=Decimal(0)), "0", asked="0").near


def test_a_suspension_says_who_decided_it_when_and_why() -> None:
    verdict = judge([standing(gate())], Suspension("ana", "fraud", NOON))
    assert verdict == Verdict(
        "block",
        "TENANT_SUSPENDED",
        "Tenant suspended by ana since 2026-11-22T12:00:00Z: fraud",
        unblock="reinstate the tenant",
    )


def test_a_paused_workflow_waits_for_a_person() -> None:
    verdict = judge([standing(gate(RUN)), standing(gate(FLOW))], pause=1)
    assert verdict == Verdict(
        "pause",
        "WORKFLOW_PAUSED",
        "Workflow w1 is paused until a person resumes it",
        unblock="resume workflow w1, with a higher limit where it reached its own",
    )


def test_a_custom_budget_refuses_by_its_own_name_and_says_whose_it_is() -> None:
    verdict = judge([standing(gate(OWN, scope_id="crawler", period="day"))])
    assert (verdict.reason_code, verdict.budget_id) == ("BUDGET_EXCEEDED", "nightly")
    assert verdict.reason == (
        "Budget nightly exceeded: agent crawler spent 9 USD and holds 0 USD of 10 USD "
        "in 2026-11-22; 2 USD more would make 11 USD"
    )
    for_all = judge([standing(gate(OWN, period="day"))]).reason
    assert for_all is not None
    assert for_all.startswith("Budget nightly exceeded: acme spent")
    of_month = judge([standing(gate(scope_id="acme"))]).reason
    assert of_month is not None
    assert of_month.startswith("Monthly budget exceeded: acme spent")


def test_a_month_is_raised_or_waited_out() -> None:
    assert unblock(standing(gate())) == (
        "raise tenant-month by 1 USD or more, or wait until 2026-12-01T00:00:00Z"
    )
    assert unblock(standing(gate(), spent="0", asked="10.5")) == (
        "raise tenant-month by 0.5 USD or more"
    )
    all_of_it = unblock(standing(gate(), spent="1", asked="10"))
    assert all_of_it == "raise tenant-month by 1 USD or more, or wait until 2026-12-01T00:00:00Z"


def test_holds_that_suffice_may_be_waited_for() -> None:
    waits = "wait until 2 of 2 USD of holds are released or expired"
    assert unblock(standing(gate(RUN), "8", "2")) == f"raise execution by 2 USD or more, or {waits}"
    assert unblock(standing(gate(RUN), "9", "1")) == "raise execution by 2 USD or more"


def test_a_limit_of_nothing_is_lacking_all_that_would_be_spent() -> None:
    nothing = standing(gate(limit=Decimal(0)), "1", asked="2")
    assert unblock(nothing) == "raise tenant-month by 3 USD or more"


def test_a_workflow_that_pauses_goes_on_by_being_resumed() -> None:
    pausing = standing(gate(FLOW, "pause"))
    ways = (
        "raise workflow by 1 USD or more and resume the workflow, "
        "or resume the workflow with a limit of 11 USD or more"
    )
    assert unblock(pausing) == ways
    assert unblock(standing(gate(FLOW))) == "raise workflow by 1 USD or more"
    assert unblock(standing(gate(RUN, "pause"))) == "raise execution by 1 USD or more"


def test_a_run_with_a_limit_of_its_own_goes_on_by_another_one() -> None:
    own = replace(gate(FLOW), of_run=True)
    assert unblock(standing(own)) == "resume the workflow with a limit of 11 USD or more"


def test_every_gate_that_refuses_says_what_would_change_it_and_none_twice() -> None:
    ways = unblock(standing(gate(RUN)), standing(gate(FLOW)), standing(gate(), spent="1"))
    assert ways == "raise execution by 1 USD or more; and raise workflow by 1 USD or more"
    assert unblock(standing(gate(RUN)), standing(gate(RUN))) == "raise execution by 1 USD or more"


def test_one_begun_run_of_a_request_makes_it_a_running_one() -> None:
    gates = (gate(RUN), gate(FLOW), gate())
    new = {one.account: Account(one.account) for one in gates}
    assert [one.running for one in standings_of(gates, new)] == [False] * 3
    for run in (RUN, FLOW):
        begun = {**new, run: Account(run, began=True)}
        assert [one.running for one in standings_of(gates, begun)] == [True] * 3
    used = {**new, ACME: Account(ACME, began=True)}
    assert [one.running for one in standings_of(gates, used)] == [False] * 3


def test_a_runs_own_limit_takes_the_place_of_its_budgets() -> None:
    accounts = {FLOW: Account(FLOW, terms=WorkflowTerms(limit=Decimal(70)))}
    (found,) = standings_of([gate(FLOW)], accounts)
    assert (found.budget.limit, found.gate.of_run) == (Decimal(70), True)
