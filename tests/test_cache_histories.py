"""Random histories with a cache in each of its modes: the same ledger, the same answers.

`make cache-histories` plays 1,000; here are a few of each mode.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.histories.gateway import Wire
from tests.histories.playing_cached import hurry, play_cached
from tests.memory.fixture import MemoryCloud
from tests.support.builders import Tenant
from tests.support.caching import cached, memory_cloud
from tests.support.liar import MODES, PASS, Liar

__all__ = ["cached", "memory_cloud"]

FIRST_SEED, OF_EACH_MODE = 4_000_000, 2


@pytest.mark.parametrize("mode", MODES)
def test_a_history_ends_the_same_whatever_the_cache_does(
    cached: Tenant,
    memory_cloud: MemoryCloud,
    liar: Liar,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    hurry(monkeypatch, mode)
    wire, told = Wire(monkeypatch), Counter[str]()
    first = FIRST_SEED + MODES.index(mode) * OF_EACH_MODE
    for seed in range(first, first + OF_EACH_MODE):
        told += play_cached(seed, wire, memory_cloud, liar, mode)

    assert told["store"] > 0
    assert told["cache"] > 0 or mode != PASS
