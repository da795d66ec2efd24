"""Both stores have every method of the port: the cache passes on what it does not change."""

from __future__ import annotations

import inspect

import pytest

from budget_monitor.adapters.cache.cached_store import CachedStore
from budget_monitor.adapters.cache.server import CacheServer
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.adapters.system import SystemClock
from budget_monitor.config import Config
from budget_monitor.ports import (
    Accounts,
    Documents,
    Ledger,
    Reservations,
    Store,
    Transactions,
)
from tests.support.memory.fixture import MemoryCloud

METHODS = [
    name for name, _ in inspect.getmembers(Store, inspect.isfunction) if not name.startswith("_")
]
CHANGED = {"commit", "announce", "recent", "recent_documents"}
"""What the cache does itself."""


@pytest.mark.parametrize("name", METHODS)
def test_both_stores_have_the_method_with_the_same_parameters(
    memory_cloud: MemoryCloud, name: str
) -> None:
    store = DynamoStore(Config.from_environment())
    cached = CachedStore(store, CacheServer("redis://cache"), "place", SystemClock())
    method, front = getattr(store, name), getattr(cached, name)
    wanted = list(inspect.signature(getattr(Store, name)).parameters)[1:]
    assert list(inspect.signature(method).parameters) == wanted
    assert list(inspect.signature(front).parameters) == wanted
    assert (front == method) == (name not in CHANGED)


def test_the_ports_have_no_method_in_common() -> None:
    ports = [Accounts, Reservations, Ledger, Documents, Transactions]
    own = [name for port in ports for name in vars(port) if inspect.isfunction(vars(port)[name])]
    methods = [name for name in own if not name.startswith("_")]
    assert sorted([*methods, "snapshot"]) == sorted(METHODS)
