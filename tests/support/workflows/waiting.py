"""A clock whose waits take no time: whoever waits finds that the time has passed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.adapters.system import SystemClock


class Waits:
    """The waits of this test, and what happens meanwhile."""

    def __init__(self) -> None:
        self.durations: list[timedelta] = []
        self.meanwhile: Callable[[], object] = lambda: None

    @property
    def passed(self) -> timedelta:
        """How much time the waits took together."""
        return sum(self.durations, timedelta())


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """Waiting moves the functions' clock and takes no time."""
    waits = Waits()

    def wait(_: SystemClock, duration: timedelta) -> None:
        waits.durations.append(duration)
        waits.meanwhile()

    monkeypatch.setattr(SystemClock, "wait", wait)
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + waits.passed)
    return waits
