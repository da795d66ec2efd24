"""`library_loaded` and `priced_cloud`: fixtures of tests that ask for published prices."""

from __future__ import annotations

from importlib import import_module

import pytest

from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS


@pytest.fixture(scope="session")
def library_loaded() -> None:
    """The published prices' second of loading is no request's, however busy the machine is."""
    import_module("genai_prices.data")


@pytest.fixture
def priced_cloud(memory_cloud: MemoryCloud, library_loaded: None) -> MemoryCloud:
    """In memory, with nothing limited."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud
