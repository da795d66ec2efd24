"""A job for many tenants: each once, over as many invocations as it takes, whatever fails."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from budget_monitor import bootstrap, deadline
from budget_monitor.adapters.aws.self_invoke import SelfInvoke
from budget_monitor.config import Config
from budget_monitor.domain.errors import ConfigurationError, UnavailableError, ValidationError
from budget_monitor.usecases import tenant_jobs
from budget_monitor.usecases.tenant_jobs import TenantJob
from functions.tracking import app as tracking
from tests.support.doors.doors import Context
from tests.support.histories.gateway import deliver
from tests.support.memory.fixture import MemoryCloud

EVENT = {"operation": "job", "month": "2026-11"}


class Queue:
    """The invocations that were asked for."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def pass_on(self, event: Mapping[str, Any]) -> None:
        assert len(json.dumps(event)) < 256_000
        self.events.append(dict(event))


def names(count: int) -> list[str]:
    return [f"tenant-{n}".ljust(128, "x") for n in range(count)]


@pytest.mark.parametrize(
    ("count", "invocations"), [(0, 0), (1, 0), (100, 0), (101, 1), (10_000, 19), (60_000, 39)]
)
def test_every_tenant_is_in_one_part_and_the_parts_are_few_and_small(
    count: int, invocations: int
) -> None:
    queue = Queue()

    mine = TenantJob(queue, EVENT).shared(names(count))

    parts = [mine, *(event["tenants"] for event in queue.events)]
    assert [one for part in parts for one in part] == names(count)
    assert len(queue.events) == invocations
    assert all(event.items() >= EVENT.items() for event in queue.events)


