"""Tests of requests for more limit begin at noon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.approvals.asking import NOON
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at


@pytest.fixture(autouse=True)
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The in-memory stack; its clock stands still."""
    with at(NOON, tick=False):
        yield memory_cloud
