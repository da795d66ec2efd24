"""A circuit breaker for the cache server.

1. After a failure it opens for 5 s: no calls are made.
2. Then one call probes the server, for at most 50 ms. A success closes the breaker.
3. After 60 s it closes in any case.

Libraries for this have listeners, storages and many states, and none limits the time of the probe.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

OPEN_SECONDS = 5.0
"""How long no calls are made after a failure; then one call may probe."""
PROBE_SECONDS = 0.045
"""Time limit of a probe; with its overhead it takes at most 50 ms."""
RESET_SECONDS = 60.0
"""The breaker closes after this time: a probe is too short if connecting takes longer."""
UNBOUNDED = 3600.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """A permitted call: its time limit in seconds, and the number of failures before it."""

    seconds: float
    failures: int


class Breaker:
    """Closed until the first failure. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries_at: float | None = None
        self._resets_at = 0.0
        self._failures = 0

    def admits(self) -> Admitted | None:
        """Return a permitted call, or None while the breaker is open.

        A probe postpones the next one, so that only one runs at a time, whatever its result.
        """
        with self._lock:
            if self._tries_at is not None and self._clock() >= self._resets_at:
                self._tries_at = None
            if self._tries_at is None:
                return Admitted(UNBOUNDED, self._failures)
            if self._clock() < self._tries_at:
                return None
            self._tries_at = self._clock() + OPEN_SECONDS
            return Admitted(PROBE_SECONDS, self._failures)

    def worked(self, call: Admitted) -> None:
        """Report success: closes the breaker, unless another call failed since this one began."""
        with self._lock:
            if call.failures == self._failures:
                self._tries_at = None

    def failed(self) -> bool:
        """Report a failure: opens the breaker. True if it was closed before."""
        with self._lock:
            self._failures += 1
            was_closed = self._tries_at is None
            if was_closed:
                self._resets_at = self._clock() + RESET_SECONDS
            self._tries_at = self._clock() + OPEN_SECONDS
            return was_closed
