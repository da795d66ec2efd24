"""What a test may turn on a database: conflicts that come, indexes that lag behind."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable, Sequence

Injection = Callable[[], str | None]
"""What befalls the next transaction: a code of DynamoDB, or None."""

Lag = Callable[[], int]
"""How many writes the next read of an index is behind."""

CONFLICTS = ("TransactionConflict", "TransactionConflictException", "ThrottlingError")


def never() -> None:
    """Nothing befalls anybody."""


def scripted(codes: Iterable[str | None]) -> Injection:
    """These codes in turn, then nothing."""
    waiting = iter(list(codes))
    return lambda: next(waiting, None)


def at_random(
    seed: int, probability: float, codes: Sequence[str] = CONFLICTS, *, most: int = 10**9
) -> Injection:
    """One of the codes with that probability, at most so many in all."""
    chance, lock, left = random.Random(seed), threading.Lock(), [most]  # noqa: S311 - a test's

    def injection() -> str | None:
        with lock:
            if left[0] <= 0 or chance.random() >= probability:
                return None
            left[0] -= 1
            return chance.choice(codes)

    return injection


def fresh() -> int:
    """An index that is never behind."""
    return 0


def behind(writes: int) -> Lag:
    """An index that is always so many writes behind."""
    return lambda: writes


def behind_at_random(seed: int, most: int) -> Lag:
    """An index that is up to so many writes behind, each time anew."""
    chance, lock = random.Random(seed), threading.Lock()  # noqa: S311 - a test's

    def lag() -> int:
        with lock:
            return chance.randint(0, most)

    return lag
