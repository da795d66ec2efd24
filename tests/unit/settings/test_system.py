"""The system clock is in UTC, and random ids differ."""

from datetime import UTC, timedelta
from time import monotonic

from budget_monitor.adapters.system import RandomIds, SystemClock
from budget_monitor.domain.accounting.labels import ID
from tests.support.times import at, instant

NOON = "2026-11-22T12:00:00Z"


def test_the_clock_says_the_present_instant_in_utc() -> None:
    with at(NOON):
        now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now - instant(NOON) < timedelta(seconds=5)


def test_it_waits_for_a_hundredth_of_a_second() -> None:
    started = monotonic()
    SystemClock().wait(timedelta(seconds=0.01))
    assert monotonic() - started >= 0.01


def test_1000_ids_are_different_and_each_is_an_id_of_the_api() -> None:
    ids = {RandomIds().new() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(ID.fullmatch(one) and len(one) == 32 for one in ids)
