"""Budgets as code: the plan is the difference, and after apply there is none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from budget_monitor_client.cli.code.apply import apply
from budget_monitor_client.cli.code.file import parse
from budget_monitor_client.cli.code.lint import lint
from budget_monitor_client.cli.code.plan import Plan, plan
from budget_monitor_client.cli.exits import CommandError, Exit
from tests.support.clients.command_line import CommandLine
from tests.support.clients.handlers import client

WHY: dict[str, Any] = {"by": "lee", "reason": "a test"}
RULES = """
format: 1
tenants:
  {tenant}:
    settings: {{time_zone: Europe/Berlin, owner: finance@acme.example}}
    budgets:
      tenant-month: {{limit_usd: "500"}}
      daily: {{scope: tenant, period: day, limit_usd: 20, thresholds: [50, 100]}}
      each-user:
        scope: user
        scope_id: "*"
        period: day
        limit_usd: "2.50"
        limit_calls: 100
    prices:
      - {{model: our-model, input_usd_per_million: "1.20", output_usd_per_million: 3}}
      - {{model: our-model, from: "2099-01-01T00:00:00Z", input_usd_per_million: "1"}}
      - {{model: "*", provider: openai, discount_percent: "10"}}
    aliases:
      our-deployment: {{model: gpt-4o, provider: openai}}
