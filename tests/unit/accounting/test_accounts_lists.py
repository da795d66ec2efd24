"""Which list each account is in, what it counts, and its key as text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from budget_monitor.domain.accounting.accounts import (
    Account,
    AccountKey,
    Move,
    WorkflowTerms,
    execution_key,
    late_key,
    listing,
    net_key,
    occurred_key,
    own_limits,
    paused_list,
    system_key,
    tenant_key,
    tenants_list,
    tenants_ranking,
    workflow_key,
)

MONTH, DAY = tenant_key("acme", "2026-11"), tenant_key("acme", "2026-11-22")
RUN = execution_key("acme", "e1")
EACH = AccountKey("acme", "budget", "daily#user#*#l1#ana", "2026-11-22")


def of(scope: str, name: str = "x", period: str = "2026-11") -> AccountKey:
    return AccountKey("acme", scope, name, period)


@pytest.mark.parametrize(
    ("account", "name"),
    [
        (of("agent"), "acme#agent#2026-11"),
        (of("model"), "acme#model#2026-11"),
        (of("provider"), "acme#provider#2026-11"),
        (of("user"), None),
        (MONTH, "*#tenant#2026-11"),
        (DAY, "acme#days#all"),
        (occurred_key("acme", "2026-08-01"), "acme#days#all"),
        (MONTH._replace(stripe=1), None),
        (RUN, None),
        (EACH, "acme#daily%23user%23*%23l1#2026-11-22"),
        (EACH._replace(unit="calls"), "acme#daily%23user%23*%23l1%23calls#2026-11-22"),
        (of("budget", "daily#user#ana"), None),
    ],
)
def test_each_account_is_in_the_list_of_its_kind_or_in_none(
    account: AccountKey, name: str | None
) -> None:
    assert account.listing == name


@pytest.mark.parametrize(
    ("account", "name"),
    [
        (MONTH, "*#tenant#2026-11#14"),
        (DAY, None),
        (RUN, "acme#execution#run"),
        (workflow_key("acme", "w1"), "acme#workflow#run"),
        (of("user"), "acme#user#2026-11"),
        (of("tag"), "acme#tag#2026-11"),
        (of("workflow_name"), "acme#workflow_name#2026-11"),
        (of("agent"), None),
        (RUN._replace(stripe=1), None),
        (RUN._replace(unit="calls"), None),
        (MONTH._replace(stripe=1), None),
    ],
)
def test_runs_users_tags_workflow_names_and_tenants_are_ranked_by_spend(
    account: AccountKey, name: str | None
) -> None:
    assert account.ranking == name


@pytest.mark.parametrize(
    ("account", "name"),
    [
        (of("agent"), "*#agent#2026-11"),
        (of("labelled", "tag user"), "*#labelled#2026-11"),
        (DAY, "*#tenant#2026-11"),
        (MONTH, None),
        (tenant_key("acme", "run"), None),
        (of("agent", period="run"), None),
        (RUN, None),
        (of("agent")._replace(stripe=1), None),
    ],
)
def test_the_lines_of_a_months_breakdowns_are_in_a_list_of_all_tenants(
    account: AccountKey, name: str | None
) -> None:
    assert account.system_list == name


@pytest.mark.parametrize(
    ("account", "name"),
    [
        (EACH, "ana"),
        (of("budget", "daily#user#*#l1#x#ana"), "ana"),
        (of("budget", "daily#user#*#l1"), None),
        (of("budget", "daily#user#*#l1#"), ""),
        (of("budget", "daily#user#ana#l1#x"), None),
        (of("budget", "*#user#x#*#y"), None),
        (of("agent", "daily#user#*#l1#ana"), None),
    ],
)
def test_only_an_account_of_a_budget_for_each_name_says_a_name(
    account: AccountKey, name: str | None
) -> None:
    assert account.each_name == name


def test_only_the_usd_account_of_an_execution_or_a_workflow_is_a_run() -> None:
    assert RUN.is_run
    assert workflow_key("acme", "w1").is_run
    assert not RUN._replace(unit="calls").is_run
    assert not MONTH.is_run


@pytest.mark.parametrize(
    ("account", "text"),
    [
        (MONTH, "acme#tenant#acme#2026-11"),
        (MONTH._replace(stripe=3), "acme#tenant#acme#2026-11#3"),
        (MONTH._replace(unit="calls"), "acme#tenant#acme#2026-11#calls"),
        (MONTH._replace(unit="tokens", stripe=12), "acme#tenant#acme#2026-11#tokens#12"),
        (late_key("acme", "2026-11"), "acme#late#acme#2026-11"),
        (net_key("acme", "c1"), "acme#entry#c1#run"),
        (system_key("2026-11"), "*#system#system#2026-11"),
    ],
)
def test_a_key_is_one_text_and_is_read_back(account: AccountKey, text: str) -> None:
    assert str(account) == text
    assert AccountKey.parse(text) == account


def test_accounts_and_lists_have_their_names() -> None:
    assert str(net_key("acme", "c1")) == "acme#entry#c1#run"
    assert str(late_key("acme", "2026-11")) == "acme#late#acme#2026-11"
    assert str(occurred_key("acme", "2026-08-01")) == "acme#occurred#acme#2026-08-01"
    assert str(workflow_key("acme", "w1")) == "acme#workflow#w1#run"
    assert listing("acme", "agent", "2026-11") == "acme#agent#2026-11"
    assert paused_list("acme") == "acme#paused#all"
    assert tenants_ranking("2026-11", 3) == "*#tenant#2026-11#3"
    assert {tenants_list(f"tenant-{number}") for number in range(200)} == set(range(16))


def test_a_move_counts_usd_calls_and_tokens() -> None:
    move = Move(Decimal(3), Decimal(1), Decimal(2), 4, 5, 60, 40, 20)
    counted = {unit: move.counted(unit) for unit in ("usd", "calls", "tokens", "input_tokens")}
    assert counted == {"usd": 3, "calls": 5, "tokens": 60, "input_tokens": 40}
    assert move.counted("output_tokens") == 20
    assert move + move - move == move
    assert Move() - move == Move(Decimal(-3), Decimal(-1), Decimal(-2), -4, -5, -60, -40, -20)


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        (WorkflowTerms(), "0/"),
        (WorkflowTerms(2), "2/"),
        (WorkflowTerms(3, Decimal("1.5")), "3/1.5"),
        (WorkflowTerms(0, Decimal(0)), "0/0"),
    ],
)
def test_a_workflows_terms_are_one_text_and_read_back(terms: WorkflowTerms, text: str) -> None:
    assert str(terms) == text
    assert WorkflowTerms.parse(text) == terms


def test_only_executions_with_a_limit_of_their_own_have_own_limits() -> None:
    own, flow = WorkflowTerms(limit=Decimal(5)), workflow_key("acme", "w1")
    other = execution_key("acme", "e2")
    accounts = {
        RUN: Account(RUN, terms=own),
        other: Account(other),
        flow: Account(flow, terms=own),
    }
    assert own_limits(accounts) == {RUN: own}
