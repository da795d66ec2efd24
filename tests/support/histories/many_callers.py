"""Up to 64 concurrent callers in one process, and their requests."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.support.histories.gateway import UNAVAILABLE, Reply, deliver, forget
from tests.support.histories.play import empty
from tests.support.memory import at_random
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import size

CALLERS, CONFLICTS, UNIT = 64, 0.05, Decimal("0.000000000001")
MANY = size(32, CALLERS)
"""Callers of a race whose name says no number."""
PATIENCE = 50
Act = Callable[[int], Any]


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Waiting gives way at once, threads change often, and a slow machine is no outage."""
    monkeypatch.setattr("budget_monitor.deadline.BUDGET_SECONDS", 60.0)
    sleep, before = time.sleep, sys.getswitchinterval()
    monkeypatch.setattr("time.sleep", lambda _: sleep(0))
    sys.setswitchinterval(0.0005)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def callers() -> Iterator[Callable[[Act, int], list[Any]]]:
    """Calls `act(0)`, `act(1)`, ... at the same instant."""
    with ThreadPoolExecutor(CALLERS) as pool:

        def call(act: Act, count: int = CALLERS) -> list[Any]:
            start = threading.Barrier(count)

            def meet(number: int) -> Any:
                start.wait(60)
                return act(number)

            return list(pool.map(meet, range(count)))

        yield call


def new_round(cloud: MemoryCloud, seed: int, deployments: Iterable[Mapping[str, str]] = ()) -> None:
    """Start with empty tables, and inject conflicts from now on.

    No deployment's process remembers rows that are no more; the last of them is in force.
    """
    cloud.database.conflicts = at_random(
        seed, CONFLICTS, ["TransactionConflict", "ThrottlingError"]
    )
    empty(cloud)
    forget()
    for limits in deployments:
        cloud.set_limits(**limits)
        forget()


def served(operation: str, **fields: Any) -> Reply:
    """Return the final answer; after a 503 the same request is sent again."""
    replies = (deliver(operation, **fields) for _ in range(PATIENCE))
    return next((one for one in replies if one.error != UNAVAILABLE), Reply(error=UNAVAILABLE))


def reserve(tenant: str, amount: str, name: str, **labels: str) -> bool:
    fields = {"agent_execution_id": f"run-{name}", "include_gates": False, **labels}
    reply = served(
        "reserve", tenant_id=tenant, estimated_cost_usd=amount, reservation_id=name, **fields
    )
    assert reply.error is None, reply
    return bool(reply.body["allowed"])


def system() -> dict[str, Any]:
    return served("system_usage").body


def assert_exact(room: Decimal) -> None:
    """The system takes to the last unit what it has room for, and not a unit more."""
    more = f"{max(room, Decimal()) + UNIT:f}"
    assert not any(reserve("acme", more, f"over-{n}") for n in range(4))
    if room > 0:
        assert reserve("acme", f"{room:f}", "exactly")
    assert not any(reserve("acme", f"{UNIT:f}", f"full-{n}") for n in range(4))
