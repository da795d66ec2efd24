"""A tenant that sends too many requests per second waits; nobody else does, and costs never do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.domain.errors import TooManyRequestsError
from budget_monitor.entrypoints.door import rates
from budget_monitor.entrypoints.door.rates import TenantRates
from tests.support.builders import Tenant
from tests.support.doors.doors import Door
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import at


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def wait(self, duration: timedelta) -> None:
        self.time += duration


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


def test_half_a_second_gives_half_the_allowance_back() -> None:
    clock = Clock()
    limited = TenantRates(10, clock)
    for _ in range(10):
        limited.take("acme")
    with pytest.raises(TooManyRequestsError):
        limited.take("acme")
    clock.wait(timedelta(seconds=0.5))
    for _ in range(5):
        limited.take("acme")
    with pytest.raises(TooManyRequestsError):
        limited.take("acme")


def test_what_is_remembered_of_tenants_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "MAX_REMEMBERED", 3)
    clock = Clock()
    limited = TenantRates(1, clock)
    for name in ("a", "b", "c", "d"):
        limited.take(name)
    for name in ("b", "c", "d"):
        with pytest.raises(TooManyRequestsError):
            limited.take(name)
    clock.wait(timedelta(seconds=2))
    for name in ("e", "f"):
        limited.take(name)
    assert len(limited._left) <= 3  # noqa: SLF001 - the bound is its promise
