"""Times in tests: a settable clock, and times in the API's format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine


def instant(text: str) -> datetime:
    """Parse an RFC 3339 time. Return it in UTC."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, f"{text} has no offset"
    return moment.astimezone(UTC)


def now() -> datetime:
    """Return the current instant."""
    return datetime.now(UTC)


def ago(**delta: float) -> str:
    """Return the time that long ago, in the API's format."""
    return (now() - timedelta(**delta)).isoformat()


def month_now() -> str:
    """Return the name of the current month in UTC."""
    return f"{now():%Y-%m}"


@contextmanager
def later(**delta: float) -> Iterator[None]:
    """Move the clock forward by the duration; it keeps running."""
    with time_machine.travel(now() + timedelta(**delta), tick=True):
        yield


@contextmanager
def at(text: str, *, tick: bool = True) -> Iterator[None]:
    """Set the clock to the instant. It keeps running unless it is frozen."""
    with time_machine.travel(instant(text), tick=tick):
        yield
