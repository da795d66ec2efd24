"""Our own adapter, on the in-memory database; the others' libraries are not installed here."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from local.bench.peers.adapters import PACKAGES, PEERS, BudgetMonitor, LiteLLM
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


def test_a_file_of_0_bytes_ends_the_process_of_litellm_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(**_: Any) -> object:
        return json.loads(Path("user_cost.json").read_text())

    library = SimpleNamespace(register_model=lambda _: None, BudgetManager=opened)
    monkeypatch.setitem(sys.modules, "litellm", library)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "user_cost.json").touch()
    with pytest.raises(SystemExit, match="left incomplete, with 0 bytes"):
        LiteLLM(tmp_path, 1.0)
