"""Scripts in an interpreter of their own, to see what our code loads."""

from __future__ import annotations

import subprocess
import sys

from tests.support.paths import ROOT

TABLES = ("ACCOUNTS", "LEDGER", "RESERVATIONS", "BUDGETS", "ALERTS")
TO_START = {"AWS_REGION": "eu-central-1", **{f"{name}_TABLE": name for name in TABLES}}
"""The variables that a function needs to start. Nothing reads the tables that they name."""


def printed_by(script: str, **environment: str) -> str:
    """Return what the script prints. It has these variables and no others.

    Raises AssertionError with its error output if the script fails.
    """
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script],
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'layers' / 'core'}", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
