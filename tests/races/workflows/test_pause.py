"""Pause, resume, wait and be refused, all at the same instant: one consistent end, none lost."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.support.histories.gateway import Reply
from tests.support.histories.ledger_audit import differences
from tests.support.histories.many_callers import CALLERS, MANY, new_round, served
from tests.support.histories.stored_pauses import changes, disagreements, runs, terms
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import first, size
from tests.support.workflows.machines import Machines

pytestmark = pytest.mark.usefixtures("hurried")


MAX_ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
FLOW = {"tenant_id": "acme", "workflow_execution_id": "flow"}
WHO = {"by": "maria", "reason": "fine"}
ABOUT = ("acme", "flow")


def asked(operation: str, **fields: Any) -> Reply:
    reply = served(operation, **FLOW | fields)
    assert reply.error is None, reply
    return reply


def reserve(amount: str, **fields: Any) -> dict[str, Any]:
    return asked("reserve", estimated_cost_usd=amount, include_gates=False, **fields).body


def decide(operation: str, **fields: Any) -> dict[str, Any]:
    return asked(operation, **WHO, **fields).body


def operations(cloud: MemoryCloud) -> list[str]:
    rows = cloud.rows()
    assert not disagreements(rows)
    assert not differences(rows)
    return [one["operation"] for one in changes(rows, *ABOUT)]


def test_sixty_four_refused_at_once_pause_the_workflow_once(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        answers = callers(lambda _: reserve("51"))

        assert {(one["allowed"], one["action"], one["pause_id"]) for one in answers} == {
            (False, "pause", 1)
        }
        codes = Counter(one["reason_code"] for one in answers)
        assert codes == {"WORKFLOW_EXCEEDED": 1, "WORKFLOW_PAUSED": CALLERS - 1}
        assert operations(memory_cloud) == ["pause"]


def test_what_fits_is_granted_until_the_pause_and_nothing_after_it(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        answers = callers(lambda _: reserve("3"), MANY)

        granted = sum(one["allowed"] for one in answers)
        assert granted <= 16
        assert operations(memory_cloud) == ["pause"]
        assert asked("workflow").body["held_usd"] == str(3 * granted)


@pytest.mark.thorough
def test_sixty_four_branches_wait_and_every_one_is_woken_once(
    memory_cloud: MemoryCloud, machines: Machines, callers: Any
) -> None:
    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        machines.reset()
        callers(lambda n: asked("await_resume", task_token=f"token-{n}"))
        assert asked("workflow").body["state"] == "paused"

        told = callers(lambda _: decide("resume"))

        decide("resume")
        assert len(machines.woken) == CALLERS
        assert sum(one["woken"] for one in told) == CALLERS
        assert runs(memory_cloud.rows())[ABOUT]["waking"] == []
        assert operations(memory_cloud).count("resume") == 1


def test_whatever_happens_at_once_the_last_resumption_wakes_all_who_wait(
    memory_cloud: MemoryCloud, machines: Machines, callers: Any
) -> None:
    def act(n: int) -> None:
        if n % 4 == 0:
            decide("pause")
        elif n % 4 == 1:
            decide("resume", **({"limit_usd": f"{n}"} if n % 8 == 1 else {}))
        elif n % 4 == 2:
            reserve("900")
        else:
            pause = {"pause_id": 1} if n % 8 == 3 else {}
            asked("await_resume", task_token=f"token-{n}", **pause)

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        machines.reset()
        decide("pause")
        callers(act, MANY)

        rows = memory_cloud.rows()
        run = runs(rows)[ABOUT]
        assert asked("workflow").body["state"] == ("paused" if run["paused"] else "active")
        assert run["paused"] or not run["waiting"], "somebody waits and nobody can see it"
        steps = operations(memory_cloud)
        assert steps.count("pause") <= steps.count("resume") + 1 + steps.count("await_resume")
        decide("resume")
        assert served("wake").error is None
        assert machines.names == sorted(f"token-{n}" for n in range(3, MANY, 4))
        assert not disagreements(memory_cloud.rows())


def test_no_refusal_by_the_old_limit_pauses_after_a_resumption_with_a_higher_one(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    def act(n: int) -> bool:
        if n == 7:
            decide("pause")
            return bool(decide("resume", limit_usd="5000")["state"] == "active")
        return bool(reserve("51")["allowed"])

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        memory_cloud.set_limits(tenant="none")
        callers(act, MANY)

        assert terms(memory_cloud.rows())[ABOUT] == (False, Decimal(5000))
        assert operations(memory_cloud) == ["pause", "resume"]
        assert reserve("51")["allowed"] is True


def test_no_refusal_by_the_old_budget_pauses_after_it_was_raised(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    def act(n: int) -> bool:
        if n == 7:
            more = {"budget_id": "workflow", "amount_usd": "5000", **WHO}
            reply = served("raise_limit", tenant_id="acme", until="2099-01-01T00:00:00Z", **more)
            assert reply.error is None, reply
            return bool(decide("resume")["state"] == "active")
        return bool(reserve("51")["allowed"])

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        memory_cloud.set_limits(tenant="none")
        reserve("1")
        callers(act, MANY)

        assert terms(memory_cloud.rows()).get(ABOUT, (False, None)) == (False, None)
        assert reserve("51")["allowed"] is True


@pytest.mark.parametrize("stale", first(1, ["terms", "policies"]))
def test_no_process_grants_anything_while_the_workflow_is_paused(
    memory_cloud: MemoryCloud, callers: Any, stale: str
) -> None:
    new_round(memory_cloud, 1)
    reserve("1")
    decide("pause") if stale == "terms" else decide("resume", limit_usd="70")
    decide("pause")

    def act(n: int) -> bool:
        if n % 2:
            memory_cloud.start_another_process()
        return bool(reserve("1")["allowed"]) or bool(
            asked("check", estimated_cost_usd="1").body["allowed"]
        )

    assert not any(callers(act, size(16, CALLERS)))
