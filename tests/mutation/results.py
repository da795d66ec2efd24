"""What became of each mutant, read from what mutmut keeps, with the line that it changed."""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "not run"
_BY_EXIT_CODE = {0: SURVIVED, 1: KILLED, 3: KILLED, 5: UNTESTED, 33: UNTESTED, None: UNTESTED}
"""The rest are ways to run out of time or to die of a signal: mutmut counts neither as killed."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one line in one function."""

    module: str
    function: str
    was: str
    became: str
    outcome: str

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """Tells it from others for as long as the line stays the same."""
        return self.module, self.function, self.was, self.became


def read(workshop: Path, modules: tuple[str, ...]) -> list[Mutant]:
    """The mutants of these modules."""
    root = workshop / "mutants/src/budget_monitor"
    return [mutant for module in modules for mutant in _of_module(root / module, module)]


def _of_module(path: Path, module: str) -> Iterator[Mutant]:
    source = path.read_text()
    lines = source.splitlines()
    bodies = {
        node.name: lines[node.lineno : node.end_lineno]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }
    outcomes = json.loads(path.with_name(path.name + ".meta").read_text())["exit_code_by_key"]
    for name, code in outcomes.items():
        mangled = name.rpartition(".")[2]
        original = mangled.rpartition("_")[0]
        function = original.removesuffix("__mutmut").removeprefix("x").replace("ǁ", ".").strip(".")
        was, became = _changed(bodies[f"{original}_orig"], bodies[mangled])
        yield Mutant(
            module, function.removeprefix("_"), was, became, _BY_EXIT_CODE.get(code, TIMEOUT)
        )


def _changed(original: list[str], mutated: list[str]) -> tuple[str, str]:
    diff = list(difflib.unified_diff(original, mutated, lineterm="", n=0))[2:]
    sides = ["", ""]
    for line in diff:
        if line[0] in "-+":
            side = "-+".index(line[0])
            sides[side] = f"{sides[side]} {line[1:].strip()}".strip()
    return sides[0], sides[1]
