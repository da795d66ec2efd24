"""The wheel: what it holds, what importing it loads, and its README's example."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest

import budget_monitor_client
from clients.python.layer import NAME, build
from tests.support.clients.handlers import HandlerPool, client
from tests.support.docs.pages import titled
from tests.support.paths import ROOT

FOLDER = ROOT / "clients" / "python"
COMMANDS = {"typer", "rich", "yaml"}
EXTRAS = {
    "cli": COMMANDS,
    "commands": COMMANDS | {"anyio"},
    "code": COMMANDS,
    "mcp_server": {"anyio", "mcp", "mcp_types", "pydantic"},
}
"""What the modules of an extra may import beside."""
MODULES = sorted((FOLDER / "src").rglob("*.py"))
HEAVY = [
    "asyncio",
    "boto3",
    "botocore",
    "urllib3",
    "requests",
    "pydantic",
    "httpx",
    "openai",
    "typer",
    "rich",
    "yaml",
    "mcp",
]
INTEGRATED = {
    "anthropic": {"anthropic"},
    "langchain": {"langchain_core"},
    "litellm": {"litellm"},
    "litellm_proxy": {"litellm", "fastapi"},
    "openai": {"openai"},
    "openai_agents": {"openai", "agents"},
    "pydantic_ai": {"pydantic_ai"},
    "strands": {"strands"},
}
"""What each integration loads: its own library, and nothing of the others."""
USAGE = {"prompt_tokens": 1200, "completion_tokens": 300}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the built wheel was installed, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    uv = Path(sys.executable).parent / "uv"
    for command in (
        ["build", "-q", "--offline", "--wheel", "--out-dir", str(folder / "dist"), str(FOLDER)],
        ["pip", "install", "-q", "--offline", "--no-deps", "--target", str(folder / "site")],
    ):
        wheels = [str(one) for one in (folder / "dist").glob("*.whl")]
        words = [str(uv), *command, *(wheels if command[0] == "pip" else [])]
        done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
        assert done.returncode == 0, done.stderr
    return folder


def printed(script: str, folder: Path) -> str:
    environment = {"PYTHONPATH": str(folder / "site")}
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, env=environment, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_wheel_has_the_package_its_types_and_nothing_else(installed: Path) -> None:
    (wheel,) = (installed / "dist").glob("*.whl")
    assert wheel.name == "budget_monitor-0.1.0-py3-none-any.whl"
    names = zipfile.ZipFile(wheel).namelist()
    assert "budget_monitor_client/py.typed" in names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"budget_monitor_client", "budget_monitor-0.1.0.dist-info"}
    own = {str(one.relative_to(FOLDER / "src")) for one in MODULES}
    assert own <= set(names)


def test_the_installed_wheel_is_imported_and_has_every_name(installed: Path) -> None:
    script = """
import budget_monitor_client as package
print([name for name in package.__all__ if not hasattr(package, name)], package.__file__)
"""
    missing, _, where = printed(script, installed).partition(" ")
    assert missing == "[]"
    assert where.startswith(str(installed))


def test_the_layer_has_the_folder_python_with_the_client_alone(
    installed: Path, tmp_path: Path
) -> None:
    """Its content is the wheel's, twice the same, and imports with what the runtime has."""
    archives = [build(tmp_path / name) for name in ("one", "two")]
    assert archives[0].read_bytes() == archives[1].read_bytes()
    names = zipfile.ZipFile(archives[0]).namelist()
    tops = {"/".join(name.split("/")[:2]) for name in names}
    assert tops == {"python/budget_monitor_client", "python/budget_monitor-0.1.0.dist-info"}
    zipfile.ZipFile(archives[0]).extractall(tmp_path)
    (tmp_path / "site").symlink_to(tmp_path / "python")
    script = "import budget_monitor_client as b; print(b.LambdaTransport and b.__file__)"
    assert printed(script, tmp_path).startswith(str(tmp_path))
    command = titled("publish the client's layer")
    assert f".local/dist/{NAME}" in command


