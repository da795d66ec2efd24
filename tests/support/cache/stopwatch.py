"""A stopwatch for the time that requests wait for the cache."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest

from budget_monitor.adapters.cache.server import CacheServer


class Stopwatch:
    """Measures the time of all cache operations."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        for name in ("values", "leased", "fill", "drop"):
            patch.setattr(CacheServer, name, self._timed(vars(CacheServer)[name]))

    def _timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*given: Any) -> Any:
            started = perf_counter()
            try:
                return call(*given)
            finally:
                self.seconds += perf_counter() - started

        return timed

    def lap(self) -> float:
        """Return the seconds spent in the cache since the last lap."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> Stopwatch:
    """A stopwatch that runs during cache operations."""
    return Stopwatch(monkeypatch)
