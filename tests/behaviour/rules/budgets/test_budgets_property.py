"""Any sequence of decisions and spending: accounts are their entries, and no policy is old."""

from __future__ import annotations

import os
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from budget_monitor.parts import parts_of
from tests.support.histories.gateway import deliver
from tests.support.histories.ledger_audit import differences
from tests.support.histories.play import empty, unsorted_rows
from tests.support.memory import at_random
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, Processes
from tests.support.rules.ruling import (
    OF_SYSTEM,
    OF_TENANTS,
    PERIODS,
    PLACES,
    SYSTEM,
    Raised,
    Rule,
    RulesSnapshot,
    judged,
)
from tests.support.thorough import size
from tests.support.times import instant

pytestmark = pytest.mark.usefixtures("hurried")


SEEDS, STEPS, PROCESSES = int(os.environ.get("BUDGET_SEEDS", size(1, 8))), 70, 3
START = instant("2026-11-30T22:30:00Z")
WAITS = (0, 0, 0, 1, 20, 40, 600, 1500, 4000, 90_000)
LIMITS = ("0", "1", "2", "2.5", "4", "9", None)
KINDS = ("block enforce", "block enforce", "block enforce", "block shadow", "alert enforce")


class History:
    """One seed's story."""

    def __init__(self, seed: int, cloud: MemoryCloud, processes: Processes, clock: Any) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a test's
        self.cloud, self.processes, self.clock = cloud, processes, clock
        self.names, self.holds = 0, list[tuple[str, str]]()
        limits = {"execution": "6", "tenant-month": "12", "system-month": "20"}
        rules = {name: rule(limit) for name, limit in limits.items()}
        self.ruling = RulesSnapshot({**rules, "workflow": rule(None, "pause enforce")})
        self.tenants = [f"acme-{seed}", f"zeta-{seed}"]

    def play(self) -> None:
        acts = (self.put, self.delete, self.lift, self.stop, *[self.ask] * 8, *[self.book] * 4)
        for step in range(STEPS):
            self.clock.shift(timedelta(seconds=self.chance.choice(WAITS)))
            self.processes.answer(self.chance.randrange(PROCESSES))
            self.chance.choice(acts)()
            if step % 10 == 9:
                assert not differences(unsorted_rows(self.cloud))
        assert not differences(unsorted_rows(self.cloud))

    def now(self) -> datetime:
        return datetime.now(START.tzinfo)

    def owner(self) -> tuple[str, str, dict[str, str]]:
        """Whose rules to change, which budget, and how the operations are called."""
        if self.chance.random() < 0.35:
            return SYSTEM, self.chance.choice(OF_SYSTEM), {}
        tenant = self.chance.choice(self.tenants)
        return tenant, self.chance.choice(OF_TENANTS), {"tenant_id": tenant}

    def put(self) -> None:
        owner, budget_id, whose = self.owner()
        limit, kind = self.chance.choice(LIMITS), self.chance.choice(KINDS)
        scope, scope_id, period = PLACES[budget_id]
        action, enforcement = kind.split()
        place = {"scope": scope, "scope_id": scope_id, "period": period}
        meant = {"action": action, "enforcement": enforcement, "limit_usd": limit}
        operation = "set_budget" if whose else "set_system_budget"
        reply = deliver(operation, budget_id=budget_id, **whose, **place, **meant, **WHO)
        assert reply.error is None, reply
        self.ruling.put(owner, budget_id, rule(limit, kind))

    def delete(self) -> None:
        owner, budget_id, whose = self.owner()
        operation = "delete_budget" if whose else "delete_system_budget"
        known = budget_id in self.ruling.rules(owner)
        reply = deliver(operation, budget_id=budget_id, **whose, **WHO)
        deleted = self.ruling.delete(owner, budget_id)
        assert reply.error == (None if deleted else "CONFLICT" if known else "NOT_FOUND"), reply

    def lift(self) -> None:
        owner, budget_id, whose = self.owner()
        found, kind = self.ruling.rules(owner).get(budget_id), PLACES[budget_id][2]
        if found is None or found.limit is None:
            return
        amount, now = self.chance.choice(("0.5", "1", "3")), self.now()
        timed = kind == "run" or self.chance.random() < 0.5
        until = now + timedelta(minutes=self.chance.choice((1, 20, 90, 3000))) if timed else None
        fields = {"until": until.isoformat()} if until else {}
        operation = "raise_limit" if whose else "raise_system_limit"
        reply = deliver(operation, budget_id=budget_id, amount_usd=amount, **whose, **fields, **WHO)
        assert reply.error is None, reply
        raised = Raised(Decimal(amount), kind, now.strftime(PERIODS[kind]), until)
        self.ruling.lift(owner, budget_id, raised)

    def stop(self) -> None:
        tenant = self.chance.choice(self.tenants)
        operation = "reinstate" if tenant in self.ruling.suspended else "suspend"
        assert deliver(operation, tenant_id=tenant, **WHO).error is None
        self.ruling.suspended ^= {tenant}

    def labels(self) -> dict[str, Any]:
        number = self.chance.randrange(4)
        flow = {"workflow_execution_id": f"flow-{number}"} if number % 2 else {}
        names = {
            "agent": ("planner", "coder")[number // 2],
            "user": self.chance.choice(["ann", "bob"]),
        }
        model = self.chance.choice(("gpt-4o", "opus"))
        return {"agent_execution_id": f"run-{number}", "model": model, **flow, **names}

    def ask(self) -> None:
        tenant, labels = self.chance.choice(self.tenants), self.labels()
        fields = {"tenant_id": tenant, "estimated_cost_usd": self.chance.choice(("0.3", "1"))}
        operation, self.names = self.chance.choice(("check", "reserve", "reserve")), self.names + 1
        named = {"reservation_id": f"hold-{self.names}"} if operation == "reserve" else {}
        reply = deliver(operation, **fields, **labels, **named)
        assert reply.error is None, reply
        self.decided(tenant, labels, reply.body)
        if reply.body["reservation"]:
            self.holds.append((tenant, f"hold-{self.names}"))

    def decided(self, tenant: str, labels: dict[str, Any], body: dict[str, Any]) -> None:
        told = {one["budget_id"]: one for one in body["gates"]}
        expected = self.ruling.gates(tenant, labels, self.now())
        shown = {
            name: (number(one["limit_usd"]), f"{one['action']} {one['enforcement']}")
            for name, one in told.items()
        }
        assert shown == expected, (tenant, labels)
        if tenant in self.ruling.suspended:
            assert body["reason_code"] == "TENANT_SUSPENDED"
        else:
            assert body["allowed"] == (not judged(body["gates"])), body

    def book(self) -> None:
        tenant, self.names = self.chance.choice(self.tenants), self.names + 1
        cost = {"cost_usd": self.chance.choice(("0.2", "0.7", "1.5"))}
        act = self.chance.choice(("record_cost", "record_costs", "settle", "release", "expire"))
        if act == "record_cost":
            fields = {
                "tenant_id": tenant,
                "entry_id": f"cost-{self.names}",
                **cost,
                **self.labels(),
            }
        elif act == "record_costs":
            costs = [{**cost, **self.labels()} for _ in range(3)]
            fields = {"tenant_id": tenant, "costs": costs}
        elif act == "expire" or not self.holds:
            act, fields = "expire", {}
        else:
            tenant, hold = self.holds.pop(self.chance.randrange(len(self.holds)))
            fields = {"tenant_id": tenant, "reservation_id": hold}
            fields |= cost if act == "settle" else {}
        reply = deliver(act, **fields)
        assert reply.error is None, reply
        assert not [one for one in reply.body.get("results", ()) if "error" in one]


def rule(limit: str | None, kind: str = "block enforce") -> Rule:
    return Rule(number(limit), kind)


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@pytest.mark.parametrize(
    ("stripes", "first_seed"), [(("1", "1"), 0), (("4", "3"), 1)], ids=["whole", "striped"]
)
def test_no_request_after_a_decision_is_decided_by_the_old_policy(
    memory_cloud: MemoryCloud,
    monkeypatch: pytest.MonkeyPatch,
    stripes: tuple[str, str],
    first_seed: int,
) -> None:
    memory_cloud.set_limits(execution="6", workflow="none", tenant="12", system="20")
    monkeypatch.setenv("SYSTEM_STRIPES", stripes[0])
    monkeypatch.setenv("TENANT_STRIPES", stripes[1])
    processes = Processes(monkeypatch)
    for seed in range(first_seed, first_seed + SEEDS):
        codes = ["TransactionConflict", "ThrottlingError"]
        memory_cloud.database.conflicts = at_random(seed, 0.03, codes)
        with time_machine.travel(START, tick=False) as clock:
            empty(memory_cloud)
            parts_of.cache_clear()
            try:
                History(seed, memory_cloud, processes, clock).play()
            except AssertionError as fault:
                raise AssertionError(f"seed {seed}: {fault}") from fault
