"""What `make thorough` runs beyond `make test`, all of it:

- A test of a capability runs at both doors, instead of at the one that its name chooses. The tests
  of the doors themselves (`tests/behaviour/door`) always run at both.
- Tests and cases with the mark `thorough`: the client with the real libraries, and races, random
  histories, faults and sizes beyond the first of their kind.
- The behaviours of `tests/contract` on the emulator and on moto, instead of at one of the two.
- 100 random examples of a test of hypothesis, instead of 40.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import pytest

THOROUGH = os.environ.get("THOROUGH") == "yes"
T = TypeVar("T")
CAPABILITIES = ("tests/behaviour/", "tests/contract/")


def door_of(nodeid: str, doors: tuple[str, ...]) -> tuple[str, ...]:
    """The doors of a test: all in a thorough run, otherwise the one that its name chooses."""
    if THOROUGH or not nodeid.startswith(CAPABILITIES) or "/door/" in nodeid:
        return doors
    return (doors[zlib.crc32(nodeid.encode()) % len(doors)],)


def first(usual: int, cases: Iterable[Any]) -> list[Any]:
    """The cases of a test, of which those after the first `usual` have the mark `thorough`."""
    each = [case if isinstance(case, tuple) else (case,) for case in cases]
    left_out = [pytest.param(*case, marks=pytest.mark.thorough) for case in each[usual:]]
    return [pytest.param(*case) for case in each[:usual]] + left_out


def size(usual: int, thorough: int) -> int:
    """How many rounds, entries or names a test has."""
    return thorough if THOROUGH else usual


def share(cases: Sequence[T], turn: int, of: int) -> Sequence[T]:
    """All cases in a thorough run, otherwise every `of`th: those of this turn."""
    return cases if THOROUGH else cases[turn % of :: of]


def without_thorough(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests that run, and those that only a thorough run runs."""
    kept, left_out = list[pytest.Item](), list[pytest.Item]()
    for one in items:
        marked = one.get_closest_marker("thorough") and not THOROUGH
        (left_out if marked else kept).append(one)
    return kept, left_out
