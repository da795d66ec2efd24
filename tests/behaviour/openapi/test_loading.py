"""The document is loaded by the operation `openapi` alone."""

from __future__ import annotations

import pytest

from tests.support.processes.fresh_interpreter import TO_START, printed_by

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
    assert printed_by(SCRIPT.format(function=function), **TO_START) == "[]"
