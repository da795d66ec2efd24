"""`python -m local.bench`: run all sections, and write docs/performance.md."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from local.bench import document, machine
from local.bench.progress import console
from local.settings import ROOT, STATE

SECTIONS = {
    "hot_path": "cpu.hot_path",
    "starts": "cpu.starts",
    "capacity": "capacity",
    "contention": "contention.callers",
    "reads": "reads",
    "read_cache": "read_cache",
    "peers": "peers.compare",
}
"""The module of each section, in their order."""
RESULTS = STATE / "bench.json"
ROUNDS = {"hot_path": 400, "starts": 30, "contention": 5, "read_cache": 60}
"""Rounds of the sections whose figures are medians or shares; the others are exact in one."""


@click.command()
@click.option("--scale", default=1.0, show_default=True, help="Of all rounds: 0.2 is a fifth.")
@click.option("--only", type=click.Choice([*SECTIONS]), help="Run and print one section.")
@click.option("--into", type=click.Path(path_type=Path), hidden=True)
def main(scale: float, only: str | None, into: Path | None) -> None:
    """Measure Budget Monitor beside its goals and other libraries."""
    if only and into:
        rounds = max(round(ROUNDS.get(only, 1) * scale), 1)
        found = import_module(f"local.bench.{SECTIONS[only]}").measured(rounds)
        into.write_text(json.dumps(found))
        return
    began = time.monotonic()
    results = {name: _section(name, scale) for name in ([only] if only else SECTIONS)}
    if only:
        click.echo(json.dumps(results[only], indent=2))
        return
    results["machine"] = machine.facts(time.monotonic() - began, scale)
    STATE.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2))
    document.PAGE.write_text(document.page(results))
    console.print(document.goals_table(results), markup=False)
    console.print(f"written to {document.PAGE.relative_to(ROOT)}")


def _section(name: str, scale: float) -> dict[str, Any]:
    """Run one section in a process of its own; return its results, or why it failed."""
    console.print(f"{name} ...")
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        into = Path(folder) / "results.json"
        asked = ["--only", name, "--into", str(into), "--scale", str(scale)]
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "local.bench", *asked],
            stdout=subprocess.DEVNULL,  # the functions log there
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), f"{ROOT}/layers/core"])},
            check=False,
        )
        found: dict[str, Any] = {"failed": f"the section ended with status {done.returncode}"}
        if not done.returncode:
            found = json.loads(into.read_text())
    told = ", FAILED" if done.returncode else ""
    console.print(f"{name}: {time.monotonic() - began:.0f} s{told}")
    return found


if __name__ == "__main__":
    main()
