"""How long a request waits before it retries, on a model of DynamoDB's conflicts.

A transaction locks its rows for 10 ms; one that meets a lock fails at once. Time is simulated.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from random import Random

import pytest

from budget_monitor import deadline
from budget_monitor.adapters.dynamodb.conflicts import LONGEST_WAIT, SHORTEST_WAIT, longest_wait

LOCKED, ANSWER = 0.010, 0.004
"""Seconds that a transaction locks a row, and that an answer takes to arrive."""
BUDGET = deadline.BUDGET_SECONDS


@dataclass
class Outcome:
    """Latencies of requests that were written, in order, and how many ran out of time."""

    latencies: list[float]
    out_of_time: int

    def percentile(self, percent: int) -> float:
        """Return a latency in seconds."""
        return self.latencies[len(self.latencies) * percent // 100]


def contended(callers: int, rows: int, seconds: float = 20) -> Outcome:
    """Let callers write to one of the rows without a pause, each request with its own time."""
    chance, free = Random(1), [0.0] * rows  # noqa: S311 - a test's
    started, found = dict[int, float](), Outcome([], 0)
    events = [(chance.random() * LOCKED, caller) for caller in range(callers)]
    heapq.heapify(events)
    while events[0][0] < seconds:
        now, caller = heapq.heappop(events)
        began = started.setdefault(caller, now)
        row, left = chance.randrange(rows), BUDGET - (now - began)
        wait = ANSWER
        if free[row] <= now:
            free[row] = now + LOCKED
            wait += LOCKED
            found.latencies.append(now + wait - started.pop(caller))
        elif left <= 0:
            found.out_of_time += 1
            del started[caller]
        else:
            wait += min(chance.random() * longest_wait(left), left)
        heapq.heappush(events, (now + wait, caller))
    found.latencies.sort()
    return found


def test_a_request_that_lost_for_3_of_6_seconds_waits_a_quarter_as_long_as_a_new_one() -> None:
    assert longest_wait(BUDGET) == LONGEST_WAIT
    assert longest_wait(BUDGET / 2) == LONGEST_WAIT / 4 == SHORTEST_WAIT
    waits = [longest_wait(BUDGET * tenth / 10) for tenth in range(10, -1, -1)]
    assert waits == sorted(waits, reverse=True)
    assert longest_wait(-1) == SHORTEST_WAIT


@pytest.mark.parametrize("callers", [4, 16, 64, 100])
def test_nobody_of_up_to_100_callers_on_one_row_runs_out_of_time(callers: int) -> None:
    assert contended(callers, rows=1).out_of_time == 0


def test_of_200_callers_on_one_row_less_than_1_percent_run_out_of_time() -> None:
    found = contended(200, rows=1)
    assert found.out_of_time < len(found.latencies) / 100


def test_of_100_callers_on_one_row_one_in_a_hundred_waits_4_times_as_long_as_the_median() -> None:
    found = contended(100, rows=1)
    assert found.percentile(99) < 4 * found.percentile(50)


def test_100_callers_on_8_rows_are_written_within_a_second() -> None:
    assert contended(100, rows=8).percentile(99) < 1