def test_importing_it_loads_nothing_that_it_talks_with(installed: Path) -> None:
    script = f"""
import sys
import budget_monitor_client
print([name for name in {HEAVY} if name in sys.modules])
"""
    assert printed(script, installed) == "[]"


def test_importing_it_takes_less_than_50_ms_beyond_urllib3(installed: Path) -> None:
    """Of the processor, in one of seven runs: other work only makes it slower."""
    script = """
import time, urllib3
started = time.process_time()
import budget_monitor_client
print(time.process_time() - started)
"""
    printed(script, installed)  # compiles it
    assert any(float(printed(script, installed)) < 0.05 for _ in range(7))


@pytest.mark.parametrize("module", MODULES, ids=lambda one: str(one.relative_to(FOLDER / "src")))
def test_each_module_is_python_3_10_and_stands_on_its_own(module: Path) -> None:
    tree = ast.parse(module.read_text(), feature_version=(3, 10))
    found = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    others = found - set(sys.stdlib_module_names) - {"budget_monitor_client"}
    integrations = INTEGRATED.get(module.stem, set()) if "integrations" in module.parts else set()
    extra = EXTRAS.get(module.parent.name, set())
    assert others <= {"urllib3", "boto3", "botocore"} | extra | integrations


def test_each_integration_has_its_extra() -> None:
    extras = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    named = {"bedrock", *(name.replace("_", "-") for name in INTEGRATED)} - {"litellm-proxy"}
    assert set(extras["optional-dependencies"]) >= {"aws", *named}


def test_names_of_python_3_11_are_not_imported() -> None:
    newer = {"Self", "assert_never", "StrEnum", "TaskGroup", "LiteralString", "override", "UTC"}
    used = {
        alias.name
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert used & newer == set()


def shown(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, without log lines of the functions, which run in this process."""
    lines = capsys.readouterr().out.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(('{"_aws"', '{"level"')))


def test_the_example_of_the_readme_books_what_it_spent(
    cloud: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (FOLDER / "README.md").read_text()
    (example,) = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len([line for line in example.splitlines() if line]) == 10
    monkeypatch.setitem(sys.modules, "openai", fake_openai())
    monkeypatch.setattr("urllib3.PoolManager", lambda **_: HandlerPool())
    exec(example.replace("/var/lib/agent", str(tmp_path)), {})  # noqa: S102 - our own README
    assert shown(capsys) == ""
    (entry,) = client().ledger("acme")["items"]
    assert (entry["cost_usd"], entry["agent"]) == ("0.006", "researcher")
    system = {"budget_id": "system-month", "by": "maria", "reason": "a test"}
    client().set_system_budget(limit_usd="0", **system)  # type: ignore[arg-type]
    exec(example.replace("/var/lib/agent", str(tmp_path)), {})  # noqa: S102
    assert shown(capsys).startswith("SYSTEM_MONTH_EXCEEDED System-wide budget exceeded")


def test_the_ten_lines_of_the_projects_readme_print_what_it_says(
    cloud: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "README.md").read_text()
    (script, says) = re.findall(r"^```(?:python|text)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)[
        :2
    ]
    assert len([line for line in script.splitlines() if line]) == 10
    assert len(text.splitlines()) < 150
    monkeypatch.setattr(budget_monitor_client.BudgetMonitor, "direct", client)
    exec(script, {})  # noqa: S102 - our own README
    assert shown(capsys) == says


def fake_openai() -> types.ModuleType:
    """OpenAI's module with a client that answers at once."""

    class Completions:
        def create(self, **_: Any) -> dict[str, Any]:
            return {"model": "gpt-4o", "usage": USAGE}

    class OpenAI:
        def __init__(self, *, max_retries: int) -> None:
            assert max_retries == 0
            self.chat = types.SimpleNamespace(completions=Completions())

    module = types.ModuleType("openai")
    module.OpenAI = OpenAI  # type: ignore[attr-defined]
    return module


def test_a_name_that_the_package_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        budget_monitor_client.Nothing  # noqa: B018
