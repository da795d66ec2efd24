"""The pages in this process: the tables in memory, the key of links, and a browser."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.dashboard.browser import Browser
from tests.support.dashboard.memory_secret import MemorySecret
from tests.support.doors.doors import DirectDoor, Door
from tests.support.memory.fixture import MemoryCloud


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    """The tables in memory."""
    return memory_cloud


@pytest.fixture
def secret(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> MemorySecret:
    """The key of signed links."""
    return MemorySecret().install(monkeypatch)


@pytest.fixture
def browser(secret: MemorySecret) -> Browser:
    """A browser that is not signed in."""
    return Browser()


@pytest.fixture
def tenant(cloud: MemoryCloud) -> Tenant:
    """A tenant that nobody else has."""
    return Tenant(DirectDoor())


@pytest.fixture
def door_tenant(door: Door) -> Tenant:
    """A tenant at each door in turn."""
    return Tenant(door)
