"""One run: mutate, compare the survivors with those that have a reason, write docs/mutation.md.

`python -m tests.mutation domain/money.py` mutates this module alone, and writes no page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.mutation.results import (
    ENOUGH_SECONDS,
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
from tests.mutation.workshop import MUTATED, PROJECT, WORKSHOP, build

LEAST_KILLED = 90
"""In percent."""
REASONS = Path(__file__).with_name("survivors.toml")
REPORT = PROJECT / "docs/mutation.md"
CORE = PROJECT / "layers/core/budget_monitor"
VERDICTS = PROJECT / ".local/mutation.jsonl"
Reasons = Mapping[tuple[str, str, str, str], str]
HEADER = """# Mutation testing

`make mutate` changes the rules about money one place at a time ({total} mutants by mutmut: another
operator, constant, argument, branch) and runs the unit tests and the contract tests against each,
on the in-memory DynamoDB, until one fails. The run fails when less than {least} % of the mutants
are killed or a survivor has no reason in `tests/mutation/survivors.toml`. It writes this page.

- `make mutate MODULE="domain/money.py domain/units.py"` tests some modules and writes no page.
- Each mutant runs the tests that reach its function: those of its module's own files, then the
  quickest others up to {enough} s of processor time, until one fails. One that only a slow test
  far away would kill counts as a survivor.
- These mutants took {minutes} minutes of processor time, the preparation 2 more; two run at a
  time on two cores.
- A run that was stopped goes on where it was; `make mutate MINUTES=20` stops by itself.
- A mutant is tested again when its module has changed, or the file of the test that killed it, or
  when it survived and has no reason. Delete `.local/mutation.jsonl` to test all of them again.
- Constants and defaults of modules and classes, f-strings, docstrings and decorated functions
  other than properties are not changed.
- A mutant that runs out of time counts as not killed. "Not run" means that no test reaches it.

The figures are those of {day}.

| module | mutants | killed | survived | timeout | not run |
|---|---:|---:|---:|---:|---:|
"""


@dataclass(frozen=True, slots=True)
class Run:
    """The verdicts on all mutants of the modules that were tested to the end."""

    mutants: Sequence[Mutant]
    seconds: float
    """Of processor time, when each mutant was tested last."""
    unfinished: Sequence[str]
    """Modules of which a mutant has no verdict yet."""

    @classmethod
    def of(cls, mutants: Mapping[str, str], known: Mapping[str, Verdict]) -> Run:
        """Return what is known of these mutants (name to module)."""
        unfinished = {module for name, module in mutants.items() if name not in known}
        finished = {name: one for name, one in mutants.items() if one not in unfinished}
        found = described(finished, known)
        seconds = sum(known[name].seconds for name in finished)
        return cls(list(found.values()), seconds, sorted(unfinished))


def described(mutants: Mapping[str, str], known: Mapping[str, Verdict]) -> dict[str, Mutant]:
    """These mutants, of which each has a verdict, by name and with the line that they change."""
    source = WORKSHOP / "src/budget_monitor"
    lines = {module: changes(source / module) for module in set(mutants.values())}
    return {
        name: Mutant(module, *lines[module][name.rpartition(".")[2]], known[name].outcome)
        for name, module in mutants.items()
    }


def mutate(modules: Sequence[str], reasons: Reasons, minutes: float) -> Run:
    """Test the mutants that have no verdict, or survive without a reason, for so many minutes."""
    until = time.monotonic() + 60 * minutes
    versions = Versions.of(PROJECT, CORE, modules)
    mutants = build(modules)
    known = current(mutants, versions)
    alive = {name: mutants[name] for name, one in known.items() if one.outcome != KILLED}
    accepted = {name for name, one in described(alive, known).items() if one.identity in reasons}
    todo = {
        name: module
        for name, module in mutants.items()
        if name not in known or (name in alive and name not in accepted)
    }
    if todo and minutes > 0:
        orders = {
            "mutants": todo,
            "versions": versions.modules,
            "verdicts": str(VERDICTS),
            "until": until,
        }
        (WORKSHOP / "todo.json").write_text(json.dumps(orders))
        command = [sys.executable, "-m", "tests.mutation.runner"]
        whole = os.environ | {"THOROUGH": "yes"}
        subprocess.run(command, cwd=WORKSHOP, env=whole, check=True)  # noqa: S603 - our own command
    return Run.of(mutants, current(mutants, versions))


def current(mutants: Mapping[str, str], versions: Versions) -> dict[str, Verdict]:
    """The verdicts that still count, by the mutant's name."""
    known = verdicts(VERDICTS)
    return {
        name: known[name]
        for name, module in mutants.items()
        if name in known and known[name].version == versions.made_of(module, known[name].test)
    }


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


def page(run: Run, reasons: Reasons) -> str:
    """The text of docs/mutation.md."""
    alive = [one for one in run.mutants if one.outcome != KILLED]
    finished = [module for module in MUTATED if module not in run.unfinished]
    header = HEADER.format(
        total=len(run.mutants),
        least=LEAST_KILLED,
        enough=ENOUGH_SECONDS,
        day=date.today(),  # noqa: DTZ011 - where the run took place
        minutes=round(run.seconds / 60),
    )
    return header + table(run.mutants, finished) + _unfinished(run) + survivors(alive, reasons)


def _unfinished(run: Run) -> str:
    if not run.unfinished:
        return ""
    names = "".join(f"- {module}\n" for module in run.unfinished)
    return f"\nNot run to the end this time, and not counted above:\n\n{names}"


def main(wanted: Sequence[str]) -> int:
    """Return zero when enough are killed and each survivor has a reason. No module: all."""
    if unknown := set(wanted) - set(MUTATED):
        sys.stdout.write(f"not one of the mutated modules: {', '.join(sorted(unknown))}\n")
        return 2
    modules = tuple(wanted) or MUTATED
    reasons = known_reasons()
    run = mutate(modules, reasons, float(os.environ.get("MINUTES") or "inf"))
    finished = set(modules) - set(run.unfinished)
    reasons = {key: why for key, why in reasons.items() if key[0] in finished}
    if not wanted:
        REPORT.write_text(page(run, reasons))
    killed = percent_killed(run.mutants)
    sys.stdout.write(table(run.mutants, sorted(finished)) + _unfinished(run))
    sys.stdout.write(f"\n{killed:.1f} % killed in {run.seconds:.0f} s of processor time\n")
    found = complaints(run.mutants, reasons)
    sys.stdout.write("".join(f"{one}\n" for one in found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
