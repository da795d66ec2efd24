"""Each command prints what the service answers, for people and as JSON."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor_client import BudgetMonitor
from budget_monitor_client.cli.tables import bar, clean
from tests.clients.test_calls import RESPONSE, TERMS
from tests.support.clients.command_line import CommandLine
from tests.support.clients.handlers import client

WHY: dict[str, Any] = {"by": "lee", "reason": "a test"}
MONEY = "0.000000000001"


@pytest.fixture
def budget(cloud: Any) -> BudgetMonitor:
    return client()


@pytest.fixture
def line(cloud: Any, tenant_id: str) -> CommandLine:
    made = CommandLine()
    made.environment["BUDGET_MONITOR_TENANT"] = tenant_id
    return made


@pytest.fixture
def spent(budget: BudgetMonitor, tenant_id: str) -> None:
    """One call of 0.006 USD by the agent `researcher` for `ada`."""
    labels: dict[str, Any] = {"agent": "researcher", "user": "ada", "tags": ["a"]}
    run = budget.run(tenant_id, run_id="run-1", workflow_execution_id="w-1", **labels)
    with run.call(**TERMS, provider="openai") as call:
        call.done(RESPONSE)


def test_status_shows_the_months_money_as_it_is_answered(line: CommandLine, spent: None) -> None:
    shown = line.run("status").out
    assert "$0.006" in shown
    assert "$999.994" in shown
    assert "tenant-month" in shown
    assert "0 open requests, 0 paused workflows" in shown


def test_status_of_all_tenants_lists_the_largest(
    line: CommandLine, spent: None, tenant_id: str
) -> None:
    line.environment.pop("BUDGET_MONITOR_TENANT")
    shown = line.run("status")
    assert (shown.code, "All tenants" in shown.out, tenant_id in shown.out) == (0, True, True)


def test_status_with_check_exits_1_above_the_limit(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str, spent: None
) -> None:
    assert line.run("status", "--check").code == 0
    budget.set_budget(tenant_id, budget_id="tenant-month", limit_usd="0.001", **WHY)
    assert (line.run("status", "--check").code, line.run("status").code) == (1, 0)


@pytest.mark.parametrize(
    ("by", "name"),
    {
        "agent": "researcher",
        "model": "gpt-4o",
        "user": "ada",
        "tag": "a",
        "workflow": "(none)",
        "provider": "openai",
    }.items(),
)
def test_usage_is_broken_down_by_each_label(
    line: CommandLine, spent: None, by: str, name: str
) -> None:
    shown = line.run("usage", "--by", by).out
    row = next(one for one in shown.splitlines() if one.startswith(f"  {name} "))
    assert "$0.006" in row
    assert "100 %" in row


def test_usage_by_day_and_of_all_tenants(line: CommandLine, spent: None) -> None:
    assert "$0.006" in line.run("usage", "--by", "day").out
    line.environment.pop("BUDGET_MONITOR_TENANT")
    for by in ("agent", "model", "user", "tag", "workflow", "provider", "day"):
        assert line.run("usage", "--by", by, "--json").json["total_usd"] == "0.006"


def test_amounts_are_printed_to_the_last_digit(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str
) -> None:
    budget.record_cost(tenant_id, agent_execution_id="run-1", cost_usd=MONEY)
    for command in ("status", "usage", "costs"):
        assert f"${MONEY}" in line.run(command).out
        assert f'"{MONEY}"' in line.run(command, "--json").out


def test_headroom_exits_1_if_less_is_left_than_is_needed(line: CommandLine, spent: None) -> None:
    fits = line.run("headroom", "--run", "run-1", "--needs", "9.994")
    assert (fits.code, "$9.994" in fits.out) == (0, True)
    assert line.run("headroom", "--run", "run-1", "--needs", "9.995").code == 1
    wrong = line.run("headroom", "--needs", "much")
    assert (wrong.code, "--needs is an amount" in wrong.error) == (2, True)


def test_costs_lists_entries_the_oldest_first(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str
) -> None:
    for number in range(3):
        budget.record_cost(tenant_id, agent_execution_id=f"run-{number}", cost_usd=str(number))
    found = line.run("costs", "--json", "--limit", "2").json["items"]
    assert [one["agent_execution_id"] for one in found] == ["run-0", "run-1"]
    assert line.run("costs", "--follow", "--to", "2026-01-01T00:00:00Z").code == 2
    assert line.run("costs", "--follow", "--from", "today").code == 2


def test_costs_follow_prints_each_entry_once(
    line: CommandLine,
    budget: BudgetMonitor,
    tenant_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """New entries come between the looks; the fourth look is the last."""
    looks = itertools.count(1)

    def wait(seconds: float) -> None:
        assert seconds == 2.0
        look = next(looks)
        if look == 4:
            raise KeyboardInterrupt
        if look < 3:
            budget.record_cost(tenant_id, agent_execution_id=f"run-{look}", cost_usd=MONEY)

    monkeypatch.setattr("budget_monitor_client.cli.commands.costs.time.sleep", wait)
    ran = line.run("costs", "--follow", "--json")
    entries = [json.loads(one) for one in ran.out.splitlines()]
    assert [one["agent_execution_id"] for one in entries] == ["run-1", "run-2"]
    assert {one["cost_usd"] for one in entries} == {MONEY}
    assert ran.code == 130


def test_budgets_are_listed_and_one_is_shown_with_its_history(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str
) -> None:
    budget.set_budget(
        tenant_id, budget_id="daily", scope="tenant", period="day", limit_usd="20", **WHY
    )
    assert "daily" in line.run("budgets", "list").out
    shown = line.run("budgets", "show", "daily").out
    assert "$20" in shown
    assert "lee" in shown
    assert line.run("budgets", "show", "daily", "--json").json["limit_usd"] == "20"
    line.environment.pop("BUDGET_MONITOR_TENANT")
    assert "system-month" in line.run("budgets", "list").out
    assert "$10000" in line.run("budgets", "show", "system-month").out


def test_a_raise_is_made_once_under_its_id(line: CommandLine) -> None:
    words = ("raise", "tenant-month", "250", "--reason", "a launch", "--id", "launch")
    assert "is now $1250" in line.run(*words).out
    assert "is now $1250" in line.run(*words).out
    shown = line.run("budgets", "show", "tenant-month").out
    assert ("maria" in shown, "a launch" in shown) == (True, True)


def test_requests_are_listed_approved_and_denied(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str
) -> None:
    for name in ("ask-1", "ask-2"):
        budget.request_raise(
            tenant_id, request_id=name, agent_execution_id=name, amount_usd="5", reason="more"
        )
    assert line.run("requests").out.count("ask-") >= 2
    approved = line.run("approve", "ask-1", "--amount", "2", "-r", "a little")
    assert approved.out == "ask-1 is approved\n"
    assert line.run("deny", "ask-2", "-r", "no").out == "ask-2 is denied\n"
    assert line.run("requests", "--json").json == {"items": []}
    assert len(line.run("requests", "--state", "all", "--json").json["items"]) == 2
    assert line.run("approve", "ask-2", "-r", "yes").code == 5


def test_a_workflow_is_paused_and_resumed(line: CommandLine) -> None:
    assert line.run("pause", "w-1", "-r", "wait").out == "w-1 is paused\n"
    assert "1 paused workflows" in line.run("status").out
    assert line.run("resume", "w-1", "-r", "go", "--limit", "60").out == "w-1 is active\n"


def test_alerts_and_prices_are_listed(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str
) -> None:
    budget.request_raise(tenant_id, agent_execution_id="r", amount_usd="5", reason="more")
    budget.set_price(tenant_id, model="ours", input_usd_per_million="1.25", **WHY)
    assert "raise_requested" in line.run("alerts").out
    assert "input_usd_per_million 1.25" in line.run("prices").out
    assert "$2.5" in line.run("prices", "--model", "gpt-4o").out
    line.environment.pop("BUDGET_MONITOR_TENANT")
    assert line.run("alerts").code == line.run("prices").code == 0


def test_jobs_are_run_and_tell_what_they_found(line: CommandLine, spent: None) -> None:
    assert line.run("close", "--json").json["failed"] == []
    assert "accounts of" in line.run("reconcile").out
    assert line.run("reconcile", "--rebuild").code == 2
    rebuilt = line.run("reconcile", "--rebuild", "-r", "a test", "--json").json
    assert rebuilt["differences"] == []


def test_the_bar_is_full_at_100_and_never_longer() -> None:
    cells = {text: bar(text).plain.count("█") for text in ("0", "4.99", "5", "99.99", "100", "250")}
    assert cells == {"0": 0, "4.99": 0, "5": 1, "99.99": 19, "100": 20, "250": 20}
    assert bar(None).plain == "-"
    assert Decimal(bar("12.5").plain.split()[1]) == Decimal("12.5")


def test_texts_of_agents_are_printed_as_they_are_and_cannot_move_the_cursor(
    line: CommandLine, budget: BudgetMonitor, tenant_id: str
) -> None:
    reason = "[red]now[/] :rocket: [/]"
    budget.request_raise(tenant_id, agent_execution_id="run-1", amount_usd="1", reason=reason)
    assert reason in line.run("requests").out
    assert clean("a\x1b[2J\nb\u202e") == "a\ufffd[2J\ufffdb\ufffd"
