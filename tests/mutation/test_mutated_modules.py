"""No module of the domain is left out, and the workshop's copies mean what the originals mean."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from tests.mutation.__main__ import complaints, known_reasons, percent_killed
from tests.mutation.results import KILLED, SURVIVED, TIMEOUT, UNTESTED, Mutant
from tests.mutation.workshop import MUTATED, PROJECT, called_properties


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
