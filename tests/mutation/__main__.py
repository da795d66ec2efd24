"""One run: mutate, compare the survivors with those that have a reason, write docs/mutation.md.

`python -m tests.mutation domain/money.py` mutates this module alone, and writes no page.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from tests.mutation.results import KILLED, SURVIVED, TIMEOUT, UNTESTED, Mutant, read
from tests.mutation.workshop import MUTATED, PROJECT, WORKSHOP, build

LEAST_KILLED = 90
"""In percent."""
REASONS = Path(__file__).with_name("survivors.toml")
REPORT = PROJECT / "docs/mutation.md"
Reasons = Mapping[tuple[str, str, str, str], str]
HEADER = """# Mutation testing

`make mutate` changes the rules about money one place at a time ({total} mutants by mutmut: another
operator, constant, argument, branch) and runs the unit tests and the contract tests against each,
on the in-memory DynamoDB. It fails when less than {least} % are killed or a survivor has no reason.
It writes this page; `make mutate MODULE=domain/money.py` runs one module and writes nothing. It
does not change constants and defaults of modules and classes, f-strings
and docstrings. A mutant that runs out of time counts as not killed.

The figures are those of {day}.

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


def table(mutants: Sequence[Mutant], modules: Sequence[str]) -> str:
    """Return one line for each module, and their sum."""
    found = {module: [one for one in mutants if one.module == module] for module in modules}
    return "".join(_line(module, ones) for module, ones in (found | {"all": mutants}).items())


def _line(name: str, mutants: Sequence[Mutant]) -> str:
    count = Counter(one.outcome for one in mutants)
    shown = [len(mutants), *(count[one] for one in (KILLED, SURVIVED, TIMEOUT, UNTESTED))]
    return f"| {name} | {' | '.join(map(str, shown))} |\n"


def survivors(alive: Sequence[Mutant], reasons: Reasons) -> str:
    """Those that no test kills, by reason."""
    text = "\n## Survivors\n"
    for reason in sorted({reasons.get(one.identity, "NO REASON YET") for one in alive}):
        text += f"\n{reason}\n\n"
        for one in alive:
            if reasons.get(one.identity, "NO REASON YET") == reason:
                text += f"- {one.module}, {one.function}: `{one.was}` became `{one.became}`\n"
    return text


def known_reasons() -> Reasons:
    """Why each of the known survivors is no gap in the tests."""
    return {
        (one["module"], one["function"], one["was"], one["became"]): group["reason"]
        for group in tomllib.loads(REASONS.read_text())["survivor"]
        for one in group["mutants"]
    }


def percent_killed(mutants: Sequence[Mutant]) -> float:
    """Of a hundred mutants; none where there were none."""
    return 100 * sum(one.outcome == KILLED for one in mutants) / max(len(mutants), 1)


def complaints(mutants: Sequence[Mutant], reasons: Reasons) -> list[str]:
    """Why the run failed; nothing where it did not."""
    alive = {one.identity for one in mutants if one.outcome != KILLED}
    killed = percent_killed(mutants)
    return [
        *([f"{killed:.1f} % is less than {LEAST_KILLED} %"] if killed < LEAST_KILLED else []),
        *(f"no reason: {identity}" for identity in sorted(alive - reasons.keys())),
        *(f"killed by now, take its reason away: {one}" for one in sorted(reasons.keys() - alive)),
    ]


def main(wanted: Sequence[str]) -> int:
    """Return zero when enough are killed and each survivor has a reason. No module: all."""
    if unknown := set(wanted) - set(MUTATED):
        sys.stdout.write(f"not one of the mutated modules: {', '.join(sorted(unknown))}\n")
        return 2
    started, modules = time.monotonic(), tuple(wanted) or MUTATED
    build(modules)
    if mutate() != 0:
        sys.stdout.write((WORKSHOP / "run.log").read_text()[-3000:])
        return 1
    mutants = read(WORKSHOP, modules)
    reasons = {key: why for key, why in known_reasons().items() if key[0] in modules}
    figures = table(mutants, modules)
    if not wanted:
        header = HEADER.format(total=len(mutants), least=LEAST_KILLED, day=date.today())  # noqa: DTZ011
        alive = [one for one in mutants if one.outcome != KILLED]
        REPORT.write_text(header + figures + survivors(alive, reasons))
    spent = time.monotonic() - started
    sys.stdout.write(f"{figures}\n{percent_killed(mutants):.1f} % killed in {spent:.0f} s\n")
    found = complaints(mutants, reasons)
    sys.stdout.write("".join(f"{one}\n" for one in found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
