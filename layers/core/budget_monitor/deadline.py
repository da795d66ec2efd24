"""Time limits: one time budget per unit of work, however its calls nest.

A request is a unit of work, and so is each page or hold of a job. Entrypoints and jobs start units;
the store waits within them. A job also checks when its invocation ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic

BUDGET_SECONDS = 6.0
"""How long one unit may wait for conflicts to end. A write and a read may be in progress then: 9 s
each without an answer, so 24 s in all of the function's 25 s."""

END_SECONDS = 30.0
"""A job starts no unit with less than this left: a unit takes up to 24 s."""

OPTIONAL_SECONDS = 0.2
"""Total time that a request may spend on optional work, such as the cache."""


@dataclass(slots=True)
class OptionalBudget:
    """Remaining seconds for optional work."""

    left: float = OPTIONAL_SECONDS


_until: ContextVar[float | None] = ContextVar("until", default=None)
_spare: ContextVar[OptionalBudget | None] = ContextVar("spare", default=None)
_ends: ContextVar[float | None] = ContextVar("ends", default=None)


@contextmanager
def unit_of_work(*, of_a_job: bool = False) -> Iterator[None]:
    """Give all waiting inside one time budget. A nested unit has its own budget.

    Optional work shares one budget within a request. Each unit of a job has its own, because no
    caller waits for a job.
    """
    own = OptionalBudget() if of_a_job else optional_budget()
    token, shared = _until.set(monotonic() + BUDGET_SECONDS), _spare.set(own)
    try:
        yield
    finally:
        _spare.reset(shared)
        _until.reset(token)


def optional_budget() -> OptionalBudget:
    """Return the request's remaining time for optional work."""
    return _spare.get() or OptionalBudget()


def begun() -> bool:
    """True within a unit of work."""
    return _until.get() is not None


def left() -> float:
    """Return how many seconds the unit may still wait; negative if its time is over."""
    until = _until.get()
    return BUDGET_SECONDS if until is None else until - monotonic()


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Limit waiting inside to this many seconds, and to the unit's remaining time."""
    token = _until.set(monotonic() + min(seconds, left()))
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def invocation(milliseconds: int | None) -> Iterator[None]:
    """Set the time until Lambda stops the process; None: no known end."""
    token = _ends.set(None if milliseconds is None else monotonic() + milliseconds / 1000)
    try:
        yield
    finally:
        _ends.reset(token)


def remaining() -> float:
    """Return how many seconds the invocation has left; infinite if its end is not known."""
    ends = _ends.get()
    return inf if ends is None else ends - monotonic()


def about_to_end(needed: float = 0) -> bool:
    """True if the invocation has no time for another unit of work plus `needed` seconds."""
    return remaining() < END_SECONDS + needed
