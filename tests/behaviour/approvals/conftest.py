"""Tests of requests for more limit begin at noon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from budget_monitor.adapters.aws.signing_key import SigningKey
from tests.support.approvals.asking import NOON
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import cap
from tests.support.times import at


@pytest.fixture(autouse=True)
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The in-memory stack; its clock stands still."""
    with at(NOON, tick=False):
        yield memory_cloud


@pytest.fixture
def signing_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key of links, and the address at which browsers reach the API."""
    monkeypatch.setenv("SIGNING_KEY_ARN", "arn:aws:secretsmanager:eu-central-1:000000000000:secret")
    monkeypatch.setenv("DASHBOARD_URL", "https://budgets.example.com/")
    monkeypatch.setattr(SigningKey, "keys", (b"a key of tests",))


@pytest.fixture
def acme(cloud: MemoryCloud) -> Tenant:
    """A tenant with 2 USD a month, whose callers have no signer: direct invocations."""
    tenant = Tenant(DirectDoor(), "acme")
    cap(tenant, "2", period="month")
    return tenant
