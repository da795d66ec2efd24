"""These tests run on the strict in-memory DynamoDB unless a module says otherwise."""

from __future__ import annotations

import pytest

from tests.support.memory.fixture import MemoryCloud


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """The tables in memory."""
    return memory_cloud
