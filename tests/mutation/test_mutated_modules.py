"""No module of the domain is left out, and the workshop's copies mean what the originals mean."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.__main__ import complaints, known_reasons, percent_killed
from tests.mutation.results import (
    KILLED,
    SURVIVED,
    TIMEOUT,
    UNTESTED,
    Mutant,
    Verdict,
    Versions,
    changes,
    verdicts,
)
from tests.mutation.workshop import MUTATED, PROJECT, SETTINGS, called_properties


def test_every_module_of_the_domain_is_mutated() -> None:
    core = PROJECT / "layers/core/budget_monitor"
    modules = {
        str(path.relative_to(core))
        for path in (core / "domain").rglob("*.py")
        if path.name != "__init__.py"
    }
    assert modules - set(MUTATED) == set()
    assert all((core / name).is_file() for name in MUTATED)


def test_each_survivor_with_a_reason_names_a_line_that_is_there() -> None:
    core = PROJECT / "layers/core/budget_monitor"
    missing = [
        (module, function, was)
        for module, function, was, _ in known_reasons()
        if was not in body_of((core / module).read_text(), function.rpartition(".")[2])
    ]
    assert missing == []


def body_of(source: str, function: str) -> str:
    """The lines of all functions of this name, as results.py joins those that were changed."""
    lines, found = source.splitlines(), list[str]()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            found += lines[node.lineno : node.end_lineno]
    return " ".join(line.strip() for line in found)


def test_a_property_is_still_one_when_it_is_made_by_a_call() -> None:
    source = '''
class Account:
    """An account."""

    @property
    def name(self) -> str:
        """Its name."""
        return "acme"

    @classmethod
    def parse(cls) -> "Account":
        return cls()
'''
    rewritten = called_properties(source)
    scope: dict[str, Any] = {}
    exec(rewritten, scope)  # noqa: S102 - our own text
    assert "@property" not in rewritten
    assert scope["Account"]().name == "acme"
    assert scope["Account"].name.__doc__ == "Its name."


def mutants(killed: int, *alive: str) -> list[Mutant]:
    outcomes = [KILLED] * killed + [*alive]
    return [Mutant("m.py", "f", "was", f"became {n}", one) for n, one in enumerate(outcomes)]


@pytest.mark.parametrize(("killed", "fails"), [(89, True), (90, False), (100, False), (0, True)])
def test_less_than_ninety_of_a_hundred_killed_fail_the_run(killed: int, fails: bool) -> None:  # noqa: FBT001 - a column of the table
    found = mutants(killed, *[SURVIVED] * (100 - killed))
    reasons = {one.identity: "the same" for one in found if one.outcome != KILLED}
    assert percent_killed(found) == killed
    assert bool(complaints(found, reasons)) is fails


@pytest.mark.parametrize("outcome", [SURVIVED, TIMEOUT, UNTESTED])
def test_what_is_not_killed_needs_a_reason_and_what_is_killed_has_none(outcome: str) -> None:
    found = mutants(99, outcome)
    (complaint,) = complaints(found, {})
    assert complaint.startswith("no reason")
    reasons = {one.identity: "the same" for one in found[-2:]}
    (complaint,) = complaints(found, reasons)
    assert complaint.startswith("killed by now")


def test_a_run_without_mutants_fails() -> None:
    assert complaints([], {})


@pytest.mark.parametrize(
    ("changed", "killed_counts", "survivor_counts"),
    [
        ("tests/test_m.py", False, True),
        ("tests/test_other.py", True, True),
        ("core/other.py", True, True),
        ("core/m.py", False, False),
        ("docs/page.md", True, True),
    ],
)
def test_a_verdict_counts_until_what_it_was_made_of_changes(
    tmp_path: Path,
    changed: str,
    killed_counts: bool,  # noqa: FBT001 - a column of the table
    survivor_counts: bool,  # noqa: FBT001 - the same
) -> None:
    files = ("core/m.py", "core/other.py", "tests/test_m.py", "tests/test_other.py", "docs/page.md")
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("before")

    def versions() -> tuple[str, str]:
        found = Versions.of(tmp_path, tmp_path / "core", ["m.py"])
        return found.made_of("m.py", "tests/test_m.py::test_a"), found.made_of("m.py", "")

    before = versions()
    (tmp_path / changed).write_text("after")
    killed, survivor = versions()
    assert (killed == before[0], survivor == before[1]) == (killed_counts, survivor_counts)


def test_the_last_verdict_on_a_mutant_counts_and_a_line_cut_off_is_none(tmp_path: Path) -> None:
    kept = tmp_path / "verdicts.jsonl"
    first, last = (Verdict("f_1", one, "", "v1", 0.5) for one in (SURVIVED, KILLED))
    assert verdicts(kept) == {}
    kept.write_text(first.line() + last.line() + last.line()[:20])
    assert verdicts(kept) == {"f_1": last}


def test_the_line_that_a_mutant_changes_is_found_with_its_function(tmp_path: Path) -> None:
    module = tmp_path / "m.py"
    module.write_text(
        "class A:\n"
        "    def xǁAǁtwice__mutmut_orig(self, n):\n        return n * 2\n"
        "    def xǁAǁtwice__mutmut_1(self, n):\n        return n * 3\n"
    )
    found = {"xǁAǁtwice__mutmut_1": ("A.twice", "return n * 2", "return n * 3")}
    assert changes(module) == found


def test_the_workshop_knows_all_marks_of_the_tests() -> None:
    def marks(settings: str) -> set[str]:
        listed = tomllib.loads(settings)["tool"]["pytest"]["ini_options"]["markers"]
        return {re.split(r"\W", one)[0] for one in listed}

    assert marks(SETTINGS) == marks((PROJECT / "pyproject.toml").read_text())
