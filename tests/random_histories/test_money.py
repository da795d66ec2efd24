"""Random histories from seeds, each compared with an oracle that shares no code with us.

A seed that parts is printed; `FAILED_ONCE` keeps those that did, so that they are played for ever.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.support.cloud import Cloud
from tests.support.histories.events import EVENTS
from tests.support.histories.gateway import Wire
from tests.support.histories.play import play
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import first, size

FIRST_SEED, BLOCKS, A_BLOCK, ON_MINISTACK = 1000, 10, size(4, 8), 6
FAILED_ONCE = (
    *(1_000_058, 1_001_583, 1_004_127, 2_000_072, 6_001_155, 6_001_339),
    *(5009, 900_533, 1035),
)


@pytest.fixture
def wire(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


@pytest.mark.parametrize("block", first(2, range(BLOCKS)))
def test_random_histories_end_as_the_oracle_says(
    memory_cloud: MemoryCloud, wire: Wire, block: int, record_property: Any
) -> None:
    first, started = FIRST_SEED + block * A_BLOCK, time.perf_counter()
    failed = {}
    for seed in range(first, first + A_BLOCK):
        try:
            play(seed, wire, memory_cloud)
        except AssertionError as fault:
            failed[seed] = str(fault)

    rate = A_BLOCK * EVENTS / (time.perf_counter() - started)
    record_property("histories", f"{A_BLOCK} from seed {first}, {rate:.0f} events a second")
    print(f"{A_BLOCK} histories from seed {first}: {rate:.0f} events a second")  # noqa: T201 - figures
    assert not failed, "\n".join(failed.values())


@pytest.mark.parametrize("seed", FAILED_ONCE)
def test_a_seed_that_parted_once_parts_no_more(
    memory_cloud: MemoryCloud, wire: Wire, seed: int
) -> None:
    play(seed, wire, memory_cloud)


@pytest.mark.parametrize("seed", first(1, range(FIRST_SEED, FIRST_SEED + ON_MINISTACK)))
def test_a_random_history_ends_the_same_on_ministack(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    play(seed, Wire(monkeypatch), cloud)