"""


@pytest.fixture
def file(tmp_path: Path, cloud: Any, tenant_id: str) -> Path:
    path = tmp_path / "budgets.yaml"
    path.write_text(RULES.format(tenant=tenant_id))
    return path


def now() -> datetime:
    return datetime.now(UTC)


def planned(text: str) -> Plan:
    return plan(client(), parse(text), now())


def test_plan_shows_each_field_apply_makes_it_and_then_there_is_no_difference(
    file: Path, tenant_id: str
) -> None:
    line = CommandLine()
    shown = line.run("plan", str(file))
    assert "8 changes" in shown.out
    assert "Europe/Berlin" in shown.out
    assert line.run("plan", str(file), "--check").code == 1
    made = line.run("apply", str(file), "--reason", "the new year", "--yes")
    assert "8 changes are made" in made.out
    assert "No changes" in line.run("plan", str(file)).out
    assert line.run("plan", str(file), "--check").code == 0
    assert line.run("apply", str(file), "-r", "again", "--yes").code == 0
    history = client().tenant_history(tenant_id)["items"]
    assert {(one["by"], one["reason"]) for one in history} == {("maria", "the new year")}
    assert len(history) == 8


def test_what_the_file_leaves_out_of_a_section_is_deleted_and_sections_left_out_stay(
    file: Path, tenant_id: str
) -> None:
    line, budget = CommandLine(), client()
    line.run("apply", str(file), "-r", "a test", "--yes")
    file.write_text(f"format: 1\ntenants:\n  {tenant_id}:\n    budgets: {{}}\n")
    shown = line.run("plan", str(file), "--json").json["changes"]
    assert {one["operation"] for one in shown} == {"delete_budget"}
    line.run("apply", str(file), "-r", "a test", "--yes")
    sources = {one["source"] for one in budget.list_budgets(tenant_id)["items"]}
    assert "tenant" not in sources
    assert len(budget.list_aliases(tenant_id)["items"]) == 1


def test_a_field_that_is_taken_out_of_a_budget_is_taken_back_and_its_raises_stay(
    file: Path, tenant_id: str
) -> None:
    line, budget = CommandLine(), client()
    line.run("apply", str(file), "-r", "a test", "--yes")
    budget.raise_limit(tenant_id, budget_id="each-user", amount_usd="1", **WHY)
    file.write_text(file.read_text().replace("        limit_calls: 100\n", ""))
    (change,) = line.run("plan", str(file), "--json").json["changes"]
    assert (change["before"], change["after"]) == ({"limit_calls": 100}, {"limit_calls": None})
    line.run("apply", str(file), "-r", "a test", "--yes")
    found = budget.get_budget(tenant_id, budget_id="each-user")
    assert (found["limit_calls"], found["limit_usd"], len(found["raises"])) == (None, "3.5", 1)
    assert "No changes" in line.run("plan", str(file)).out


def test_an_edit_between_plan_and_apply_is_a_conflict_and_is_not_lost(
    file: Path, tenant_id: str
) -> None:
    budget = client()
    made = planned(file.read_text())
    budget.set_budget(tenant_id, budget_id="tenant-month", limit_usd="123", **WHY)
    with pytest.raises(CommandError, match="0 of 8 changes are made") as stopped:
        apply(budget, made, by="maria", reason="a test")
    assert stopped.value.code is Exit.CONFLICT
    assert budget.get_budget(tenant_id, budget_id="tenant-month")["limit_usd"] == "123"
    assert len(budget.tenant_history(tenant_id)["items"]) == 1


def test_an_edit_in_the_middle_of_apply_stops_it_and_the_next_apply_makes_the_rest(
    file: Path, tenant_id: str
) -> None:
    budget, made = client(), planned(file.read_text())
    steps = iter(range(3))

    def edit() -> None:
        if next(steps, None) == 2:
            budget.set_budget(tenant_id, budget_id="tenant-month", limit_usd="123", **WHY)

    with pytest.raises(CommandError, match="3 of 8 changes are made"):
        apply(budget, made, by="maria", reason="a test", done=edit)
    rest = planned(file.read_text())
    assert len(rest.changes) == 5
    apply(budget, rest, by="maria", reason="a test")
    assert planned(file.read_text()).changes == ()


def test_of_8_people_who_apply_the_plans_of_one_version_at_once_1_succeeds(
    cloud: Any, tenant_id: str
) -> None:
    texts = [
        RULES.format(tenant=tenant_id).replace('"500"', f'"{500 + number}"') for number in range(8)
    ]
    plans = [planned(text) for text in texts]

    def one(made: Plan) -> Exit:
        try:
            apply(client(), made, by="maria", reason="a test")
        except CommandError as error:
            return error.code
        return Exit.DONE

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, plans))
    assert sorted(outcomes) == [Exit.DONE] + [Exit.CONFLICT] * 7
    assert planned(texts[outcomes.index(Exit.DONE)]).changes == ()
    assert client().get_tenant(tenant_id)["version"] == 8


def test_apply_asks_a_person_and_needs_yes_of_a_machine(file: Path) -> None:
    ran = CommandLine().run("apply", str(file), "-r", "a test")
    assert (ran.code, "--yes" in ran.error) == (2, True)
    assert len(planned(file.read_text()).changes) == 8


def test_a_change_that_the_service_refuses_says_how_many_are_made(
    file: Path, tenant_id: str
) -> None:
    file.write_text(file.read_text().replace("period: day, limit_usd: 20", "period: decade"))
    ran = CommandLine().run("apply", str(file), "-r", "a test", "--yes")
    assert ran.code == 2
    assert f"7 of 8 changes are made, then {tenant_id}: budget daily" not in ran.out
    assert f"{tenant_id}: budget daily" in ran.error
    assert "period" in ran.error


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "format: 1\nsystem: {budgets: {a: {limit_usd: 20.5}}}",
            "system.budgets.a.limit_usd is 20.5",
        ),
        ("format: 1\nsystem: {budgets: {a: {limit_usd: 1e3}}}", "is 1e3 without quotes"),
        ("format: 1\nsystem: {prices: [{model: m, call_usd: .5}]}", r"prices\[0\].call_usd is .5"),
        ("format: 1\nsystem: {budgets: {a: {limit: 1}}}", "system.budgets.a.limit is no field"),
        ("format: 1\nsystem: {settings: {}}", "system.settings is no field"),
        ("format: 1\nsystem: {prices: [{call_usd: 1}]}", r"prices\[0\].model is required"),
        ("format: 1\ntenants: {a: {budgets: {x: {}, x: {}}}}", "'x' is given twice"),
        ("system: {}", "format: write `format: 1`"),
        ("format: 1\ntenants: [a]", "tenants must have fields"),
        ("format: 1\nsystem: {prices: {}}", "system.prices must be a list"),
        ("format: 1\nsystem: {authority: {four_eyes: 1}}", "authority.four_eyes is no field"),
        (
            "format: 1\ntenants: {a: {authority: {approvers: [{name: x}]}}}",
            r"tenants.a.authority.approvers\[0\].name is no field",
        ),
    ],
)
def test_a_file_that_is_wrong_names_the_place(text: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        parse(text)


def test_a_file_that_is_no_yaml_or_is_not_there_exits_with_2(tmp_path: Path) -> None:
    path = tmp_path / "budgets.yaml"
    assert CommandLine().run("lint", str(path)).code == 2
    path.write_text("a: [")
    assert CommandLine().run("lint", str(path)).code == 2


def test_words_like_yes_and_times_stay_text() -> None:
    found = parse("format: 1\ntenants: {yes: {budgets: {2026-11-01: {scope_id: 12:30}}}}")
    assert found.tenants["yes"].budgets == {"2026-11-01": {"scope_id": "12:30"}}


def test_export_is_a_file_without_a_difference(file: Path, tmp_path: Path, tenant_id: str) -> None:
    line, out = CommandLine(), tmp_path / "out.yaml"
    line.run("apply", str(file), "-r", "a test", "--yes")
    client().set_system_budget(budget_id="system-month", limit_usd="20000", **WHY)
    client().record_cost(tenant_id, agent_execution_id="run-1", cost_usd="1")
    assert line.run("export", "--out", str(out)).code == 0
    assert "No changes" in line.run("plan", str(out)).out
    written = yaml.safe_load(out.read_text())
    assert written["system"]["budgets"]["system-month"]["limit_usd"] == "20000"
    assert written["tenants"][tenant_id]["budgets"]["each-user"]["limit_usd"] == "2.5"
    assert line.run("export", "-t", tenant_id).out.startswith("format: 1\n")


LINTED = """
format: 1
system:
  budgets:
    system-month: {limit_usd: "1000"}
    execution: {limit_usd: "10"}
