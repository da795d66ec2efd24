"""Section: what reserve, settle, record and refusals cost in DynamoDB, counted exactly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from local.bench.costs import Costs, costs_of, total
from local.bench.memory import memory_cloud
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO
from tests.support.times import at

NOW = "2026-11-22T10:05:00Z"
RUN = {
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "agent": "writer",
    "model": "gpt-x",
}
LEAN: dict[str, Any] = {"include_gates": False}
CUSTOM, DRAWS = 20, 20
PAIR, DRAW_COSTS = "pair", f"hold, {DRAWS} draws and release"
BY_RUN, BY_TENANT, BY_SYSTEM = {"execution": "1"}, {"tenant": "1"}, {"system": "1"}
REFUSALS: dict[str, dict[str, str]] = {"run": BY_RUN, "tenant": BY_TENANT, "system": BY_SYSTEM}


class Counting:
    """One tenant on an empty database, whose rules and accounts the process knows."""

    def __init__(self, cloud: MemoryCloud) -> None:
        self.cloud, self.tenant, self._ids = cloud, Tenant(DirectDoor(), "acme"), 0

    def reserve(self, amount: str = "0.01") -> tuple[str, Costs]:
        """Return the id of a new reservation, and what it cost."""
        name = self._next("hold")
        ask = partial(self.tenant.hold, amount, reservation_id=name, **LEAN, **RUN)
        return name, costs_of(self.cloud, ask)

    def settle(self, hold: str) -> Costs:
        """Settle it and return what that cost."""
        given = {"entry_id": self._next("entry"), **LEAN}
        return self._count(lambda: self.tenant.settle(hold, "0.01", **given).body)

    def record(self, cost: str = "0.01") -> Costs:
        """Record a cost and return what that took."""
        given = {"entry_id": self._next("entry"), **LEAN, **RUN}
        return self._count(lambda: self.tenant.record(cost, **given).body)

    def draw(self, hold: str) -> Costs:
        """Draw from the reservation and return what that cost."""
        given = {"draw_id": self._next("draw"), **LEAN}
        return self._count(lambda: self.tenant.draw(hold, "0.01", **given).body)

    def release(self, hold: str) -> Costs:
        """Release the rest and return what that cost."""
        return self._count(lambda: self.tenant.release(hold).body)

    def refused(self) -> Costs:
        """Return what a reserve cost that was refused."""
        return self._count(self._refusal)

    def checked(self) -> Costs:
        """Return what a check cost."""
        return self._count(lambda: self.tenant.check("0.01", **RUN).body)

    def add_budgets(self, count: int) -> None:
        """Set so many custom budgets that each apply to the run."""
        for number in range(count):
            who = {"scope": "agent", "scope_id": "writer", "period": "day", "limit_usd": "900"}
            name = f"custom-{number:02}"
            self.tenant.call("set_budget", budget_id=name, **who, **WHO).body  # noqa: B018

    def _refusal(self) -> None:
        given = {"reservation_id": self._next("hold"), **LEAN, **RUN}
        if self.tenant.reserve("0.01", **given).body["allowed"]:
            raise AssertionError("a limit that is spent must refuse")

    def _count(self, act: Callable[[], Any]) -> Costs:
        return costs_of(self.cloud, act)

    def _next(self, kind: str) -> str:
        self._ids += 1
        return f"{kind}-{self._ids:04}"


def _calls(cloud: MemoryCloud) -> dict[str, Costs]:
    count = Counting(cloud)
    _, first = count.reserve()
    hold, _ = count.reserve()
    for ready in (hold, count.reserve()[0]):
        count.settle(ready)
    count.record()
    hold, reserve = count.reserve()
    settle = count.settle(hold)
    found = {"check": count.checked(), "reserve": reserve, "settle": settle}
    found |= {"reserve, first of a run": first, "record": count.record()}
    found[PAIR] = reserve + settle
    return found


def _custom(cloud: MemoryCloud) -> dict[str, Costs]:
    count = Counting(cloud)
    count.add_budgets(CUSTOM)
    count.settle(count.reserve()[0])
    hold, reserve = count.reserve()
    settle = count.settle(hold)
    return {f"pair with {CUSTOM} custom budgets": reserve + settle}


def _draws(cloud: MemoryCloud) -> dict[str, Costs]:
    count = Counting(cloud)
    count.settle(count.reserve()[0])
    hold, reserve = count.reserve("1")
    parts = [reserve, *(count.draw(hold) for _ in range(DRAWS))]
    return {
        "draw": parts[-1],
        DRAW_COSTS: total([*parts, count.release(hold)]),
    }


def _refusals(cloud: MemoryCloud, by: str, *, held: bool) -> dict[str, Costs]:
    cloud.set_limits(**REFUSALS[by])
    count = Counting(cloud)
    if held:
        count.reserve("1")
    else:
        count.record("1")
    first, second = count.refused(), count.refused()
    cloud.start_another_process()
    other = count.refused()
    name = f"refused by the {by}" + (" for holds" if held else "")
    return {name: first, f"{name}, again": second, f"{name}, elsewhere": other}


PARTS: list[Callable[[MemoryCloud], dict[str, Costs]]] = [
    _calls,
    _custom,
    _draws,
    *(partial(_refusals, by=by, held=held) for by in REFUSALS for held in (False, True)),
]


def counts() -> dict[str, Costs]:
    """Return the costs of each request by its name, on one row for each account."""
    found = dict[str, Costs]()
    for part in PARTS:
        with at(NOW, tick=False), memory_cloud() as cloud:
            found |= part(cloud)
    return found


def measured(rounds: int) -> dict[str, Any]:
    """Return the counts; they are exact, so one round is enough."""
    del rounds
    return {name: one.as_json() for name, one in counts().items()}
