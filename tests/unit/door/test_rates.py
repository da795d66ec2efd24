"""The allowance of requests per second that one instance gives each tenant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.domain.errors import TooManyRequestsError
from budget_monitor.entrypoints.door.callers import rates
from budget_monitor.entrypoints.door.callers.rates import TenantRates


class Clock:
    """A clock that is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 11, 22, 10, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def wait(self, duration: timedelta) -> None:
        self.time += duration


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
