"""Failures of a transaction: which are retried, which are an answer, and which are an outage."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from pynamodb.exceptions import (
    AttributeNullError,
    CancellationReason,
    GetError,
    TransactWriteError,
    VerboseClientError,
)

from budget_monitor import deadline
from budget_monitor.adapters.dynamodb.conflicts import (
    LONGEST_WAIT,
    SHORTEST_WAIT,
    ConditionFailedError,
    DamagedRowError,
    PassingError,
    classified,
    longest_wait,
    persistently,
)
from budget_monitor.domain.errors import UnavailableError

CONDITION, CONFLICT, DAMAGED = "ConditionalCheckFailed", "TransactionConflict", "ValidationError"


def cancelled(*codes: str | None) -> TransactWriteError:
    reasons = [CancellationReason(code) if code else None for code in codes]
    error = {"Error": {"Code": "TransactionCanceledException", "Message": "cancelled"}}
    cause = VerboseClientError(error, "TransactWriteItems", cancellation_reasons=reasons)
    return TransactWriteError("cancelled", cause)


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, "TransactWriteItems")


def raising(fault: Exception) -> Any:
    def attempt() -> None:
        raise fault

    return attempt


def test_failed_conditions_alone_name_the_items_that_refused() -> None:
    with pytest.raises(ConditionFailedError) as refused:
        classified(raising(cancelled(None, CONDITION, None, CONDITION)))
    assert refused.value.places == [1, 3]


def test_a_failed_condition_with_a_conflict_is_retried() -> None:
    with pytest.raises(PassingError):
        classified(raising(cancelled(CONDITION, CONFLICT)))


def test_a_damaged_row_is_named_even_if_a_condition_failed_too() -> None:
    with pytest.raises(DamagedRowError) as refused:
        classified(raising(cancelled(CONDITION, DAMAGED)))
    assert refused.value.places == [1]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError"])
def test_throttling_and_internal_errors_are_retried(code: str) -> None:
    with pytest.raises(PassingError):
        classified(raising(GetError("failed", client_error(code))))


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException"])
def test_anything_else_is_an_outage_and_no_damage(code: str) -> None:
    with pytest.raises(UnavailableError) as refused:
        classified(raising(GetError("failed", client_error(code))))
    assert not refused.value.damaged


def test_an_unreadable_attribute_is_damage() -> None:
    with pytest.raises(UnavailableError) as refused:
        classified(raising(AttributeNullError("spent")))
    assert refused.value.damaged


def test_two_conflicts_are_retried_until_the_third_attempt_succeeds() -> None:
    attempts = iter([PassingError(), PassingError()])

    def attempt() -> str:
        fault = next(attempts, None)
        if fault:
            raise fault
        return "written"

    assert persistently(attempt) == "written"


def test_conflicts_that_do_not_end_in_time_are_a_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("budget_monitor.deadline.BUDGET_SECONDS", 0.05)
    with pytest.raises(UnavailableError, match="did not end"):
        persistently(raising(PassingError()))


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


def contended(callers: int, rows: int, seconds: float = 20, locked: float = LOCKED) -> Outcome:
    """Let callers write to one of the rows without a pause, in simulated time.

    A transaction that meets a locked row fails at once. Each request has a time of its own.
    """
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
            free[row] = now + locked
            wait += locked
            found.latencies.append(now + wait - started.pop(caller))
        elif left <= 0:
            found.out_of_time += 1
            del started[caller]
        else:
            wait += min(longest_wait(left) * (0.5 + chance.random() / 2), left)
        heapq.heappush(events, (now + wait, caller))
    found.latencies.sort()
    return found


def test_a_request_asks_8_times_as_often_when_half_of_its_time_is_over() -> None:
    assert longest_wait(BUDGET) == LONGEST_WAIT
    assert longest_wait(BUDGET / 2) == pytest.approx(LONGEST_WAIT / 8)
    waits = [longest_wait(BUDGET * tenth / 10) for tenth in range(10, -1, -1)]
    assert waits == sorted(waits, reverse=True)
    assert longest_wait(0) == longest_wait(-1) == SHORTEST_WAIT


@pytest.mark.parametrize("callers", [4, 16, 64, 100])
def test_none_of_up_to_100_callers_on_one_row_runs_out_of_time(callers: int) -> None:
    assert contended(callers, rows=1).out_of_time == 0


@pytest.mark.parametrize(("callers", "locked_ms"), [(200, 10), (100, 20)])
def test_of_callers_that_need_all_of_one_row_1_in_1000_runs_out_of_time_at_most(
    callers: int, locked_ms: int
) -> None:
    found = contended(callers, rows=1, locked=locked_ms / 1000)
    assert found.out_of_time <= len(found.latencies) / 1000


def test_of_100_callers_on_one_row_one_in_a_hundred_waits_4_times_as_long_as_the_median() -> None:
    found = contended(100, rows=1)
    assert found.percentile(99) < 4 * found.percentile(50)


def test_100_callers_on_8_rows_are_written_within_a_second() -> None:
    assert contended(100, rows=8).percentile(99) < 1
