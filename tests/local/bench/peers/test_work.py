"""The work that all libraries get, with budgets in memory that keep it and one that does not."""

from __future__ import annotations

import threading
from pathlib import Path

from local.bench.peers.work import READY, START, after, crowd, pace


class Counted:
    """A budget of 10 calls; `atomic`: it takes the call at once, not when it is paid."""

    def __init__(self, *, atomic: bool) -> None:
        self._left, self._atomic, self._lock = 10, atomic, threading.Lock()

    def ask(self, _: float) -> bool | None:
        with self._lock:
            if self._left <= 0:
                return None
            self._left -= self._atomic
            return True

    def pay(self, _: object, __: float) -> None:
        with self._lock:
            self._left -= not self._atomic


def started(folder: Path) -> Path:
    """A folder in which the start is due."""
    (folder / START).write_text("0")
    return folder


def test_10_of_64_callers_make_a_call_where_the_budget_takes_it_before_the_call(
    tmp_path: Path,
) -> None:
    assert crowd(Counted(atomic=True), started(tmp_path), 64) == {"calls": 10}
    assert len([*tmp_path.glob(f"{READY}*")]) == 1


def test_more_than_10_callers_call_where_a_call_is_counted_after_it(
    tmp_path: Path,
) -> None:
    assert crowd(Counted(atomic=False), started(tmp_path), 64)["calls"] > 10


def test_calls_after_a_kill_are_counted_until_one_is_refused() -> None:
    assert after(Counted(atomic=False)) == {"calls": 10}


def test_the_pace_is_a_number_of_milliseconds() -> None:
    class Free(Counted):
        def ask(self, _: float) -> bool | None:
            return True

    assert pace(Free(atomic=True))["milliseconds"] >= 0
