"""Counts of what happened behind one request: conflicts, retries, hits of the cache."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

CONFLICTS, RETRIES = "Conflicts", "Retries"
CACHE_HITS, CACHE_MISSES = "CacheHits", "CacheMisses"
NAMES = (CONFLICTS, RETRIES, CACHE_HITS, CACHE_MISSES)

_counts: ContextVar[Counter[str] | None] = ContextVar("counts", default=None)


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Count what happens inside. Threads that are started inside are not counted."""
    counts = Counter[str]()
    token = _counts.set(counts)
    try:
        yield counts
    finally:
        _counts.reset(token)


def add(name: str) -> None:
    """Count one; nothing happens outside of `counting`."""
    counts = _counts.get()
    if counts is not None:
        counts[name] += 1
