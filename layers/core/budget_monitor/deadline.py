"""How long a piece of work may take: one time budget for each, however its calls nest.

A request is a unit of work, and so is each page and each hold of a job: the door and the jobs begin
them, the store waits within them. A job also looks when its invocation ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic

BUDGET_SECONDS = 6.0
"""How long one unit may wait for others. Beyond it come at most a write and a read that were on
their way: 9 s each where nobody answers, and so 24 s of the function's 25."""

END_SECONDS = 30.0
"""A job begins nothing when its invocation has no more than this left: a unit takes up to 24 s."""

SPARE_SECONDS = 0.2
"""How long a request may wait in all for what it can do without."""


@dataclass(slots=True)
class Spare:
    """What is left of that time."""

    left: float = SPARE_SECONDS


_until: ContextVar[float | None] = ContextVar("until", default=None)
_spare: ContextVar[Spare | None] = ContextVar("spare", default=None)
_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def unit_of_work(*, of_a_job: bool = False) -> Iterator[None]:
    """All waiting inside has one budget together. A unit within a unit has one of its own.

    What it can do without has one budget for the outermost unit, which a request waits for; each
    unit of a job, for which nobody waits, has its own.
    """
    own = Spare() if of_a_job else spare()
    token, shared = _until.set(monotonic() + BUDGET_SECONDS), _spare.set(own)
    try:
        yield
    finally:
        _spare.reset(shared)
        _until.reset(token)


def spare() -> Spare:
    """The time that the request has left for what it can do without."""
    return _spare.get() or Spare()


def begun() -> bool:
    """Whether a unit of work was begun."""
    return _until.get() is not None


def left() -> float:
    """For how many seconds the unit may go on waiting; less than zero when it may not."""
    until = _until.get()
    return BUDGET_SECONDS if until is None else until - monotonic()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """What happens inside waits for at most so long, and no longer than its unit may."""
    token = _until.set(monotonic() + min(seconds, left()))
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def invocation(milliseconds: int | None) -> Iterator[None]:
    """What happens inside has that much time before its process is stopped, as far as is known."""
    token = _ends.set(None if milliseconds is None else monotonic() + milliseconds / 1000)
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float:
    """For how many seconds the invocation may go on; infinite where nothing ends it."""
    ends = _ends.get()
    return inf if ends is None else ends - monotonic()


def about_to_end(needed: float = 0) -> bool:
    """Whether the invocation has no time left for another unit of work, and so many seconds."""
    return remaining() < END_SECONDS + needed
