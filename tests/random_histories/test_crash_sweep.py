"""Every write is broken at every I/O step in every way, and comes again: once, and all of it.

In memory; here so many single faults and pairs a write, chosen by a fixed seed where there are
more. `make sweep` plays all of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from tests.support.histories.crash_sweep.money_writes import Crash
from tests.support.histories.crash_sweep.rule_writes import WRITES
from tests.support.histories.crash_sweep.stage import START, Stage, pairs, singles, sweep_one
from tests.support.histories.gateway import Wire
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import size

SEED, SINGLES, PAIRS = 20261122, size(8, 30), size(2, 6)
MAX_STEPS = 2000  # of all single faults of one write: a sweep of the shards has 35


@pytest.fixture
def wire(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("crash", WRITES, ids=lambda crash: crash.name)
def test_a_write_that_is_broken_anywhere_happens_once_and_whole(
    crash: Crash, memory_cloud: MemoryCloud, wire: Wire, clock: Any, record_property: Any
) -> None:
    stage = Stage(crash, memory_cloud, wire, clock)
    chance = random.Random(SEED)  # noqa: S311 - a fixed choice of cases
    all_singles, all_pairs = singles(stage), pairs(stage)
    done = min(SINGLES, len(all_singles), MAX_STEPS // stage.steps(warm=False))
    chosen = chance.sample(all_singles, done)
    chosen += chance.sample(all_pairs, min(PAIRS, len(all_pairs)))

    for case in chosen:
        sweep_one(stage, case)

    figures = f"{done} of {len(all_singles)} single, {len(chosen) - done} of {len(all_pairs)} pairs"
    record_property("crashes", figures)
    print(f"{crash.name}: {figures}")  # noqa: T201 - the figures of docs/reliability.md