class Invocations:
    """Runs a job over all tenants, one invocation after the other, each with little time."""

    def __init__(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.seconds, self.longest = 0.0, seconds, 0.0
        self.met: Counter[str] = Counter()
        self.failed: list[str] = []
        monkeypatch.setattr(deadline, "monotonic", lambda: self.now)

    def job(self, tenant_id: str) -> str:
        self.met[tenant_id] += 1
        self.now += 20
        if tenant_id.startswith("broken"):
            raise ValueError(tenant_id)
        if tenant_id.startswith("endless"):
            while not deadline.about_to_end():
                self.now += 20
            raise TimeoutError(tenant_id)
        return tenant_id

    def run(self, tenants: list[str]) -> list[str]:
        queue, done = Queue(), list[str]()
        queue.events.append({"tenants": tenants})
        while queue.events:
            started = self.now
            with deadline.invocation(int(self.seconds * 1000)):
                walked = TenantJob(queue).each(queue.events.pop(0)["tenants"], self.job)
            done += walked.done
            self.failed += walked.failed
            self.longest = max(self.longest, self.now - started)
        return done


def test_no_invocation_passes_its_time_and_each_tenant_is_done_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Invocations(300, monkeypatch)

    assert run.run(names(100)) == names(100)

    assert set(run.met.values()) == {1}
    assert 250 < run.longest < 300


def test_a_tenant_that_fails_is_named_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Invocations(300, monkeypatch)

    assert run.run(["a", "broken-1", "b", "broken-2"]) == ["a", "b"]

    assert run.failed == ["broken-1", "broken-2"]


def test_a_tenant_too_long_for_an_invocation_has_its_own_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = Invocations(300, monkeypatch)

    assert run.run(["a", "endless", "b"]) == ["a", "b"]

    assert run.failed == ["endless"]
    assert run.met == {"a": 1, "endless": 2, "b": 1}
    assert run.longest < 300


def test_without_a_context_there_is_time() -> None:
    assert not deadline.about_to_end()
    with deadline.invocation(None):
        assert not deadline.about_to_end()


@pytest.mark.usefixtures("memory_cloud")
def test_what_lambda_does_not_take_is_an_outage_and_elsewhere_there_is_no_lambda(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(ConfigurationError):
        SelfInvoke(Config.from_environment()).pass_on(EVENT)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "tracking")
    with pytest.raises(UnavailableError):
        SelfInvoke(Config.from_environment()).pass_on(EVENT)


# The walk of `reconcile`, through its handler


class Lambda(Context):
    """A context with so much time left."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ends = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends - time.monotonic()) * 1000)


@pytest.fixture
def queue(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Queue:
    """Seven tenants, of which an invocation may do three."""
    for n in range(7):
        cost = {"agent_execution_id": "run", "cost_usd": "1"}
        assert deliver("record_cost", tenant_id=f"tenant-{n}", **cost).error is None
    queue = Queue()
    monkeypatch.setattr(tenant_jobs, "MIN_TENANTS", 3)
    monkeypatch.setattr(tenant_jobs, "MAX_PARALLEL", 3)
    monkeypatch.setattr(
        "budget_monitor.adapters.aws.self_invoke.SelfInvoke.pass_on",
        lambda _, event: queue.pass_on(event),
    )
    return queue


def answers(queue: Queue, seconds: float = 300) -> list[dict[str, Any]]:
    found = [tracking.lambda_handler({"operation": "reconcile"}, Lambda(seconds))]
    while queue.events:
        found.append(tracking.lambda_handler(queue.events.pop(0), Lambda(seconds)))
    return found


def test_the_daily_reconciliation_is_shared_and_compares_each_tenant_once(queue: Queue) -> None:
    found = answers(queue)

    assert [one["tenants"] for one in found] == [3, 3, 1]
    assert [one["passed_on"] for one in found] == [4, 0, 0]
    # of each tenant: its execution, month, day, agent, model, late costs and 15 counts of labels;
    # and the system's
    assert sum(one["accounts"] for one in found) == 7 * 21 + 1
    assert all(one["differences"] == one["failed"] == [] for one in found)


def test_an_invocation_with_no_time_left_does_one_tenant_and_passes_the_others_on(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "budget_monitor.usecases.reconcile.reads.Books._page", lambda *_: ((), None)
    )

    found = answers(queue, seconds=deadline.END_SECONDS - 1)

    assert sum(one["tenants"] for one in found) == 7
    assert [one["tenants"] for one in found][:2] == [0, 1]  # the first compared the system


def test_a_damaged_tenant_is_named_and_the_others_are_compared(
    queue: Queue, memory_cloud: MemoryCloud
) -> None:
    table = memory_cloud.tables["LedgerTable"]
    for row in memory_cloud.database.rows(table):
        if row["pk"]["S"].startswith("tenant-1#"):
            damaged = {**row, "amount": {"S": "much"}}
            memory_cloud.database.execute("PutItem", {"TableName": table, "Item": damaged})

    found = answers(queue)

    assert [one["failed"] for one in found] == [["tenant-1"], [], []]
    assert sum(one["accounts"] for one in found) == 6 * 21 + 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"tenant_id": "tenant-1", "tenants": ["tenant-2"]}, "tenants"),
        ({"tenants": ["tenant-1", "no spaces"]}, "tenants[1]"),
        ({"tenants": []}, "tenants"),
        ({"tenants": "tenant-1"}, "tenants"),
    ],
)
def test_whom_to_compare_is_said_once_and_properly(
    queue: Queue, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        tracking.lambda_handler({"operation": "reconcile", **fields}, None)
    assert refused.value.field == field


def test_the_first_looks_leave_time_for_the_others_where_something_differs(
    queue: Queue, memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, remaining = [0.0], 300.0
    monkeypatch.setattr(deadline, "monotonic", lambda: now[0])
    walk = TenantJob(queue, EVENT)
    with deadline.invocation(int(remaining * 1000)):
        reconciling = bootstrap.tracking().services.reconciling().reconciling
        begun: list[Any] = []

        def look(tenant_id: str) -> None:
            now[0] += 20
            begun.append(reconciling.begin("tenant-1", "2026-11"))
            monkeypatch.setattr(type(begun[-1]), "is_pending", True)

        walked = walk.each(names(20), look, reconciling.enough(begun))

    # Three times what was spent, and two waits, fit into what an invocation may begin.
    assert len(walked.done) == 5
    assert walked.passed_on == 15
