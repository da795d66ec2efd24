"""The command line against the deployed stack: by its name, its address, and found by itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest

from local.exports import exports
from tests.support.end_to_end.stack import Deployed
from tests.support.paths import ROOT
from tests.support.thorough import first

CLIENT = ROOT / "clients" / "python" / "src"
AWS = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
RULES = 'format: 1\ntenants: {TENANT: {budgets: {tenant-month: {limit_usd: "7.50"}}}}\n'


@pytest.fixture
def inside(deployed: Deployed, tmp_path: Path) -> Path:
    """A folder within one from which the stack was started with `make up`."""
    endpoint = deployed.stack.endpoint
    port = int(endpoint.rpartition(":")[2])
    (folder,) = {
        one.parent.resolve()
        for one in tmp_path.parents[0].glob("deployed*/emulator.lock")
        if json.loads(one.read_text())["port"] == port
    }
    (tmp_path / ".local").symlink_to(folder)
    made = tmp_path / "inner"
    made.mkdir()
    return made


def environments(deployed: Deployed) -> dict[str, dict[str, str]]:
    """By which variables the stack is found."""
    whole = exports(deployed.stack)
    aws = {name: whole[name] for name in AWS}
    functions = {name: one for name, one in whole.items() if name.endswith("_FUNCTION_ARN")}
    return {
        "stack": {**aws, "BUDGET_MONITOR_STACK": deployed.stack.name},
        "address": {**aws, "BUDGET_MONITOR_URL": deployed.stack.api_url},
        "functions": {**aws, **functions},
        "local": {},
    }


def run(words: list[str], folder: Path, environment: dict[str, str]) -> Any:
    whole = {
        "PATH": os.environ["PATH"],
        "AWS_CONFIG_FILE": "/dev/null",
        "PYTHONPATH": str(CLIENT),
        "BUDGET_MONITOR_BY": "maria",
        **environment,
    }
    command = [sys.executable, "-m", "budget_monitor_client.cli", *words]
    return subprocess.run(  # noqa: S603 - our own module
        command, cwd=folder, env=whole, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("kind", first(2, ["stack", "address", "functions", "local"]))
def test_the_stack_is_found_and_answers(deployed: Deployed, inside: Path, kind: str) -> None:
    environment, tenant = environments(deployed)[kind], f"cli-{uuid.uuid4().hex[:8]}"
    raised = run(["raise", "tenant-month", "5", "-t", tenant, "-r", "x"], inside, environment)
    assert (raised.stdout[:28], raised.stderr) == ("tenant-month is now $1005 (r", "")
    shown = run(["status", "-t", tenant, "--json"], inside, environment)
    assert json.loads(shown.stdout)["limit_usd"] == "1005"
    missing = run(["budgets", "show", "none", "-t", tenant], inside, environment)
    assert (missing.returncode, "NOT_FOUND" in missing.stderr) == (4, True)


def test_rules_of_a_file_are_applied_and_exported(deployed: Deployed, inside: Path) -> None:
    environment, tenant = environments(deployed)["stack"], f"cli-{uuid.uuid4().hex[:8]}"
    (inside / "budgets.yaml").write_text(RULES.replace("TENANT", tenant))
    made = run(["apply", "budgets.yaml", "-r", "x", "--yes"], inside, environment)
    assert "1 changes are made" in made.stdout
    assert run(["plan", "budgets.yaml", "--check"], inside, environment).returncode == 0
    written = run(["export", "-t", tenant], inside, environment)
    assert "limit_usd: '7.5'" in written.stdout


def test_a_stack_that_does_not_exist_says_what_to_check(deployed: Deployed, inside: Path) -> None:
    environment = {**environments(deployed)["stack"], "BUDGET_MONITOR_STACK": "none"}
    ran = run(["status"], inside, environment)
    assert (ran.returncode, "the stack none is not found" in ran.stderr) == (2, True)


def test_jobs_are_run_on_the_stack(deployed: Deployed, inside: Path) -> None:
    ran = run(["close"], inside, environments(deployed)["local"])
    assert (ran.returncode, "statements" in ran.stdout) == (0, True)
