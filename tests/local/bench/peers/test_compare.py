"""The comparison: what happens where libraries cannot be installed, and what overspend is."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from local.bench.peers import compare
from local.bench.peers.adapters import PEERS


def test_an_install_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(compare, "ENVIRONMENT", tmp_path / "peers")
    monkeypatch.setattr(compare, "UV", tmp_path / "no-uv")
    assert "No such file" in str(compare.install())


@pytest.mark.parametrize(("calls", "usd"), [(0, 0), (10, 0), (11, 0.1), (64, 5.4)])
def test_overspend_is_what_calls_cost_above_1_usd(calls: int, usd: float) -> None:
    assert compare.overspend(calls) == usd


def test_each_library_gets_only_the_storage_that_it_uses() -> None:
    ours = {"with": "redis://127.0.0.1:6379", "AWS_REGION": "eu-west-1"}
    given = {name: compare.own_environment(name, ours) for name in PEERS}
    redis = {"REDIS_URL": "redis://127.0.0.1:6379"}
    special = {"Budget Monitor": ours, "LiteLLM proxy reservation": redis}
    assert given == {name: {} for name in PEERS} | special


def test_a_step_that_fails_gives_its_last_line_as_the_result(tmp_path: Path) -> None:
    work = compare.Work("no such library", sys.executable, {})
    found = work.all(tmp_path)
    assert found["overspent_usd"] == found["pair_ms"] == "failed: KeyError: 'no such library'"
