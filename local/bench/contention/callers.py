"""Section: what callers that write at the same time wait, on a model of DynamoDB's conflicts."""

from __future__ import annotations

import statistics
from bisect import bisect_left, insort
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from greenlet import getcurrent

from budget_monitor.domain.errors import UnavailableError
from functions.checking.app import lambda_handler as checking
from functions.tracking.app import lambda_handler as tracking
from local.bench.contention.conflicts import ConflictingDynamoDB
from local.bench.contention.virtual_time import VirtualClock, virtual_time
from local.bench.memory import memory_cloud
from local.bench.progress import counted
from tests.support.template.conditions import defaults
from tests.support.template.template import template

CALLERS, STRIPES, TENANTS, LOCKS = (1, 4, 16, 64, 200), (1, 4, 16), (1, 16), (5, 10, 20)
LIKELY_LOCK, LIKELY_CALLERS = 10, 100
SECONDS, MOST_REQUESTS, PROCESSES = 10.0, 100, 2
SYSTEM_STRIPES = (16, 32)
GROWN_STRIPES = 16
"""Rows of a tenant's accounts that grew twice."""
SPREAD_SECONDS = 0.1


@dataclass(frozen=True)
class Load:
    """Callers that reserve and settle one run each, again and again, without a pause."""

    callers: int
    tenants: int = 1
    tenant_stripes: int = 1
    lock_ms: int = LIKELY_LOCK
    system_stripes: int = 16
    seconds: float = SECONDS
    most_requests: int = MOST_REQUESTS


@dataclass(frozen=True)
class Request:
    """One request of a caller, on virtual time."""

    began: float
    ended: float
    attempts: int
    served: bool

    @property
    def seconds(self) -> float:
        """Return how long the caller waited for the answer."""
        return self.ended - self.began


@dataclass
class Crowd:
    """The callers of one load, and their requests."""

    load: Load
    clock: VirtualClock
    database: ConflictingDynamoDB
    requests: list[Request] = field(default_factory=list)

    def run(self) -> dict[str, Any]:
        """Run the load to its end and return its figures."""
        tasks = [lambda number=one: self._caller(number) for one in range(self.load.callers)]
        self.clock.run(tasks, spread=SPREAD_SECONDS)
        return {**asdict(self.load), **figures(self.requests)}

    def _caller(self, number: int) -> None:
        tenant, pair = f"tenant-{number % self.load.tenants}", 0
        while self.clock.now < self.load.seconds and len(self.requests) < self.load.most_requests:
            pair += 1
            self._pair(tenant, f"run-{number}", f"hold-{number}-{pair}")

    def _pair(self, tenant: str, run: str, hold: str) -> None:
        common = {"tenant_id": tenant, "reservation_id": hold, "include_gates": False}
        asked = {"agent_execution_id": run, "agent": "writer", "model": "gpt-x"}
        reserve = {"operation": "reserve", "estimated_cost_usd": "0.01", **common, **asked}
        held = self._timed(checking, reserve)
        if held is None:
            return
        receipt = {"receipt": held["reservation"]["receipt"]}
        settle = {"operation": "settle", "cost_usd": "0.005", **common, **receipt}
        self._timed(tracking, settle)

    def _timed(self, handler: Any, event: dict[str, Any]) -> dict[str, Any] | None:  # noqa: ANN401
        """Return the answer; None for a 503."""
        attempts, began, answer = self.database.attempts, self.clock.now, None
        before = attempts[getcurrent()]
        try:
            answer = handler(event, None)
        except UnavailableError:
            answer = None
        tried = attempts[getcurrent()] - before
        self.requests.append(Request(began, self.clock.now, tried, answer is not None))
        return answer


def figures(requests: list[Request]) -> dict[str, Any]:
    """Return throughput, attempts and waiting times of the requests of one load."""
    served = [one for one in requests if one.served]
    waits = sorted(one.seconds for one in requests)
    return {
        "pairs_per_second": round(_per_second(served) / 2, 1),
        "attempts_per_success": round(sum(one.attempts for one in requests) / len(served), 2),
        "p50_ms": round(1000 * statistics.median(waits)),
        "p99_ms": round(1000 * waits[int(0.99 * (len(waits) - 1))]),
        "most_ms": round(1000 * waits[-1]),
        "overtaken_p99": overtaken(requests),
        "requests": len(requests),
        "unavailable": len(requests) - len(served),
    }


def _per_second(served: list[Request]) -> float:
    """Return how many requests ended in each second until the last one began.

    After that the callers that still wait are fewer and fewer.
    """
    until = max(one.began for one in served)
    return sum(one.ended <= until for one in served) / until if until else 0.0


def overtaken(requests: list[Request]) -> int:
    """Return by how many later requests 1 % of all were overtaken: 0 if served in order."""
    began = attrgetter("began")
    ends, counts = list[float](), list[int]()
    for _, together in groupby(sorted(requests, key=began, reverse=True), began):
        own = [one.ended for one in together]
        counts += [bisect_left(ends, end) for end in own]
        for end in own:
            insort(ends, end)
    return sorted(counts)[int(0.99 * (len(counts) - 1))]


def default_stripes() -> int:
    """Return the template's number of rows of a tenant's month."""
    return int(defaults(template())["TenantStripes"])


def loads(most: int = MOST_REQUESTS) -> Iterator[Load]:
    """Yield the loads: all callers at the likely lock time, the likely ones at all lock times."""
    for stripes in sorted({*STRIPES, default_stripes(), GROWN_STRIPES}):
        for tenants in TENANTS:
            for callers in CALLERS:
                yield Load(callers, tenants, stripes, most_requests=most)
        for lock in LOCKS:
            yield Load(LIKELY_CALLERS, 1, stripes, lock, most_requests=most)
    for system_stripes in SYSTEM_STRIPES:
        yield Load(400, 64, 4, system_stripes=system_stripes, most_requests=20 * most)


def played(load: Load) -> dict[str, Any]:
    """Return the figures of one load on empty tables."""
    stripes = {
        "TENANT_STRIPES": str(load.tenant_stripes),
        "SYSTEM_STRIPES": str(load.system_stripes),
        "TENANT_MONTH_LIMIT_USD": "100000",
        "SYSTEM_MONTH_LIMIT_USD": "1000000",
    }
    with virtual_time() as clock:
        database = ConflictingDynamoDB(clock, load.lock_ms / 1000)
        with memory_cloud(database, **stripes):
            return Crowd(load, clock, database).run()


def measured(rounds: int) -> dict[str, Any]:
    """Return the figures of all loads, of 100 requests a round, played on two cores."""
    todo = list(loads(MOST_REQUESTS * rounds))
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = [*counted(pool.map(played, todo), "contention", len(todo))]
    return {"default_stripes": default_stripes(), "loads": found}
