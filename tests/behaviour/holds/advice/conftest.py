"""Advice is tried where nothing is limited but by what the test sets."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """No default limits, and a clock that stands still."""
    memory_cloud.set_limits(**GENEROUS)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud
