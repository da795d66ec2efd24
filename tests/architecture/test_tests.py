"""Each module of the layer has a test that is found by its path, and tests keep the same limits.

`layers/core/budget_monitor/<floor>/<room>/<module>.py` is tested by
`tests/<kind>/<room>/test_<module>.py` or `test_<module>_<topic>.py`, there or in a folder below.
Rooms of entrypoints are functions and top-level modules have no room: their tests may stand in any
room.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.test_rooms import CORE, MODULES
from tests.support.paths import ROOT

TESTS = [path.relative_to(ROOT / "tests") for path in (ROOT / "tests").rglob("test_*.py")]


OPENAPI = CORE / "entrypoints" / "openapi"
"""Declarations of the document: all of them are tested by tests/behaviour/openapi."""


def is_empty(module: Path) -> bool:
    """True for a package's `__init__` that only has a docstring."""
    return module.name == "__init__.py" and len(module.read_text().splitlines()) <= 1


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
