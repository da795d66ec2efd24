"""A clock whose waits return at once and advance its time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from budget_monitor.adapters.system import SystemClock


class Waits:
    """The waits of this test, and the action during each."""

    def __init__(self) -> None:
        self.durations: list[timedelta] = []
        self.meanwhile: Callable[[], object] = lambda: None

    @property
    def passed(self) -> timedelta:
        """Return the total time of all waits."""
        return sum(self.durations, timedelta())


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Waits:
    """Waits advance the functions' clock and take no time."""
    waits = Waits()

    def wait(_: SystemClock, duration: timedelta) -> None:
        waits.durations.append(duration)
        waits.meanwhile()

    monkeypatch.setattr(SystemClock, "wait", wait)
    monkeypatch.setattr(SystemClock, "now", lambda _: datetime.now(UTC) + waits.passed)
    return waits
