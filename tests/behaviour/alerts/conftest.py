"""Alerts are tried where only a tenant's month is limited."""

from __future__ import annotations

import pytest

from tests.support.alerts.forwarding import aws, receiver
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS

__all__ = ["aws", "receiver"]


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """In memory, with nothing limited but a tenant's month: 100 USD."""
    memory_cloud.set_limits(**GENEROUS | {"tenant": "100"})
    return memory_cloud
