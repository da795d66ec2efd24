"""Each module of the layer has a test that is found by its path, and tests keep the same limits.

`layers/core/budget_monitor/<floor>/<room>/<module>.py` is tested by
`tests/<kind>/<room>/test_<module>.py` or `test_<module>_<topic>.py`, there or in a folder below.
Rooms of entrypoints are functions and top-level modules have no room: their tests may stand in any
room.

Modules of the Python client and of `local` are tested by `test_<module>.py` or
`test_<module>_<topic>.py`, too. Small modules of one folder may share `test_<folder>.py` or
`test_<folder>_<topic>.py`. `ELSEWHERE` has the few that a test of another name runs.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.test_rooms import CORE, MODULES
from tests.support.paths import ROOT

TESTS = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")]


OPENAPI = CORE / "entrypoints" / "openapi"
"""Declarations of the document: all of them are tested by tests/behaviour/openapi."""


CLIENT = ROOT / "clients" / "python" / "src" / "budget_monitor_client"
LOCAL = ROOT / "local"
KINDS = {
    CLIENT: ("clients", "integrations"),
    LOCAL: ("local", "deployment", "docs", "end_to_end"),
}
"""The kinds of tests that run the modules outside of the layer."""

ELSEWHERE = {
    CLIENT / "__init__.py": "clients/test_package.py",
    CLIENT / "calling.py": "clients/test_operations.py",
    CLIENT / "client.py": "clients/test_calls.py",
    CLIENT / "guard" / "holds.py": "clients/test_journal.py",
    CLIENT / "guard" / "responses.py": "clients/test_estimates.py",
    CLIENT / "route.py": "clients/test_operations.py",
    CLIENT / "routes.py": "clients/test_operations.py",
    CLIENT / "sending.py": "clients/transports/test_transports.py",
    CLIENT / "values.py": "clients/test_operations.py",
    LOCAL / "api.py": "local/test_replay.py",
    LOCAL / "bench" / "__main__.py": "local/bench/test_main.py",
    LOCAL / "exports.py": "local/test_local_commands.py",
    LOCAL / "pages" / "browser.py": "end_to_end/test_dashboard.py",
    LOCAL / "pages" / "links.py": "end_to_end/test_dashboard.py",
    LOCAL / "report.py": "local/test_local_commands.py",
    LOCAL / "settings.py": "local/test_local_commands.py",
    LOCAL / "stack" / "adopt.py": "end_to_end/test_deploy_second_stack.py",
    LOCAL / "stack" / "layers.py": "local/test_emulator.py",
    LOCAL / "stack" / "network.py": "local/test_emulator.py",
    LOCAL / "stack" / "routes.py": "local/test_bundle.py",
    LOCAL / "template_reference.py": "docs/test_complete.py",
    LOCAL / "totals.py": "local/test_replay.py",
    LOCAL / "trace.py": "local/test_replay.py",
}
"""Modules whose test has another name, because it runs several of them together."""

BY_HAND = {
    LOCAL / "pictures.py",
    LOCAL / "pages" / "pictures.py",
    LOCAL / "stack" / "plain_template.py",
}
"""What only a command of the Makefile runs: pictures, and input of a checker."""


def is_empty(module: Path) -> bool:
    """True for a package's `__init__` that only has a docstring."""
    if module.name != "__init__.py":
        return False
    statements = ast.parse(module.read_text()).body
    return len(statements) <= 1 and all(isinstance(one, ast.Expr) for one in statements)


def room_of(module: Path) -> Path | None:
    """The folder of a module below its floor; None if its tests may stand in any room."""
    folders = module.relative_to(CORE).parent
    by_function = folders.parts[:1] == ("entrypoints",) and folders.parts[1:] != ("door",)
    return None if len(folders.parts) < 2 or by_function else Path(*folders.parts[1:])


def has_test(module: Path) -> bool:
    name = module.parent.name if module.name == "__init__.py" else module.stem
    room = room_of(module)
    return any(
        (test.stem == f"test_{name}" or test.stem.startswith(f"test_{name}_"))
        and (room is None or Path(*test.parent.parts[1:]).is_relative_to(room))
        for test in TESTS
    )


def test_each_module_has_a_test_that_is_found_by_its_name() -> None:
    missing = {
        str(module.relative_to(CORE))
        for module in MODULES
        if not is_empty(module) and OPENAPI not in module.parents and not has_test(module)
    }
    assert missing == set()


def is_found(module: Path, root: Path) -> bool:
    """True if a test outside of the layer has the name of the module or of its folder."""
    own = module.parent.name if module.name in {"__init__.py", "__main__.py"} else module.stem
    names = {own} if module.parent == root else {own, module.parent.name}
    return any(
        test.parts[0] in KINDS[root]
        and any(
            test.stem == f"test_{name}" or test.stem.startswith(f"test_{name}_") for name in names
        )
        for test in TESTS
    )


@pytest.mark.parametrize("root", [CLIENT, LOCAL], ids=["client", "local"])
def test_each_module_outside_of_the_layer_has_a_test_that_is_found_by_its_name(root: Path) -> None:
    modules = {one for one in root.rglob("*.py") if not is_empty(one)} - BY_HAND
    found = {one for one in modules if is_found(one, root)}
    assert {str(one.relative_to(root)) for one in modules - found - ELSEWHERE.keys()} == set()
    assert found & ELSEWHERE.keys() == set()


def test_each_test_of_another_name_exists() -> None:
    assert {str(one) for one in [*ELSEWHERE, *BY_HAND] if not one.exists()} == set()
    assert {one for one in ELSEWHERE.values() if not (ROOT / "tests" / one).exists()} == set()


@pytest.mark.parametrize(
    ("module", "room"),
    [
        ("config.py", None),
        ("domain/money.py", None),
        ("domain/holds/decisions.py", "holds"),
        ("adapters/dynamodb/rows/ledger.py", "dynamodb/rows"),
        ("entrypoints/door/http.py", "door"),
        ("entrypoints/tracking/reprice.py", None),
    ],
)
def test_the_room_of_a_module_is_its_folder_below_the_floor(module: str, room: str | None) -> None:
    assert room_of(CORE / module) == (None if room is None else Path(room))
