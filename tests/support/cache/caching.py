"""A deployment with a cache, on a database in memory, and what tests need to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from budget_monitor import bootstrap, deadline
from budget_monitor.config import Config
from tests.support.builders import Tenant, new_id
from tests.support.cache.faulty_valkey import Liar
from tests.support.doors.doors import DirectDoor
from tests.support.doors.http_events import Body
from tests.support.memory.fixture import MemoryCloud, memory_cloud

__all__ = ["cached", "memory_cloud", "unhurried"]

RUN = {"agent_execution_id": "run-1"}
MARIA = {"by": "maria", "reason": "because"}


@pytest.fixture
def cached(
    memory_cloud: MemoryCloud, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Tenant]:
    """A tenant of a deployment with a cache, which the liar stands before."""
    monkeypatch.setenv("CACHE_URL", liar.url)
    yield Tenant(DirectDoor(), new_id("cached"))
    bootstrap._parts.cache_clear()  # noqa: SLF001 - its connections lead to a proxy that is gone


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine does not make the cache look out of reach; of time other tests speak."""
    monkeypatch.setattr(deadline, "OptionalBudget", partial(deadline.OptionalBudget, 3.0))


def parts() -> Any:
    """What this process is made of."""
    return bootstrap._parts(Config.from_environment())  # noqa: SLF001 - looked into


def another_process() -> None:
    """What comes next is asked of a process that knows no policy yet."""
    policies = parts().policies
    for memory in (policies._read, policies._copied):  # noqa: SLF001 - a process's
        memory.clear()


def told(tenant: Tenant, amount: str = "0.01", **labels: str) -> Body:
    """What a check answers of whose accounts and rules copies were left a moment ago."""
    for _ in range(2):
        tenant.check(amount, **(labels or RUN)).body  # noqa: B018 - must not fail
    return tenant.check(amount, **(labels or RUN)).body
