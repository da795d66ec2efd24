"""Prices are tried where nothing is limited."""

from __future__ import annotations

import pytest

from tests.support.memory.fixture import MemoryCloud


@pytest.fixture
def cloud(priced_cloud: MemoryCloud) -> MemoryCloud:
    """The tables in memory, nothing limited, the price list loaded."""
    return priced_cloud
