"""Random histories with a cache in each of its modes: the same ledger, the same answers.

`make cache-histories` plays 1,000; here is one of each mode, and some of an honest one.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.builders import Tenant
from tests.support.cache.faulty_valkey import MODES, PASS, FaultyValkey
from tests.support.histories.gateway import Wire
from tests.support.histories.play_cached import hurry, play_cached
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import first, size

FIRST_SEED = 4_000_000
HONEST, OF_EACH_OTHER_MODE = size(1, 4), 1


@pytest.mark.parametrize("mode", first(6, MODES))
def test_a_history_ends_the_same_whatever_the_cache_does(
    cached: Tenant,
    memory_cloud: MemoryCloud,
    liar: FaultyValkey,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
) -> None:
    hurry(monkeypatch, mode)
    wire, told = Wire(monkeypatch), Counter[str]()
    begin = FIRST_SEED + 10 * MODES.index(mode)
    for seed in range(begin, begin + (HONEST if mode == PASS else OF_EACH_OTHER_MODE)):
        told += play_cached(seed, wire, memory_cloud, liar, mode)

    assert told["store"] > 0
    assert told["cache"] > 0 or mode != PASS
