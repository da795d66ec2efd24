"""Tests of exports have a bucket in memory."""

from __future__ import annotations

import pytest

from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud


@pytest.fixture
def bucket(cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> ExportsInMemory:
    """The stack's bucket of exports, empty."""
    return ExportsInMemory().install(monkeypatch)
