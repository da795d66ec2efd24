"""`library_loaded` and `priced_cloud`: fixtures for tests of published prices."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS


@pytest.fixture(scope="session")
def library_loaded() -> None:
    """Load the published prices before the test: loading takes about 1 s."""
    import_module("genai_prices.data")


@pytest.fixture
def priced_cloud(memory_cloud: MemoryCloud, library_loaded: None) -> MemoryCloud:
    """A cloud in memory without limits."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud
