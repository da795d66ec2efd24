"""Who failed a moment ago is not asked; then one may try, for 50 ms."""

from __future__ import annotations

from budget_monitor.adapters.cache.breaker import OPEN_SECONDS, PROBE_SECONDS, UNBOUNDED, Breaker


class Hours:
    """A clock that is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def seconds(breaker: Breaker) -> float | None:
    """How long a call may take now, or None where nobody may call."""
    admitted = breaker.admits()
    return admitted.seconds if admitted else None


def test_it_is_closed_until_the_first_failure_and_opens_at_once() -> None:
    breaker = Breaker(Hours())
    assert seconds(breaker) == UNBOUNDED
    assert breaker.failed()
    assert breaker.admits() is None
    assert not breaker.failed()


def test_after_a_while_one_call_may_try_and_no_other() -> None:
    hours = Hours()
    breaker = Breaker(hours)
    breaker.failed()

    hours.now += OPEN_SECONDS - 0.001
    assert breaker.admits() is None
    hours.now += 0.001
    assert [seconds(breaker) for _ in range(3)] == [PROBE_SECONDS, None, None]
    hours.now += OPEN_SECONDS
    assert seconds(breaker) == PROBE_SECONDS


def test_after_a_minute_it_is_as_if_nothing_had_been() -> None:
    hours = Hours()
    breaker = Breaker(hours)
    breaker.failed()
    for _ in range(11):
        hours.now += OPEN_SECONDS
        assert seconds(breaker) == PROBE_SECONDS
        assert not breaker.failed()
    hours.now += OPEN_SECONDS
    assert seconds(breaker) == UNBOUNDED
    assert breaker.failed(), "and it opens again"
    assert breaker.admits() is None


def test_a_call_that_began_before_the_failure_says_nothing_when_it_is_answered() -> None:
    breaker = Breaker(Hours())
    slow = breaker.admits()
    assert slow
    breaker.failed()
    breaker.worked(slow)

    assert breaker.admits() is None


def test_the_try_that_works_closes_it_and_the_one_that_fails_does_not() -> None:
    hours = Hours()
    breaker = Breaker(hours)
    breaker.failed()
    hours.now += OPEN_SECONDS
    breaker.admits()
    breaker.failed()
    assert breaker.admits() is None

    hours.now += OPEN_SECONDS
    tried = breaker.admits()
    assert tried
    breaker.worked(tried)
    assert seconds(breaker) == UNBOUNDED
