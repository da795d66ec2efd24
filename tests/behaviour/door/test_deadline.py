"""One time budget for a request, however many writes it makes and however they nest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from budget_monitor import deadline
from budget_monitor.adapters.dynamodb import conflicts
from budget_monitor.adapters.dynamodb.conflicts import PassingError, persistently
from budget_monitor.domain.errors import UnavailableError
from functions.expiring import app as expiring
from tests.support.builders import new_id
from tests.support.doors.doors import Context
from tests.support.histories.gateway import deliver
from tests.support.memory import at_random
from tests.support.memory.fixture import MemoryCloud
from tests.support.times import later

BUDGET = deadline.BUDGET_SECONDS
CONFLICT = "TransactionConflict"


class Watch:
    """Time that passes only during waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def time(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr("budget_monitor.deadline.monotonic", watch.time)
    monkeypatch.setattr("time.sleep", watch.sleep)
    monkeypatch.setattr(conflicts, "SHORTEST_WAIT", 1.0)  # fewer attempts, for a fast test
    return watch


def contended(watch: Watch, share: float) -> Callable[[], str | None]:
    """Every write meets conflicts for this share of the budget, and then goes through."""
    until: list[float] = []

    def befall() -> str | None:
        if not until:
            until.append(watch.now + share * BUDGET)
        if watch.now < until[0]:
            return CONFLICT
        until.clear()
        return None

    return befall


def within_the_budget(watch: Watch, act: Callable[[], Any]) -> Any:
    started = watch.now
    found = act()
    assert watch.now - started < BUDGET + 1e-6
    return found


def costs(count: int) -> list[dict[str, Any]]:
    """Too many accounts for one transaction."""
    return [
        {"entry_id": f"cost-{n}", "cost_usd": "1", "agent_execution_id": f"run-{n}"}
        | {"agent": f"agent-{n}", "model": f"model-{n}", "workflow_execution_id": f"flow-{n}"}
        for n in range(count)
    ]


def test_a_batch_of_contended_transactions_ends_in_the_time_of_one(
    memory_cloud: MemoryCloud, watch: Watch
) -> None:
    memory_cloud.database.conflicts = contended(watch, 0.6)
    event = {"tenant_id": "acme", "costs": costs(100)}

    results = within_the_budget(watch, lambda: deliver("record_costs", **event)).body["results"]

    booked = [one for one in results if "entry" in one]
    assert 0 < len(booked) < 100
    assert {one.get("error") for one in results if one not in booked} == {"UNAVAILABLE"}
    memory_cloud.database.conflicts = lambda: None
    again = deliver("record_costs", **event).body["results"]
    assert sum(one["entry"]["replayed"] for one in again) == len(booked)
    assert deliver("tenant_usage", tenant_id="acme").body["spent_usd"] == "100"


def test_patience_within_patience_is_one_patience(watch: Watch) -> None:
    def busy() -> None:
        raise PassingError

    def late() -> None:
        watch.sleep(0.9 * BUDGET)
        persistently(busy)

    def act() -> None:
        with deadline.unit_of_work(), pytest.raises(UnavailableError):
            persistently(late)

    within_the_budget(watch, act)


def test_a_store_without_a_time_limit_has_one_for_each_call(watch: Watch) -> None:
    def busy() -> None:
        raise PassingError

    for _ in range(2):
        with pytest.raises(UnavailableError):
            within_the_budget(watch, lambda: persistently(busy))
    assert not deadline.begun()


def test_a_write_that_goes_through_at_last_is_an_answer(
    memory_cloud: MemoryCloud, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYSTEM_STRIPES", "1")  # with several rows it may take two writes
    memory_cloud.database.conflicts = contended(watch, 0.5)
    cost = {"agent_execution_id": "run", "cost_usd": "1"}

    assert deliver("record_cost", tenant_id="acme", **cost).error is None


def test_no_write_is_begun_when_the_time_is_up(memory_cloud: MemoryCloud, watch: Watch) -> None:
    """As when answers are lost and found again by the SDK, without a conflict of ours."""
    event = {"tenant_id": "acme", "costs": costs(100)}

    def slow() -> None:
        watch.sleep(0.6 * BUDGET)

    memory_cloud.database.conflicts = slow

    results = deliver("record_costs", **event).body["results"]

    assert {one.get("error") for one in results} == {None, "UNAVAILABLE"}
    assert watch.now < 2 * BUDGET


def test_each_hold_of_a_job_has_a_time_of_its_own(memory_cloud: MemoryCloud, watch: Watch) -> None:
    overdue_holds(4)
    memory_cloud.database.conflicts = contended(watch, 0.6)

    with later(minutes=2):
        assert deliver("expire").body == {"expired": 4}


def overdue_holds(count: int) -> None:
    for _ in range(count):
        hold = {"reservation_id": new_id("hold"), "agent_execution_id": "run"}
        deliver("reserve", tenant_id="acme", estimated_cost_usd="1", expires_in_seconds=1, **hold)


def test_a_hold_that_cannot_be_ended_now_stops_no_other_one(
    memory_cloud: MemoryCloud, watch: Watch
) -> None:
    overdue_holds(4)
    until = watch.now + 1.9 * BUDGET  # the first one waits in vain, the second does not
    memory_cloud.database.conflicts = lambda: CONFLICT if watch.now < until else None

    with later(minutes=2):
        assert deliver("expire").body == {"expired": 4}
        overdue_holds(2)
    memory_cloud.database.conflicts = lambda: CONFLICT
    with later(minutes=4):
        assert deliver("expire").error == "UNAVAILABLE"


def test_a_sweep_ends_before_its_invocation_does(memory_cloud: MemoryCloud, watch: Watch) -> None:
    overdue_holds(4)

    def slow() -> None:
        watch.sleep(20)

    memory_cloud.database.conflicts = slow

    class Ending(Context):
        def get_remaining_time_in_millis(self) -> int:
            return 90_000

    with later(minutes=2):
        event = {"operation": "expire"}
        assert expiring.lambda_handler(event, Ending()) == {"expired": 4}
    assert watch.now == 80


def test_conflicts_without_end_are_a_503_for_every_write(
    memory_cloud: MemoryCloud, watch: Watch
) -> None:
    deliver("reserve", tenant_id="acme", reservation_id="hold", **ask("1"))
    memory_cloud.database.conflicts = at_random(1, 1.0, [CONFLICT])
    hold = {"tenant_id": "acme", "reservation_id": "hold"}
    writes: list[Callable[[], Any]] = [
        lambda: deliver("reserve", tenant_id="acme", reservation_id="other", **ask("1")),
        lambda: deliver("settle", cost_usd="1", **hold),
        lambda: deliver("extend", expires_in_seconds=3600, **hold),
        lambda: deliver("release", **hold),
        lambda: deliver("record_costs", tenant_id="acme", costs=costs(2)),
    ]

    for write in writes:
        assert within_the_budget(watch, write).error == "UNAVAILABLE"


def ask(amount: str) -> dict[str, str]:
    return {"estimated_cost_usd": amount, "agent_execution_id": "run"}
