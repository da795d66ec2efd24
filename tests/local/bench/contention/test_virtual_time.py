"""The virtual clock: who wakes when, and that waiting takes no time."""

from __future__ import annotations

import time

from budget_monitor import deadline
from local.bench.contention.virtual_time import virtual_time


def test_callers_wake_in_the_order_of_their_times_and_an_hour_takes_no_time() -> None:
    began, seen = time.perf_counter(), list[tuple[str, float]]()
    with virtual_time() as clock:

        def caller(name: str, seconds: float) -> None:
            for _ in range(2):
                time.sleep(seconds)
                seen.append((name, time.monotonic()))

        clock.run([lambda: caller("a", 1800), lambda: caller("b", 1000)])

    assert seen == [("b", 1000), ("a", 1800), ("b", 2000), ("a", 3600)]
    assert time.perf_counter() - began < 60


def test_starts_are_spread_and_the_time_limit_of_a_request_follows_the_virtual_clock() -> None:
    left = list[float]()
    with virtual_time() as clock:

        def caller() -> None:
            with deadline.unit_of_work():
                time.sleep(2)
                left.append(deadline.left())

        clock.run([caller, caller], spread=1.0)
        assert clock.now == 2.5

    assert left == [deadline.BUDGET_SECONDS - 2] * 2
    assert time.monotonic() != 2.5
