"""Tests of real libraries run in an environment of their own; this process does not load them."""

from __future__ import annotations

import pytest

from tests.support.memory.fixture import MemoryCloud

collect_ignore = ["libraries"]


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud
