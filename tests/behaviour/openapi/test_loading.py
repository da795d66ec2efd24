"""The document is loaded by the operation `openapi` alone."""

from __future__ import annotations

import json

from tests.support.processes.fresh_interpreter import TO_START, printed_by

SCRIPT = """
import importlib, json, sys
from budget_monitor import bootstrap
loaded = {}
for function in ("checking", "tracking", "budgeting", "reporting"):
    importlib.import_module(f"functions.{function}.app")
    context = getattr(bootstrap, function)()
    openapi = "budget_monitor.entrypoints.openapi"
    loaded[function] = sorted(name for name in sys.modules if name.startswith(openapi))
print(json.dumps(loaded))
assert context.services.openapi()["openapi"] == "3.1.0"
"""


def test_a_function_starts_without_the_document() -> None:
    """All start in one process: it has loaded whatever any of them loads."""
    loaded = json.loads(printed_by(SCRIPT, **TO_START))
    assert loaded == {"checking": [], "tracking": [], "budgeting": [], "reporting": []}
