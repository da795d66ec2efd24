"""What became of each mutant, with the line that it changed; kept from one run to the next.

A verdict counts for as long as its module is unchanged and, of a killed mutant, the file of the
test that killed it.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "not run"
ENOUGH_SECONDS = 1.0
"""Processor time of the tests from elsewhere that are run against one mutant, and the most of any
one test: a mutant that needs more is a survivor, because no quick test near it would notice."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one mutant, by its mangled name; `test` killed it."""

    name: str
    outcome: str
    test: str
    version: str
    """The digest of what it was made of."""
    seconds: float
    """Of processor time."""

    def line(self) -> str:
        """As one line of the file of verdicts."""
        return json.dumps(asdict(self)) + "\n"


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


def digest(*texts: str) -> str:
    """A short name for these texts, another one for others."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Versions:
    """Digests of the project as it is in this run."""

    project: Path
    modules: Mapping[str, str]

    @classmethod
    def of(cls, project: Path, core: Path, modules: Iterable[str]) -> Versions:
        """Read them in this project, whose layer is in the folder `core`."""
        return cls(project, {module: digest((core / module).read_text()) for module in modules})

    def made_of(self, module: str, test: str) -> str:
        """The version of a verdict on a mutant of this module; no test: none killed it."""
        path = self.project / test.partition("::")[0]
        return digest(self.modules[module], path.read_text() if test and path.is_file() else "")


def verdicts(path: Path) -> dict[str, Verdict]:
    """The last verdict on each mutant, by its name; a line that was cut off is no verdict."""
    found = dict[str, Verdict]()
    for line in path.read_text().splitlines() if path.is_file() else ():
        if line.endswith("}"):
            verdict = Verdict(**json.loads(line))
            found[verdict.name] = verdict
    return found


def changes(path: Path) -> Mapping[str, tuple[str, str, str]]:
    """Of a mutated module: for each mutant its function, the line as it was, as it became."""
    source = path.read_text()
    lines = source.splitlines()
    bodies = {
        node.name: lines[node.lineno : node.end_lineno]
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    }
    return dict(_changes(bodies))


def _changes(bodies: Mapping[str, list[str]]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    for mangled, body in bodies.items():
        original, _, number = mangled.rpartition("__mutmut_")
        if number.isdecimal():
            function = original.removeprefix("x").replace("ǁ", ".").strip(".").removeprefix("_")
            yield mangled, (function, *_changed(bodies[f"{original}__mutmut_orig"], body))


def _changed(original: list[str], mutated: list[str]) -> tuple[str, str]:
    diff = list(difflib.unified_diff(original, mutated, lineterm="", n=0))[2:]
    sides = ["", ""]
    for line in diff:
        if line[0] in "-+":
            side = "-+".index(line[0])
            sides[side] = f"{sides[side]} {line[1:].strip()}".strip()
    return sides[0], sides[1]
