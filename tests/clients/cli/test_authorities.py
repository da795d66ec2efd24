"""Budgets as code: who may approve, planned and applied as budgets are."""

from __future__ import annotations

from pathlib import Path

import pytest

from budget_monitor_client.cli.code.apply import apply
from budget_monitor_client.cli.exits import CommandError, Exit
from tests.clients.cli.test_code import WHY, planned
from tests.support.clients.command_line import CommandLine
from tests.support.clients.handlers import client


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "budgets.yaml"


AUTHORITY = """
format: 1
system:
  authority: {{four_eyes_above_usd: "1000"}}
tenants:
  {tenant}:
    authority:
      approvers:
        - {{signer: "arn:aws:iam::000000000000:role/TeamLead", up_to_usd: 100}}
        - {{by: maria, link: false}}
        - {{link: true, up_to_usd: "20.00"}}
      four_eyes_above_usd: "50"
      escalation: {{after_seconds: 3600, to: [finops@example.com, finops@example.com]}}
      time_out: {{after_seconds: 86400, decision: approve, up_to_usd: "5"}}
"""


def test_the_authority_is_planned_applied_exported_and_taken_out(
    file: Path, tmp_path: Path, tenant_id: str
) -> None:
    line, budget, out = CommandLine(), client(), tmp_path / "out.yaml"
    file.write_text(AUTHORITY.format(tenant=tenant_id))
    found = line.run("plan", str(file), "--json").json["changes"]
    assert [one["operation"] for one in found] == ["set_system_authority", "set_authority"]
    line.run("apply", str(file), "-r", "four eyes", "--yes")
    assert budget.get_authority(tenant_id)["source"] == "tenant"
    assert planned(file.read_text()).changes == ()
    line.run("export", "-t", tenant_id, "--out", str(out))
    assert planned(out.read_text()).changes == ()
    file.write_text(file.read_text().replace('up_to_usd: "5"', 'up_to_usd: "6"'))
    (change,) = planned(file.read_text()).changes
    assert (change.sign, list(change.after)) == ("~", ["time_out"])
    file.write_text(f"format: 1\ntenants:\n  {tenant_id}: {{authority: {{}}}}\n")
    (change,) = planned(file.read_text()).changes
    assert (change.operation, change.sign) == ("set_authority", "-")
    line.run("apply", str(file), "-r", "as the system", "--yes")
    assert budget.get_authority(tenant_id)["source"] == "system"
    assert planned(file.read_text()).changes == ()


def test_an_authority_edited_since_the_plan_is_a_conflict_and_is_not_lost(
    file: Path, tenant_id: str
) -> None:
    budget, text = client(), f"format: 1\ntenants: {{{tenant_id}: {{authority: {{}}}}}}"
    budget.set_authority(tenant_id, four_eyes_above_usd="9", **WHY)
    made = planned(text)
    budget.set_authority(tenant_id, four_eyes_above_usd="8", **WHY)
    with pytest.raises(CommandError, match="0 of 1 changes are made") as stopped:
        apply(budget, made, by="maria", reason="a test")
    assert stopped.value.code is Exit.CONFLICT
    assert budget.get_authority(tenant_id)["four_eyes_above_usd"] == "8"
