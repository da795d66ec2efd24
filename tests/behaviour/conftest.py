"""These tests run on the strict in-memory DynamoDB unless a module says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS
from tests.support.times import at

INSTANT = "2026-11-22T10:05:00Z"


@pytest.fixture
def cloud(request: pytest.FixtureRequest, memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The tables in memory.

    Marks: `unlimited` removes the default limits, `frozen` stops the clock at INSTANT.
    """
    if request.node.get_closest_marker("unlimited"):
        memory_cloud.set_limits(**GENEROUS)
    stopped = request.node.get_closest_marker("frozen")
    with at(INSTANT, tick=False) if stopped else nullcontext():
        yield memory_cloud
