"""Settings of a test's database: injected conflicts and stale indexes."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Sequence

Injection = Callable[[], str | None]
"""The fault of the next transaction: a DynamoDB error code, or None."""

Lag = Callable[[], int]
"""Number of writes that the next index read is behind."""

CONFLICTS = ("TransactionConflict", "TransactionConflictException", "ThrottlingError")


def never() -> None:
    """Inject nothing."""


def scripted(codes: Iterable[str | None]) -> Injection:
    """Inject these codes in turn, then nothing."""
    waiting = iter(list(codes))
    return lambda: next(waiting, None)


def at_random(
    seed: int, probability: float, codes: Sequence[str] = CONFLICTS, *, most: int = 10**9
) -> Injection:
    """Inject one of the codes with the given probability, up to a maximum number of times."""
    chance, lock, left = random.Random(seed), threading.Lock(), [most]  # noqa: S311 - a test's

    def injection() -> str | None:
        with lock:
            if left[0] <= 0 or chance.random() >= probability:
                return None
            left[0] -= 1
            return chance.choice(codes)

    return injection


def fresh() -> int:
    """Indexes are never stale."""
    return 0


def behind(writes: int) -> Lag:
    """Indexes are always this many writes behind."""
    return lambda: writes


def behind_at_random(seed: int, most: int) -> Lag:
    """Each index read is a random number of writes behind, up to the maximum."""
    chance, lock = random.Random(seed), threading.Lock()  # noqa: S311 - a test's

    def lag() -> int:
        with lock:
            return chance.randint(0, most)

    return lag
