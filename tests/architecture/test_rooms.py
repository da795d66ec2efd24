"""What each room may touch, and how large files, functions and folders may be.

Who may import whom stands in pyproject.toml and is checked by `make imports`.
"""

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

CORE = ROOT / "layers" / "core" / "budget_monitor"
MODULES = sorted(CORE.rglob("*.py"))
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))
OURS = [*MODULES, *HANDLERS, *sorted((ROOT / "local").rglob("*.py"))]

MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_FILES = 300, 40, 15

# What only one room may touch, as the source says it.
ONLY_IN = {
    "os.environ": {"config"},
    "datetime.now": {"adapters"},
    "uuid4": {"adapters", "entrypoints"},
    "aws_lambda_powertools": {"entrypoints"},
    "pynamodb": {"adapters"},
    "tenacity": {"adapters"},
    "from redis": {"adapters"},
    "import redis": {"adapters"},
}

# Words that have lost money elsewhere (FIELD.md). None of them has a place here.
NEVER = {
    r"\bfloat\(": "floats lose cents",
    r"\bNumberAttribute\b": "pynamodb's number goes through float",
    r"\.update_item\(": "the SDK repeats it when the answer is lost",
    r"\.put_item\(": "the SDK repeats it when the answer is lost",
    r"\.scan\(": "no path reads a whole table",
    r"batch_write": "it has no conditions",
}


def room_of(module: Path) -> str:
    return module.relative_to(CORE).parts[0].removesuffix(".py")


def imports_of(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@functools.cache
def code_of(module: Path) -> str:
    """The module without its docstrings and comments."""
    return ast.unparse(ast.parse(module.read_text()))


@pytest.mark.parametrize(
    "module", sorted((CORE / "domain").rglob("*.py")), ids=lambda path: str(path.relative_to(CORE))
)
def test_the_domain_is_made_of_the_standard_library_alone(module: Path) -> None:
    tops = {name.split(".")[0] for name in imports_of(module)} - {"budget_monitor"}
    assert tops <= sys.stdlib_module_names - {"os", "time", "random", "socket", "uuid"}


@pytest.mark.parametrize(("what", "rooms"), ONLY_IN.items(), ids=ONLY_IN)
def test_only_one_room_knows_the_world(what: str, rooms: set[str]) -> None:
    knowing = {room_of(module) for module in MODULES if what in code_of(module)}
    assert knowing <= rooms


@pytest.mark.parametrize(("pattern", "why"), NEVER.items(), ids=NEVER)
def test_what_lost_money_elsewhere_is_written_nowhere(pattern: str, why: str) -> None:
    guilty = [m.name for m in [*MODULES, *HANDLERS] if re.search(pattern, code_of(m))]
    assert not guilty, why


def test_a_row_is_saved_only_inside_a_transaction() -> None:
    saves = [
        (module.name, ast.unparse(node.func))
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"save", "update", "delete"}
    ]
    others = ("results.", "body.", "pipeline.")  # the last deletes copies, and no rows
    writers = {(name, call) for name, call in saves if not call.startswith(others)}
    assert writers == {
        ("writes.py", "write.save"),
        ("writes.py", "write.update"),
        ("documents.py", "write.save"),
        ("alert_table.py", "write.save"),
        ("alert_table.py", "write.update"),
        ("erasure.py", "write.save"),
        ("erasure.py", "write.delete"),
    }


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: path.parent.name)
def test_a_handler_parses_calls_one_use_case_and_renders(handler: Path) -> None:
    text = handler.read_text()
    assert len(text.splitlines()) < 40
    branches = (ast.If, ast.Try, ast.For, ast.While)
    assert not any(isinstance(node, branches) for node in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("module", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(module: Path) -> None:
    text = module.read_text()
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            documented = ast.get_docstring(node, clean=False) or ""
            length = (node.end_lineno or 0) - node.lineno - documented.count("\n")
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


def test_a_folder_can_be_taken_in_at_a_glance() -> None:
    folders = [folder for folder in CORE.rglob("*") if folder.is_dir()]
    sizes = {str(folder.relative_to(CORE)): len([*folder.glob("*.py")]) for folder in folders}
    assert {name: size for name, size in sizes.items() if size > MAX_FILES} == {}


def test_nothing_of_the_environment_is_read_on_import_and_the_hot_path_is_lean() -> None:
    heavy = ["boto3", "requests", "pydantic", "redis", "genai_prices", "aws_xray_sdk", "asyncio"]
    script = f"""
import sys
before = set(sys.modules)
for name in ("checking", "tracking"):
    __import__(f"functions.{{name}}.app")
import budget_monitor.bootstrap
print([name for name in {heavy} if name in sys.modules and name not in before])
"""
    paths = f"{ROOT}:{ROOT / 'layers' / 'core'}"
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script],
        env={"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
