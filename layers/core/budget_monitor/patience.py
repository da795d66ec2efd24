"""One time budget for a unit of work, however many calls it makes and however they nest.

A request is a unit, and so is each tenant or hold of a job: the door and the jobs begin them, the
store waits within them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

BUDGET_SECONDS = 6.0
"""How long one unit may wait for others. Beyond it come at most a write and a read that were on
their way: 9 s each where nobody answers, and so 24 s of the function's 25."""

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def unit_of_work() -> Iterator[None]:
    """All waiting inside has one budget together. A unit within a unit has one of its own."""
    token = _until.set(monotonic() + BUDGET_SECONDS)
    try:
        yield
    finally:
        _until.reset(token)


def begun() -> bool:
    """Whether a unit of work was begun."""
    return _until.get() is not None


def left() -> float:
    """For how many seconds the unit may go on waiting; less than zero when it may not."""
    until = _until.get()
    return BUDGET_SECONDS if until is None else until - monotonic()
