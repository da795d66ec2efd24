"""The examples of the document find their price list."""

from __future__ import annotations

import pytest

from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.prices.bucket import EXAMPLE, MemoryBucket, dearer


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bucket with the price list of the examples, and the key of links."""
    MemoryBucket().install(monkeypatch).put(dearer(), EXAMPLE)
    MemorySecret().install(monkeypatch)
