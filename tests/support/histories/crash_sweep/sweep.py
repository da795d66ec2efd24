"""`make sweep`: every single fault and every pair of faults of every write, to the end.

    python -m tests.support.histories.crash_sweep.sweep [a write's name ...]

All of `singles` and `pairs` (of writes with at most six steps), each with every way to come again.
The writes are cut into parts, so that the cores share them; what fails is printed and counted.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, as_completed

import pytest
import time_machine

from tests.support.histories.crash_sweep.rule_writes import WRITES
from tests.support.histories.crash_sweep.stage import START, Stage, pairs, singles, sweep_one
from tests.support.histories.soak import prepared

PARTS = 16
Part = tuple[int, int]
Swept = tuple[int, int, list[str]]


def swept(part: Part) -> Swept:
    """How many single faults and pairs of a write's part were played, and what failed."""
    write, place = part
    failed = list[str]()
    with pytest.MonkeyPatch.context() as patch, time_machine.travel(START, tick=False) as clock:
        logging.disable(logging.CRITICAL)
        wire, cloud = prepared(patch)
        stage = Stage(WRITES[write], cloud, wire, clock)
        ones, twos = singles(stage)[place::PARTS], pairs(stage)[place::PARTS]
        for case in (*ones, *twos):
            try:
                sweep_one(stage, case)
            except AssertionError as fault:
                failed.append(str(fault))
    return len(ones), len(twos), failed


def sweep(names: list[str], processes: int) -> int:
    """How many cases failed."""
    writes = [n for n, one in enumerate(WRITES) if not names or one.name in names]
    parts = [(write, place) for write in writes for place in range(PARTS)]
    totals: Counter[str] = Counter()
    started, faults = time.perf_counter(), 0
    with ProcessPoolExecutor(processes) as pool:
        waiting = {pool.submit(swept, part): part for part in parts}
        for done, one in enumerate(as_completed(waiting), start=1):
            ones, twos, failed = one.result()
            totals += Counter({"single": ones, "pairs": twos})
            faults += len(failed)
            for fault in failed[:3]:
                _say(f"FAILED {fault}")
            spent, name = time.perf_counter() - started, WRITES[waiting[one][0]].name
            _say(
                f"{done} of {len(parts)} parts ({name}): {totals['single']} single faults, "
                f"{totals['pairs']} pairs, {faults} failed, {spent:.0f} s"
            )
    return faults


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(bool(sweep(sys.argv[1:], int(os.environ.get("PROCESSES", os.cpu_count() or 1)))))
