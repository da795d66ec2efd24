"""Each example runs as it is, and says what its page says."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

import pytest
import urllib3

from budget_monitor.domain.alerts.webhooks import Webhook
from local.stack.template import load
from tests.support.integrations.product import served, served_functions
from tests.support.memory.fixture import MemoryCloud
from tests.support.paths import ROOT

FOLDER = ROOT / "examples"
OUTPUTS = set(load(ROOT / "template.yaml")["Outputs"])
PARAMETERS = set(load(ROOT / "template.yaml")["Parameters"])
SAYS = {
    "agent_loop": [
        "stopped after 8 calls: BUDGET_EXCEEDED",
        r"Budget one-run exceeded: run-\w+ spent 0.048 USD and holds 0 USD of 0.05 USD in .*",
        "spent 0.048 USD",
    ],
    "cut_stream": [
        "A budget is a limit. - whole: 0.006 USD",
        "A budget is - the connection broke: 0.011 USD, estimated",
        "corrected by -0.007 USD",
        "spent 0.01 USD",
    ],
    "import_last_month": [
        "booked 3, booked before 0",
        "booked 0, booked before 3",
        "research 1 USD",
        "support 0.129 USD",
        "last month 1.129 USD",
        "this month 0 USD",
    ],
    "pause_and_approve": [
        "chapter 1 is written",
        "chapter 2 is written",
        "chapter 3 is refused: BUDGET_EXCEEDED; the workflow is paused",
        "maria approved; the workflow is active",
        "chapter 3 is written",
        "chapter 4 is written",
        "spent 0.024 USD",
    ],
    "shadow_then_enforce": [
        "in shadow: 3 of 3 calls are made",
        "would refuse run-1: 2 times",
        "enforced at 1.5 cents: 2 of 3 calls are made",
    ],
}


DIRECT = {"import_last_month"}
"""Examples that invoke the functions; the others use HTTP."""
BASE = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
}
FUNCTIONS = ("checking", "tracking", "reporting", "budgeting")


def run(name: str, url: str) -> str:
    environment = {**BASE, "BUDGET_MONITOR_URL": url, "BUDGET_MONITOR_TOKEN": "a-token"}
    if name in DIRECT:
        key = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        arns = {f"{one.upper()}_FUNCTION_ARN": one for one in FUNCTIONS}
        where = {"AWS_ENDPOINT_URL_LAMBDA": url, "AWS_DEFAULT_REGION": "us-east-1"}
        environment = {**BASE, **key, **arns, **where}
    done = subprocess.run(  # noqa: S603 - our own example
        [sys.executable, str(FOLDER / f"{name}.py")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", SAYS)
def test_an_example_runs_and_says_what_it_shows(cloud: MemoryCloud, name: str) -> None:
    with served_functions() if name in DIRECT else served() as url:
        lines = run(name, url).splitlines()
    assert len(lines) == len(SAYS[name])
    for line, pattern in zip(lines, SAYS[name], strict=True):
        assert re.fullmatch(pattern, line), line


@pytest.fixture
def receiver() -> Iterator[tuple[str, IO[str]]]:
    """The address of the receiver of webhooks, and what it prints after that."""
    environment = {**BASE, "PORT": "0", "WEBHOOK_SECRET": f"whsec_{b64encode(KEY).decode()}"}
    command = [sys.executable, str(FOLDER / "slack_receiver.py")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().split()[-1]}", process.stdout
        process.terminate()


KEY = b"a key that the forwarder has too"
ALERT = {
    "alert_id": "a-1", "kind": "nearing_limit", "at": "2026-11-29T12:00:00Z", "tenant_id": "acme",
    "title": "80 % of <tenant-month> passed", "text": "acme spent 815 USD of 1000 USD.",
}  # fmt: skip


def test_the_receiver_for_slack_takes_what_the_forwarder_signed_once(
    receiver: tuple[str, IO[str]],
) -> None:
    url, printed = receiver

    def send(key: bytes, alert_id: str, when: datetime) -> int:
        headers, body = Webhook(url, key=key).request({**ALERT, "alert_id": alert_id}, when)
        return urllib3.request("POST", url, headers=headers, body=body, retries=False).status

    now = datetime.now(UTC)
    assert send(b"another key", "a-0", now) == 401
    assert send(KEY, "a-0", now - timedelta(minutes=6)) == 401
    assert [send(KEY, one, now) for one in ("a-1", "a-1", "a-2")] == [204] * 3
    assert [printed.readline() for _ in range(2)] == ["*80 % of &lt;tenant-month&gt; passed*\n"] * 2


def test_each_example_is_listed_and_run() -> None:
    listed = set(re.findall(r"^\| \[([\w.]+)\]", (FOLDER / "README.md").read_text(), re.MULTILINE))
    helpers = {"README.md", "connect.py", "fake_model.py"}
    assert listed == {one.name for one in FOLDER.iterdir() if one.name[0] != "_"} - helpers
    assert {f"{name}.py" for name in (*SAYS, "slack_receiver")} == {
        one for one in listed if one.endswith(".py")
    }


def test_the_keys_of_the_proxy_are_those_that_the_page_names() -> None:
    keys = json.loads((FOLDER / "litellm_proxy" / "keys.json").read_text())
    text = (FOLDER / "README.md").read_text()
    named = set(re.findall(r"`(sk-[\w-]+)`", text))
    assert {hashlib.sha256(one.encode()).hexdigest() for one in named} == set(keys)
    assert {one["tenant_id"] for one in keys.values()} == {"acme", "globex"}


def test_the_cdk_app_is_python_and_takes_outputs_and_parameters_that_exist() -> None:
    text = (FOLDER / "cdk" / "app.py").read_text()
    names = {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {"ApiUrl", "CheckingFunctionArn", "TrackingFunctionArn"} <= names & OUTPUTS
    assert {"TenantMonthLimitUsd", "ProtectTables"} <= names & PARAMETERS


def test_the_terraform_module_takes_outputs_and_parameters_that_exist() -> None:
    text = (FOLDER / "terraform" / "main.tf").read_text()
    assert set(re.findall(r'outputs\["(\w+)"\]', text)) <= OUTPUTS
    assert set(re.findall(r"^    (\w+) += \"", text, re.MULTILINE)) <= PARAMETERS
    assert text.count("{") == text.count("}")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_reads_the_module(tmp_path: Path) -> None:
    words = ["terraform", "fmt", "-check", "-diff", str(FOLDER / "terraform")]
    done = subprocess.run(  # noqa: S603
        words, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]}
    )
    assert done.returncode == 0, done.stdout + done.stderr
