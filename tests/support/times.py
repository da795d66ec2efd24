"""Instants in tests: a clock that is set, and times as the API writes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine


def instant(text: str) -> datetime:
    """An RFC 3339 time as an instant in UTC."""
    moment = datetime.fromisoformat(text)
    assert moment.tzinfo is not None, f"{text} has no offset"
    return moment.astimezone(UTC)


def now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def ago(**delta: float) -> str:
    """That long before now, as the API takes times."""
    return (now() - timedelta(**delta)).isoformat()


def month_now() -> str:
    """The name of the present month in UTC."""
    return f"{now():%Y-%m}"


@contextmanager
def later(**delta: float) -> Iterator[None]:
    """That long from now; the clock goes on from there."""
    with time_machine.travel(now() + timedelta(**delta), tick=True):
        yield


@contextmanager
def at(text: str, *, tick: bool = True) -> Iterator[None]:
    """At that instant; the clock goes on from there, unless it is to stand still."""
    with time_machine.travel(instant(text), tick=tick):
        yield
