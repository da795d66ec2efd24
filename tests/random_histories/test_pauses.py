"""Random decisions about one workflow under random faults: who waits goes on, once, in the end."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.support.histories.gateway import FAULTS, KILLED, Reply, Wire, deliver, forget
from tests.support.histories.ledger_audit import differences
from tests.support.histories.play import empty
from tests.support.histories.stored_pauses import disagreements, runs, terms
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import first, size

FLOW = {"tenant_id": "acme", "workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "fine"}
SEEDS, A_BLOCK, EVENTS = 8, size(4, 8), 30


@pytest.fixture
def wire(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


def event(chance: random.Random, pauses: int) -> tuple[str, dict[str, Any]]:
    operation = chance.choice(("pause", "resume", "resume", "await", "await", "reserve", "wake"))
    if operation == "wake":
        return "wake", {}
    if operation == "await":
        which = {"pause_id": chance.randint(1, pauses)} if pauses and chance.random() < 0.5 else {}
        return "await_resume", {**FLOW, "task_token": f"token-{chance.randrange(9)}", **which}
    if operation == "reserve":
        return "reserve", {**FLOW, "estimated_cost_usd": chance.choice(("1", "51", "90"))}
    fields: dict[str, Any] = {**FLOW, **WHO}
    if operation == "resume" and chance.random() < 0.5:
        fields["limit_usd"] = chance.choice(("20", "60", "80"))
    if chance.random() < 0.3:
        fields["idempotency_key"] = f"{operation}-{chance.randrange(4)}"
    return operation, fields


def answered(wire: Wire, chance: random.Random, operation: str, fields: dict[str, Any]) -> Reply:
    """The answer in the end, whatever the first deliveries met."""
    if chance.random() < 0.5:
        wire.expect({chance.randrange(5): chance.choice(sorted(FAULTS)) for _ in range(2)})
    for _ in range(20):
        reply = deliver(operation, **fields)
        if reply.error == KILLED:
            forget()
        if not reply.unanswered:
            break
    wire.expect({})
    return reply


def assert_agrees(cloud: MemoryCloud, wire: Wire) -> dict[str, Any]:
    rows = cloud.rows()
    assert not disagreements(rows)
    assert not differences(rows)
    run = runs(rows).get(("acme", "flow"), {"paused": False, "pauses": 0, "waiting": []})
    assert run["paused"] or not run["waiting"], "somebody waits and nobody is asked"
    assert terms(rows).get(("acme", "flow"), (False, None))[0] is run["paused"]
    assert not set(run["waiting"]) & set(wire.machines.woken), "woken, and said to wait"
    return run


def play(seed: int, cloud: MemoryCloud, wire: Wire) -> None:
    chance, waited = random.Random(seed), set[str]()  # noqa: S311 - a test's
    empty(cloud)
    forget()
    wire.machines.reset()
    pauses = 0
    for _ in range(EVENTS):
        operation, fields = event(chance, pauses)
        reply = answered(wire, chance, operation, fields)
        run = assert_agrees(cloud, wire)
        assert reply.error in {None, "NOT_FOUND", "IDEMPOTENCY_MISMATCH"}, reply
        if operation == "await_resume":
            waited.add(fields["task_token"])
        if operation == "reserve":
            assert not (reply.body["allowed"] and run["paused"]), reply
            assert run["paused"] or reply.body["allowed"], reply
        pauses = run["pauses"]
    if waited:
        assert deliver("resume", **FLOW, **WHO).error is None
        assert deliver("wake").error is None
        assert wire.machines.names == sorted(waited)
        assert not assert_agrees(cloud, wire)["paused"]


@pytest.mark.parametrize("block", first(2, range(SEEDS)))
def test_who_waits_goes_on_once_whatever_happens(
    memory_cloud: MemoryCloud, wire: Wire, block: int
) -> None:
    for seed in range(block * A_BLOCK, (block + 1) * A_BLOCK):
        try:
            play(seed, memory_cloud, wire)
        except AssertionError as fault:
            raise AssertionError(f"seed {seed}: {fault}") from fault