tenants:
  acme:
    budgets:
      tenant-month: {limit_usd: "500"}
      daily: {scope: tenant, period: day, limit_usd: "600"}
      hourly: {scope: tenant, period: hour, limit_usd: "20"}
      ada: {scope: user, scope_id: ada, period: month, limit_usd: "501"}
      eve: {scope: user, scope_id: eve, period: month, limit_usd: "500"}
      quiet: {scope: user, scope_id: bob, period: day, action: alert, limit_usd: 1, thresholds: []}
  big:
    authority:
      approvers: [{by: maria, up_to_usd: 100}, {link: true, up_to_usd: "20"}]
      four_eyes_above_usd: "100"
      escalation: {after_seconds: 7200, to: [finops]}
      time_out: {after_seconds: 3600, decision: deny}
    budgets:
      tenant-month: {limit_usd: "2000"}
      shadow: {scope: tenant, period: year, limit_usd: "1", enforcement: shadow}
"""


def test_lint_finds_children_above_parents_and_limits_that_are_never_reached() -> None:
    found = {one.path: one.rule for one in lint(parse(LINTED))}
    assert found == {
        "tenants.acme.budgets.daily": "never-reached",
        "tenants.acme.budgets.ada": "child-above-parent",
        "tenants.big.budgets.tenant-month": "child-above-parent",
        "tenants.acme.budgets.quiet": "never-told",
        "tenants.big.authority.four_eyes_above_usd": "never-reached",
        "tenants.big.authority.escalation.after_seconds": "never-told",
    }


def test_lint_exits_1_and_plan_warns(tmp_path: Path, cloud: Any) -> None:
    path = tmp_path / "budgets.yaml"
    path.write_text(LINTED)
    ran = CommandLine().run("lint", str(path))
    assert (ran.code, "never-reached" in ran.out) == (1, True)
    assert "warning: " in CommandLine().run("plan", str(path)).out
    assert len(CommandLine().run("lint", str(path), "--json").json["findings"]) == 6
