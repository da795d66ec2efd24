"""A circuit breaker: who failed a moment ago is not asked.

Ours, because the libraries for it bring listeners, storages and states for many callees, and none
of them says how long a call may take; this is all that the cache needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

OPEN_SECONDS = 5.0
"""How long nobody is asked after a failure; then one call may try."""
PROBE_SECONDS = 0.045
"""How long that call may wait: with waking up it takes 50 ms at most."""
RESET_SECONDS = 60.0
"""After so long everything is tried as if nothing had been: tries are too short where it takes
longer to connect than they last."""
UNBOUNDED = 3600.0


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that may be made: for how many seconds, and after how many failures."""

    seconds: float
    failures: int


class Breaker:
    """Closed until the first failure. Any number of threads."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._tries_at: float | None = None
        self._resets_at = 0.0
        self._failures = 0

    def admits(self) -> Admitted | None:
        """A call that may be made now, or None where none may.

        A call that tries moves the next one's time: whatever becomes of it, it is the only one.
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
        """The call was answered: everybody may ask, unless one failed since it was admitted."""
        with self._lock:
            if call.failures == self._failures:
                self._tries_at = None

    def failed(self) -> bool:
        """A call was not answered: nobody may ask for a while. True where it was closed before."""
        with self._lock:
            self._failures += 1
            was_closed = self._tries_at is None
            if was_closed:
                self._resets_at = self._clock() + RESET_SECONDS
            self._tries_at = self._clock() + OPEN_SECONDS
            return was_closed
