"""`library_loaded`, `near_names_kept` and `priced_cloud`: fixtures for published prices."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import pytest

from budget_monitor.adapters.published_prices import matching
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS


@pytest.fixture(scope="session")
def library_loaded() -> None:
    """Load the published prices before the test: loading takes about 1 s."""
    import_module("genai_prices.data")


@pytest.fixture(scope="session", autouse=True)
def near_names_kept() -> Iterator[None]:
    """Compare an unknown model with the 2,000 of the price list once in a test run, not each time.

    Tests share their unknown models, and a comparison takes 5 ms.
    """
    known = dict[tuple[Any, ...], list[str]]()

    def remembered(word: str, names: list[str], most: int) -> list[str]:
        asked = (word, *names, most)
        if asked not in known:
            known[asked] = get_close_matches(word, names, most)
        return known[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "get_close_matches", remembered)
        yield


@pytest.fixture
def priced_cloud(memory_cloud: MemoryCloud, library_loaded: None) -> MemoryCloud:
    """A cloud in memory without limits."""
    memory_cloud.set_limits(**GENEROUS)
    return memory_cloud
