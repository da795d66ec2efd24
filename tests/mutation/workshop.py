"""The workshop: a copy of the project whose modules are mutated and that needs no emulator.

It differs from the project in three ways, all of them here:

- each mutated module in `src/` holds all its mutants, and runs the one that is chosen;
- `@property` is written as a call, `name = property(name)`: mutmut mutates no decorated function,
  and the rules of the domain are properties;
- the fixture `cloud` is the in-memory DynamoDB.
"""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Sequence
from contextlib import chdir
from importlib.metadata import version
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents

from tests.mutation.results import digest

PROJECT = Path(__file__).resolve().parents[2]
WORKSHOP = PROJECT / ".local/mutation"
MUTATIONS = PROJECT / ".local/mutations"
"""Mutated modules of earlier runs: to make them takes a second for each module."""
CACHES = shutil.ignore_patterns("__pycache__", ".*")
BESIDE = ("functions", "tests", "local", "events", "docs", "clients")
FILES = ("template.yaml",)

MUTATED = (
    "domain/holds/decisions.py",
    "domain/holds/draws.py",
    "domain/holds/remaining.py",
    "domain/holds/reservations.py",
    "domain/holds/standing.py",
    "domain/holds/unblock.py",
    "domain/accounting/accounts.py",
    "domain/accounting/booking.py",
    "domain/accounting/breakdowns.py",
    "domain/accounting/growth.py",
    "domain/accounting/labels.py",
    "domain/accounting/stripes.py",
    "domain/money.py",
    "domain/transactions.py",
    "domain/units.py",
    "adapters/dynamodb/row_postings.py",
    "adapters/dynamodb/heat.py",
    "adapters/dynamodb/layout.py",
    "adapters/dynamodb/levelling.py",
    "adapters/dynamodb/striping.py",
    "domain/rules/budgets.py",
    "domain/rules/defaults.py",
    "domain/rules/gates.py",
    "domain/rules/grants.py",
    "domain/rules/limits.py",
    "domain/rules/matching.py",
    "domain/rules/policy.py",
    "domain/rules/raises.py",
    "domain/rules/reach.py",
    "domain/rules/rollovers.py",
    "domain/rules/rulebook.py",
    "domain/rules/suspensions.py",
    "domain/rules/watching.py",
    "domain/rules/wind_down.py",
    "domain/approvals/authority.py",
    "domain/approvals/outcomes.py",
    "domain/approvals/pace.py",
    "domain/approvals/requests.py",
    "domain/alerts/alerts.py",
    "domain/alerts/thresholds.py",
    "domain/alerts/webhooks.py",
    "domain/prices/rates.py",
    "domain/prices/set_prices.py",
    "domain/prices/sheets.py",
    "domain/costs/erasure.py",
    "domain/costs/facts.py",
    "domain/costs/ledger.py",
    "domain/costs/usage.py",
    "domain/months/forecasts.py",
    "domain/months/statements.py",
    "domain/calendars.py",
    "domain/documents.py",
    "domain/errors.py",
    "domain/names.py",
    "domain/periods.py",
    "domain/requests.py",
    "domain/roles.py",
    "domain/signed_links.py",
    "domain/signers.py",
    "domain/values.py",
    "domain/workflows.py",
    "adapters/dynamodb/writes.py",
)
"""In the order in which a run tests them: money and decisions first, the slowest last."""

SETTINGS = """
[tool.pytest.ini_options]
pythonpath = [".", "src"]
testpaths = ["tests"]
addopts = ["--import-mode=importlib", "--strict-markers"]
markers = ["doors", "thorough", "unlimited", "frozen"]
filterwarnings = ["error"]
"""

IN_MEMORY = """

import hypothesis  # noqa: E402

from tests.support.memory.fixture import MemoryCloud, memory_cloud  # noqa: E402

hypothesis.settings.register_profile(
    "mutation", max_examples=15, derandomize=True, deadline=None, database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
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


def build(modules: Sequence[str]) -> dict[str, str]:
    """Make a fresh workshop in which these modules are mutated; return each mutant's module."""
    shutil.rmtree(WORKSHOP, ignore_errors=True)
    shutil.copytree(
        PROJECT / "layers/core/budget_monitor", WORKSHOP / "src/budget_monitor", ignore=CACHES
    )
    for name in BESIDE:
        shutil.copytree(PROJECT / name, WORKSHOP / name, ignore=CACHES)
    for name in FILES:
        shutil.copy2(PROJECT / name, WORKSHOP / name)
    with (WORKSHOP / "tests/conftest.py").open("a") as conftest:
        conftest.write(IN_MEMORY)
    (WORKSHOP / "pyproject.toml").write_text(SETTINGS)
    with chdir(WORKSHOP):  # where mutmut looks for the settings that it has by default
        return {mutant: module for module in modules for mutant in _mutated(module)}


def _mutated(module: str) -> list[str]:
    """Write all mutants of the module beside each function; return their names."""
    path = WORKSHOP / "src/budget_monitor" / module
    source = called_properties(path.read_text())
    kept = MUTATIONS / f"{digest(version('mutmut'), source)}.json"
    if not kept.is_file():
        mutated = mutate_file_contents(module, source)
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps({"code": mutated.code, "names": [*mutated.mutant_names]}))
    found = json.loads(kept.read_text())
    path.write_text(found["code"])
    package = f"budget_monitor.{module.removesuffix('.py').replace('/', '.')}"
    return [f"{package}.{name}" for name in found["names"]]
