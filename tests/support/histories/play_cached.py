"""One seed with a cache in one of its modes, and many.

`python -m tests.support.histories.play_cached 1000` plays so many over all modes and prints a line
for
each mode; `1000 0 2` and `1000 1 2` are its two halves, for two processes.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter
from functools import partial

import pytest
import time_machine

from tests.support.cache.faulty_valkey import MODES, WAITING, FaultyValkey, lying
from tests.support.cache.valkey import running_valkey
from tests.support.histories.cached import CachedSimulation
from tests.support.histories.events import history
from tests.support.histories.gateway import Wire
from tests.support.histories.play import empty, unsorted_rows
from tests.support.histories.simulator import DEPLOYMENTS
from tests.support.histories.soak import prepared
from tests.support.memory.fixture import MemoryCloud

FIRST_SEED, COUNT = 3_000_000, 1000
SHORT_SECONDS, SHORTER_SECONDS = 0.03, 0.01
"""What a request and a try may wait in modes in which they would: the waits have their own test."""


def hurry(patch: pytest.MonkeyPatch, mode: str) -> None:
    """Try a failed cache again at once, so that a history meets it often."""
    patch.setattr("budget_monitor.adapters.cache.breaker.OPEN_SECONDS", 0.0)
    if mode in WAITING:
        patch.setattr(
            "budget_monitor.deadline.OptionalBudget.__init__.__defaults__", (SHORT_SECONDS,)
        )
        for module in ("cache.breaker", "cache.server"):
            patch.setattr(f"budget_monitor.adapters.{module}.PROBE_SECONDS", SHORTER_SECONDS)
        patch.setattr("budget_monitor.adapters.cache.breaker.OPEN_SECONDS", 0.1)


def play_cached(
    seed: int, wire: Wire, cloud: MemoryCloud, liar: FaultyValkey, mode: str
) -> Counter[str]:
    """Where answers came from. Raises AssertionError, naming seed and mode, where they part."""
    told = history(seed, len(DEPLOYMENTS))
    empty(cloud)
    with time_machine.travel(told.start, tick=False) as clock:
        simulation = CachedSimulation(
            told, wire, clock, partial(unsorted_rows, cloud), cloud.set_limits
        )
        simulation.lie(liar, mode)
        try:
            simulation.play()
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}, {mode}: {fault}") from fault
    return simulation.told


def main(count: int = COUNT, part: int = 0, parts: int = 1) -> list[str]:
    """The histories that part, among those of every so-and-so-many-th mode."""
    failed, first = list[str](), FIRST_SEED
    for place, mode in enumerate(MODES):
        seeds = range(first, first + count // len(MODES) + (place < count % len(MODES)))
        first = seeds.stop
        if place % parts == part:
            failed += _play_mode(mode, seeds)
    sys.stdout.write(f"part {part} of {parts}: {len(failed)} parted\n")
    return failed


def _play_mode(mode: str, seeds: range) -> list[str]:
    started, told, failed = time.perf_counter(), Counter[str](), list[str]()
    with pytest.MonkeyPatch.context() as patch, running_valkey() as valkey:
        wire, cloud = prepared(patch)
        hurry(patch, mode)
        with lying(valkey.port) as liar:
            patch.setenv("CACHE_URL", liar.url)
            for seed in seeds:
                try:
                    told += play_cached(seed, wire, cloud, liar, mode)
                except AssertionError as fault:
                    failed.append(str(fault))
                    sys.stdout.write(f"FAILED {fault}\n")
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{mode}: {len(seeds)} in {seconds:.0f} s, {dict(told)}\n")
    sys.stdout.flush()
    return failed


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
