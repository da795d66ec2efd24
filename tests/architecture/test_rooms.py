"""What each room may touch, and how large files, functions and folders may be.

Who may import whom stands in pyproject.toml and is checked by `make imports`.
"""

import ast
import functools
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.processes.fresh_interpreter import printed_by

pytestmark = pytest.mark.xdist_group("sources")  # parsed once, by one worker
CORE = ROOT / "layers" / "core" / "budget_monitor"
MODULES = sorted(CORE.rglob("*.py"))
HANDLERS = sorted((ROOT / "functions").glob("*/app.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
CLIENT = ROOT / "clients" / "python" / "src" / "budget_monitor_client"
GENERATED = {CLIENT / "routes.py", *(CLIENT / "operations").glob("*.py")}
CLIENTS = set((ROOT / "clients").rglob("*.py")) - GENERATED
BESIDE = [one for name in ("local", "examples") for one in sorted((ROOT / name).rglob("*.py"))]
OURS = [*MODULES, *HANDLERS, *TESTS, *BESIDE, *sorted(CLIENTS)]

MAX_FILE_LINES, MAX_FUNCTION_LINES, MAX_FILES = 300, 40, 15

# What only one room may touch, as the source says it.
ONLY_IN = {
    "os.environ": {"config"},
    "datetime.now": {"adapters"},
    "uuid4": {"adapters", "entrypoints"},
    "aws_lambda_powertools": {"entrypoints"},
    "pynamodb": {"adapters"},
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


@pytest.fixture(scope="module", autouse=True)
def trees_forgotten() -> Iterator[None]:
    """Free the memory of all trees after the last test."""
    yield
    tree_of.cache_clear()


@functools.cache
def tree_of(module: Path) -> ast.Module:
    """The module of the service or of its client, parsed once for all tests."""
    return ast.parse(module.read_text())


@functools.cache
def imports_of(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@functools.cache
def code_of(module: Path) -> str:
    """The module without its docstrings and comments."""
    return ast.unparse(tree_of(module))


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
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"save", "update", "delete", "add_new", "add_update"}
    ]
    others = ("results.", "body.", "pipeline.")  # the last deletes copies, and no rows
    writers = {(name, call) for name, call in saves if not call.startswith(others)}
    assert writers == {
        ("writes.py", "write.add_new"),
        ("writes.py", "write.add_update"),
        ("writes.py", "write.update"),
        ("documents.py", "write.save"),
        ("alert_table.py", "write.save"),
        ("alert_table.py", "write.update"),
        ("erasure.py", "write.save"),
        ("erasure.py", "write.delete"),
    }


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: path.parent.name)
def test_a_handler_parses_calls_one_use_case_and_renders(handler: Path) -> None:
    assert len(handler.read_text().splitlines()) < 40
    branches = (ast.If, ast.Try, ast.For, ast.While)
    assert not any(isinstance(node, branches) for node in ast.walk(tree_of(handler)))


def functions_in(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Each function, also those in classes and functions; no function is within an expression."""
    for one in ast.iter_child_nodes(node):
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield one
        if not isinstance(one, ast.expr):
            yield from functions_in(one)


def too_long(module: Path) -> list[str]:
    """The functions of a module that have too many lines without their docstring."""
    kept = module.is_relative_to(CORE) or module in HANDLERS
    found = []
    for node in functions_in(tree_of(module) if kept else ast.parse(module.read_text())):
        documented = ast.get_docstring(node, clean=False) or ""
        length = (node.end_lineno or 0) - node.lineno - documented.count("\n")
        if length > MAX_FUNCTION_LINES:
            found.append(f"{node.name} has {length} lines")
    return found


def test_no_file_has_over_300_lines_and_no_function_over_40() -> None:
    sizes = {module: len(module.read_text().splitlines()) for module in OURS}
    assert {str(one): size for one, size in sizes.items() if size > MAX_FILE_LINES} == {}
    parsed = [one for one, size in sizes.items() if size > MAX_FUNCTION_LINES]
    assert {str(one): found for one in parsed if (found := too_long(one))} == {}


@pytest.mark.parametrize(
    "root",
    [CORE, *(ROOT / one for one in ("tests", "functions", "local", "clients", "examples"))],
    ids=lambda p: p.name,
)
def test_no_folder_has_over_15_modules(root: Path) -> None:
    folders = [root, *(folder for folder in root.rglob("*") if folder.is_dir())]
    sizes = {str(folder.relative_to(ROOT)): len([*folder.glob("*.py")]) for folder in folders}
    assert {name: size for name, size in sizes.items() if size > MAX_FILES} == {}


def test_the_client_knows_nothing_of_the_service_and_the_service_nothing_of_it() -> None:
    ours = {top.split(".")[0] for one in CLIENT.rglob("*.py") for top in imports_of(one)}
    assert "budget_monitor" not in ours
    service = {top.split(".")[0] for one in [*MODULES, *HANDLERS] for top in imports_of(one)}
    assert "budget_monitor_client" not in service


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
    assert printed_by(script) == "[]"
