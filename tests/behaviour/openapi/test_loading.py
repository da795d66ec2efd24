"""The document is loaded by the operation `openapi` alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT

SCRIPT = """
import importlib, sys
from budget_monitor import bootstrap
function = {function!r}
importlib.import_module(f"functions.{{function}}.app")
context = getattr(bootstrap, function)()
print(sorted(name for name in sys.modules if name.startswith("budget_monitor.entrypoints.openapi")))
if function == "reporting":
    assert context.services.openapi()["openapi"] == "3.1.0"
"""


@pytest.mark.parametrize("function", ["checking", "tracking", "budgeting", "reporting"])
def test_a_function_starts_without_the_document(function: str) -> None:
    tables = ("ACCOUNTS", "LEDGER", "RESERVATIONS", "BUDGETS", "ALERTS")
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", SCRIPT.format(function=function)],
        env={
            "PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core'}",
            "AWS_REGION": "eu-central-1",
            **{f"{name}_TABLE": name for name in tables},
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
