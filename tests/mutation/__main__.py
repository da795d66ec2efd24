"""One run: mutate, compare the survivors with those that have a reason, write docs/mutation.md."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.results import KILLED, SURVIVED, TIMEOUT, UNTESTED, Mutant, read
from tests.mutation.workshop import MUTATED, PROJECT, WORKSHOP, build

LEAST_KILLED = 90
"""In percent."""
REASONS = Path(__file__).with_name("survivors.toml")
REPORT = PROJECT / "docs/mutation.md"
HEADER = """# Mutation testing

`make mutate` changes the rules about money one place at a time ({total} mutants by mutmut: another
operator, constant, argument, branch) and runs the unit tests and the contract tests against each,
on the in-memory DynamoDB. It fails when less than {least} % are killed or a survivor has no reason.
This page is written by it. What it does not change: constants and defaults of modules and classes,
f-strings, docstrings. A mutant that runs out of time counts as not killed.

| module | mutants | killed | survived | timeout | not run |
|---|---:|---:|---:|---:|---:|
"""


def mutate() -> int:
    """Every mutant, one at a time; mutmut's exit code."""
    # Of pytest's plugins mutmut needs none, and each would be loaded for each mutant.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "1"]
    with (WORKSHOP / "run.log").open("w") as log:
        done = subprocess.run(  # noqa: S603 - our own command
            command, cwd=WORKSHOP, env=environment, stdout=log, stderr=log, check=False
        )
    return done.returncode


def table(mutants: Sequence[Mutant]) -> str:
    """One line for each module, and their sum."""
    modules = {module: [one for one in mutants if one.module == module] for module in MUTATED}
    return "".join(_line(module, ones) for module, ones in (modules | {"all": mutants}).items())


def _line(name: str, mutants: Sequence[Mutant]) -> str:
    count = Counter(one.outcome for one in mutants)
    shown = [len(mutants), *(count[one] for one in (KILLED, SURVIVED, TIMEOUT, UNTESTED))]
    return f"| {name} | {' | '.join(map(str, shown))} |\n"


def survivors(alive: Sequence[Mutant], reasons: dict[Sequence[str], str]) -> str:
    """Those that no test kills, by reason."""
    text = "\n## Survivors\n"
    for reason in sorted({reasons.get(one.identity, "NO REASON YET") for one in alive}):
        text += f"\n{reason}\n\n"
        for one in alive:
            if reasons.get(one.identity, "NO REASON YET") == reason:
                text += f"- {one.module}, {one.function}: `{one.was}` became `{one.became}`\n"
    return text


def main() -> int:
    """Zero when enough are killed and each survivor has a reason."""
    started = time.monotonic()
    build()
    if mutate() != 0:
        sys.stdout.write((WORKSHOP / "run.log").read_text()[-3000:])
        return 1
    mutants = read(WORKSHOP, MUTATED)
    alive = [one for one in mutants if one.outcome != KILLED]
    known = tomllib.loads(REASONS.read_text())["survivor"]
    reasons = {
        (one["module"], one["function"], one["was"], one["became"]): group["reason"]
        for group in known
        for one in group["mutants"]
    }
    figures = table(mutants)
    header = HEADER.format(total=len(mutants), least=LEAST_KILLED)
    REPORT.write_text(header + figures + survivors(alive, reasons))
    killed = 100 * (len(mutants) - len(alive)) / max(len(mutants), 1)
    nameless = [one for one in alive if one.identity not in reasons]
    gone = reasons.keys() - {one.identity for one in alive}
    sys.stdout.write(f"{figures}\n{killed:.1f} % killed in {time.monotonic() - started:.0f} s\n")
    for one in nameless:
        sys.stdout.write(f"no reason: {one.identity}\n")
    for identity in gone:
        sys.stdout.write(f"killed by now, take its reason away: {identity}\n")
    return int(killed < LEAST_KILLED or bool(nameless) or bool(gone))


if __name__ == "__main__":
    sys.exit(main())
