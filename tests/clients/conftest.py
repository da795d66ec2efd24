"""The client talks to the real handlers, over the strict in-memory DynamoDB."""

from __future__ import annotations

import uuid

import pytest

from budget_monitor_client.sending import Transport
from tests.support.clients.handlers import TRANSPORTS
from tests.support.memory.fixture import MemoryCloud


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> MemoryCloud:
    return memory_cloud


@pytest.fixture
def tenant_id(cloud: MemoryCloud) -> str:
    return f"tenant-{uuid.uuid4().hex[:12]}"


@pytest.fixture(params=TRANSPORTS)
def transport(request: pytest.FixtureRequest, cloud: MemoryCloud) -> Transport:
    return TRANSPORTS[request.param]()
