"""A deployment with a cache on an in-memory database, and helpers for tests."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.config import Config
from budget_monitor.parts import parts_of
from tests.support.builders import Tenant, new_id
from tests.support.cache.faulty_valkey import FaultyValkey
from tests.support.doors.doors import DirectDoor
from tests.support.doors.http_events import Body
from tests.support.memory.fixture import MemoryCloud, memory_cloud

__all__ = ["cached", "memory_cloud", "unhurried"]

RUN = {"agent_execution_id": "run-1"}
MARIA = {"by": "maria", "reason": "because"}


@pytest.fixture
def cached(
    memory_cloud: MemoryCloud, liar: FaultyValkey, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tenant]:
    """A tenant of a deployment whose cache is behind the faulty proxy."""
    monkeypatch.setenv("CACHE_URL", liar.url)
    yield Tenant(DirectDoor(), new_id("cached"))
    parts_of.cache_clear()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow 3 s for the cache, so that a slow machine does not cause timeouts."""
    monkeypatch.setattr(deadline, "OptionalBudget", partial(deadline.OptionalBudget, 3.0))


def parts() -> Any:
    """Return the parts of this process's bootstrap."""
    return parts_of(Config.from_environment())


def another_process() -> None:
    """Clear the cached policies, as in a new process."""
    policies = parts().policies
    for memory in (policies._read, policies._copied):  # noqa: SLF001 - a process's
        memory.clear()


def told(tenant: Tenant, amount: str = "0.01", **labels: str) -> Body:
    """Return the third of three checks: the first two have filled the cache."""
    for _ in range(2):
        tenant.check(amount, **(labels or RUN)).body  # noqa: B018 - must not fail
    return tenant.check(amount, **(labels or RUN)).body
