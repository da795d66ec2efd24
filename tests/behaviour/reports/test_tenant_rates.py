"""A tenant that sends too many requests per second waits; nobody else does, and costs never do."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at


@pytest.fixture
def cloud(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> MemoryCloud:
    monkeypatch.setenv("TENANT_REQUESTS_PER_SECOND", "2")
    memory_cloud.start_another_process()
    return memory_cloud


def test_the_third_request_of_a_second_is_a_429_with_retry_after_and_the_next_second_is_free(
    tenant: Tenant, door: Door
) -> None:
    other = Tenant(door)
    with at("2026-11-22T10:00:00Z", tick=False):
        assert [tenant.call("tenant_usage").error for _ in range(2)] == [None, None]
        answer = tenant.call("tenant_usage")
        assert answer.error == "TOO_MANY_REQUESTS"
        assert answer.has_status(429)
        assert answer.status is None or answer.headers["retry-after"] == "1"
        assert other.call("tenant_usage").error is None
    with at("2026-11-22T10:00:01Z", tick=False):
        assert tenant.call("tenant_usage").error is None


def test_costs_are_recorded_however_fast_they_come(tenant: Tenant) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        for _ in range(5):
            tenant.spend("1")
        assert tenant.usage()["spent_usd"] == "5"
