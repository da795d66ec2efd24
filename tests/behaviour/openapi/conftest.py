"""The examples of the document find their price list."""

from __future__ import annotations

import pytest

from tests.support.prices.bucket import EXAMPLE, MemoryBucket, dearer


@pytest.fixture(autouse=True)
def bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bucket with the price list of the examples."""
    MemoryBucket().install(monkeypatch).put(dearer(), EXAMPLE)
