"""Many callers on one virtual clock: the product's code runs unchanged, and waiting takes no time.

Each caller is a greenlet. When it sleeps, the caller with the earliest time goes on, so a run of
minutes takes as long as its computation, and the same input gives the same order of events.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from heapq import heappop, heappush
from itertools import count

import pytest
from greenlet import getcurrent, greenlet

OURS = "budget_monitor"


class VirtualClock:
    """A clock that only moves while every caller sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, int, greenlet]] = []
        self._order = count()
        self._hub: greenlet | None = None

    def monotonic(self) -> float:
        """Return the virtual time in seconds."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let the other callers run until this many seconds have passed."""
        if self._hub is None or getcurrent() is self._hub:
            self.now += seconds
            return
        self._wake(getcurrent(), seconds)
        self._hub.switch()

    def run(self, callers: Sequence[Callable[[], None]], *, spread: float = 0.0) -> None:
        """Run all callers to their end; their starts are spread over this many seconds."""
        self._hub = getcurrent()
        for place, caller in enumerate(callers):
            self._wake(greenlet(caller), spread * place / len(callers))
        while self._waiting:
            at, _, caller_at_rest = heappop(self._waiting)
            self.now = max(self.now, at)
            caller_at_rest.switch()
        self._hub = None

    def _wake(self, caller: greenlet, seconds: float) -> None:
        heappush(self._waiting, (self.now + max(seconds, 0.0), next(self._order), caller))


@contextmanager
def virtual_time() -> Iterator[VirtualClock]:
    """Yield a clock on which the process sleeps and measures its time limits."""
    clock = VirtualClock()
    replaced = {time.sleep: clock.sleep, time.monotonic: clock.monotonic}
    with pytest.MonkeyPatch.context() as patch:
        for module in [one for name, one in sys.modules.items() if name.split(".")[0] == OURS]:
            for name in ("sleep", "monotonic"):
                own = vars(module).get(name)
                if own in replaced:
                    patch.setattr(module, name, replaced[own])
        patch.setattr(time, "sleep", clock.sleep)
        patch.setattr(time, "monotonic", clock.monotonic)
        yield clock
