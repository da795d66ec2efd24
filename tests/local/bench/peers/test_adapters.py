"""Our own adapter, on the in-memory database; the others' libraries are not installed here."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

from local.bench.peers.adapters import PACKAGES, PEERS, BudgetMonitor
from tests.support.memory.fixture import MemoryCloud


def test_budget_monitor_allows_10_calls_of_10_cents_for_1_usd(
    memory_cloud: MemoryCloud, tmp_path: Path
) -> None:
    with patch.dict(os.environ):
        ours = BudgetMonitor(tmp_path, 1.0)
        handles = [ours.ask(0.1) for _ in range(12)]
        assert [one is not None for one in handles] == [True] * 10 + [False] * 2
        for handle in handles[:10]:
            ours.pay(handle, 0.1)
        assert ours.ask(0.1) is None


def test_every_other_library_has_a_package() -> None:
    assert set(PACKAGES) == set(PEERS) - {"Budget Monitor"}
