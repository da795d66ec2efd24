"""The workshop: a copy of the project that mutmut can mutate and that needs no emulator.

It differs from the project in three ways, all of them here:

- the layer lies in `src/`, from where mutmut derives the names of modules;
- `@property` is written as a call, `name = property(name)`: mutmut mutates no decorated function,
  and the rules of the domain are properties;
- the fixture `cloud` is the in-memory DynamoDB.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
WORKSHOP = PROJECT / ".local/mutation"
CACHES = shutil.ignore_patterns("__pycache__", ".*")
BESIDE = ("functions", "tests", "local", "events", "docs", "clients")
FILES = ("template.yaml",)

MUTATED = (
    "domain/accounting/accounts.py",
    "domain/accounting/breakdowns.py",
    "domain/alerts/alerts.py",
    "domain/alerts/webhooks.py",
    "domain/approvals/authority.py",
    "domain/approvals/outcomes.py",
    "domain/approvals/pace.py",
    "domain/approvals/requests.py",
    "domain/rules/budgets.py",
    "domain/calendars.py",
    "domain/holds/decisions.py",
    "domain/holds/draws.py",
    "domain/documents.py",
    "domain/errors.py",
    "domain/accounting/booking.py",
    "domain/months/forecasts.py",
    "domain/rules/gates.py",
    "domain/rules/limits.py",
    "domain/rules/raises.py",
    "domain/rules/reach.py",
    "domain/rules/defaults.py",
    "domain/rules/watching.py",
    "domain/holds/remaining.py",
    "domain/holds/unblock.py",
    "domain/rules/matching.py",
    "domain/names.py",
    "domain/rules/grants.py",
    "domain/rules/rollovers.py",
    "domain/accounting/growth.py",
    "domain/accounting/labels.py",
    "domain/costs/erasure.py",
    "domain/costs/ledger.py",
    "domain/money.py",
    "domain/periods.py",
    "domain/rules/policy.py",
    "domain/costs/facts.py",
    "domain/prices/rates.py",
    "domain/prices/set_prices.py",
    "domain/prices/sheets.py",
    "domain/requests.py",
    "domain/roles.py",
    "domain/signers.py",
    "domain/holds/reservations.py",
    "domain/holds/standing.py",
    "domain/rules/rulebook.py",
    "domain/signed_links.py",
    "domain/months/statements.py",
    "domain/accounting/stripes.py",
    "domain/rules/suspensions.py",
    "domain/alerts/thresholds.py",
    "domain/transactions.py",
    "domain/units.py",
    "domain/costs/usage.py",
    "domain/rules/wind_down.py",
    "domain/workflows.py",
    "adapters/dynamodb/row_postings.py",
    "adapters/dynamodb/heat.py",
    "adapters/dynamodb/layout.py",
    "adapters/dynamodb/levelling.py",
    "adapters/dynamodb/striping.py",
    "adapters/dynamodb/writes.py",
    "domain/values.py",
)

TESTS = ("tests/unit", "tests/contract")

SLOW_OR_OTHER_DOOR = "not http and not million"
"""Both doors lead to the same domain, and each mutant that survives runs all of its tests."""

SETTINGS = """
[tool.pytest.ini_options]
pythonpath = [".", "src"]
testpaths = ["tests"]
addopts = ["--import-mode=importlib", "--strict-markers"]
markers = ["doors", "unlimited", "frozen"]
filterwarnings = ["error"]

[tool.mutmut]
source_paths = ["src"]
only_mutate = {only_mutate!r}
also_copy = {also_copy!r}
pytest_add_cli_args = ["-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist"]
pytest_add_cli_args_test_selection = {tests!r}
timeout_multiplier = 10.0
timeout_constant = 5.0
track_dependencies = false
use_git_change_detection = false
"""

IN_MEMORY = """

import hypothesis  # noqa: E402

from tests.support.memory.fixture import MemoryCloud, memory_cloud  # noqa: E402

hypothesis.settings.register_profile(
    "mutation", max_examples=40, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
hypothesis.settings.load_profile("mutation")


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Cloud:
    return memory_cloud
"""


def called_properties(source: str) -> str:
    """The same module without `@property`: each is made by a call after its function."""
    lines = source.splitlines()
    after: dict[int, str] = {}
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef):
            continue
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Name) and decorator.id == "property":
                lines[decorator.lineno - 1] = ""
                indent = " " * node.col_offset
                after[node.end_lineno or 0] = f"{indent}{node.name} = property({node.name})"
    for line in sorted(after, reverse=True):
        lines.insert(line, after[line])
    return "\n".join(lines) + "\n"


def build(modules: Sequence[str]) -> Path:
    """Return a fresh workshop that mutates these modules; results of an earlier one are gone."""
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    shutil.copytree(
        PROJECT / "layers/core/budget_monitor", WORKSHOP / "src/budget_monitor", ignore=CACHES
    )
    for name in BESIDE:
        shutil.copytree(PROJECT / name, WORKSHOP / name, ignore=CACHES)
    for name in FILES:
        shutil.copy2(PROJECT / name, WORKSHOP / name)
    for name in MUTATED:
        module = WORKSHOP / "src/budget_monitor" / name
        module.write_text(called_properties(module.read_text()))
    with (WORKSHOP / "tests/conftest.py").open("a") as conftest:
        conftest.write(IN_MEMORY)
    settings = SETTINGS.format(
        only_mutate=[f"src/budget_monitor/{name}" for name in modules],
        also_copy=[*BESIDE, *FILES],
        tests=[*TESTS, "-k", SLOW_OR_OTHER_DOOR],
    )
    (WORKSHOP / "pyproject.toml").write_text(settings)
    return WORKSHOP
