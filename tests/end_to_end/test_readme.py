"""The README is true: its examples are run in order and answer as written."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

from budget_monitor.entrypoints import checking
from budget_monitor.entrypoints.budgeting import operations as budgeting
from budget_monitor.entrypoints.door.operations import DIRECT, Operation
from budget_monitor.entrypoints.reporting import operations as reporting
from budget_monitor.entrypoints.tracking import operations as tracking
from tests.end_to_end.stack import Deployed
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text()
EXAMPLE = re.compile(r"```sh\n(call .*?)```\n```json\n(.*?)```", re.DOTALL)
SETUP = re.search(r"^call\(\) \{.*?^  .*?\}$", README, re.DOTALL | re.MULTILINE)


def shell(command: str, api: str) -> Any:
    """What an example prints, run with the function that the README defines."""
    assert SETUP
    done = subprocess.run(  # noqa: S603 - our own README
        ["/bin/bash", "-c", f"API={api}\n{SETUP[0]}\n{command}"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    return json.loads(done.stdout)


def differences(said: Any, answered: Any, where: str = "") -> list[str]:
    """Where the answer is not as the README says; fields that it leaves out do not count."""
    if isinstance(said, dict) and isinstance(answered, dict):
        return [
            found
            for name, value in said.items()
            for found in differences(value, answered.get(name, "nothing"), f"{where}.{name}")
        ]
    if isinstance(said, list) and isinstance(answered, list) and len(said) == len(answered):
        pairs = enumerate(zip(said, answered, strict=True))
        return [
            found
            for place, (one, other) in pairs
            for found in differences(one, other, f"{where}[{place}]")
        ]
    return [] if said == answered else [f"{where} is {answered!r}, said {said!r}"]


def test_every_example_of_the_readme_answers_as_written(deployed: Deployed) -> None:
    examples = EXAMPLE.findall(README)
    assert len(examples) > 15
    for command, said in examples:
        answered = shell(command, deployed.stack.api_url)
        assert differences(json.loads(said), answered) == [], command


def test_the_readme_shows_every_route() -> None:
    shown = {line.split("'")[0] for line in re.findall(r"^call (.*)$", README, re.MULTILINE)}
    calls = " ".join(shown) + README
    groups: tuple[tuple[Operation[Any], ...], ...] = (
        checking.OPERATIONS,
        tracking.OPERATIONS,
        reporting.OPERATIONS,
        budgeting.OPERATIONS,
    )
    for one in (one for group in groups for one in group if one.method != DIRECT):
        pattern = re.sub(r"\{\w+\}", r"[\\w.-]+", one.path)
        assert re.search(rf"call {one.method} '?{pattern}(?=[\s?'])", calls), one.name


def test_the_readme_names_every_parameter_and_every_error() -> None:
    template = (ROOT / "template.yaml").read_text()
    for parameter in re.findall(r"^  (\w+LimitUsd):", template, re.MULTILINE):
        assert f"`{parameter}`" in README
    errors = (ROOT / "layers/core/budget_monitor/domain/errors.py").read_text()
    for code in re.findall(r'code, status = "(\w+)"', errors):
        assert f"`{code}`" in README
