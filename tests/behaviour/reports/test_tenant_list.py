"""The list of tenants: by id, page by page, each with its state and its last month."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, erase
from tests.support.times import at

NOW = "2026-11-22T10:05:00Z"


@pytest.fixture(autouse=True)
def bucket(cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stack's bucket of exports, from which an erased tenant's files are deleted."""
    ExportsInMemory().install(monkeypatch)


@pytest.fixture
def cloud(memory_cloud: MemoryCloud) -> Iterator[MemoryCloud]:
    """The default gates, and a clock that stands still."""
    with at(NOW, tick=False):
        yield memory_cloud


def test_tenants_are_listed_by_id_with_their_state(door: Door, cloud: MemoryCloud) -> None:
    tenants = [Tenant(door, f"t{number}") for number in range(5)]
    for one in tenants:
        one.spend("1")
    erase(tenants[1]).body  # noqa: B018
    tenants[3].call("suspend", **WHO).body  # noqa: B018

    first = door.call("list_tenants", limit=2).body
    assert [one["tenant_id"] for one in first["items"]] == ["t0", "t1"]
    rest = door.call("list_tenants", limit=2, cursor=first["cursor"]).body
    last = door.call("list_tenants", limit=2, cursor=rest["cursor"]).body
    states = [one["state"] for page in (first, rest, last) for one in page["items"]]
    assert states == ["active", "erased", "active", "suspended", "active"]
    assert last["cursor"] is None
    only = door.call("list_tenants", state="suspended").body["items"]
    assert only == [{"tenant_id": "t3", "state": "suspended", "last_month": "2026-11"}]
    refused = door.call("list_tenants", state="suspended", cursor=first["cursor"])
    assert refused.refusal == ("VALIDATION_ERROR", "cursor")
    assert door.call("list_tenants", state="gone").refusal == ("VALIDATION_ERROR", "state")
