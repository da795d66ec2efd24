"""Up to 64 callers in one process, with conflicts: never over, and never refused for nothing.

`RACE_ROUNDS=200` plays what docs/reliability.md reports; the default keeps `make test` short.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.support.histories.gateway import Reply, switch
from tests.support.histories.ledger_audit import differences
from tests.support.histories.many_callers import (
    MANY,
    UNIT,
    assert_exact,
    new_round,
    reserve,
    served,
    system,
)
from tests.support.memory.fixture import MemoryCloud
from tests.support.thorough import size
from tests.support.times import later

pytestmark = pytest.mark.usefixtures("hurried")


MAX_ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
ENDINGS, NAMES = int(os.environ.get("RACE_ENDINGS", size(24, 60))), size(15, 40)
PRICE, FITS = "0.07", 14  # of 0.07 in 1
GENEROUS = {"execution": "none", "workflow": "none", "tenant": "none", "system": "none"}
MEANWHILE = [GENEROUS | {"system": limit} for limit in ("2", "5", "3.5", "2.000000000001")]
AFTERWARDS = [GENEROUS | {"system": limit} for limit in ("2", "6")]


def test_a_hold_of_nothing_is_refused_while_the_system_is_over_by_the_smallest_unit(
    memory_cloud: MemoryCloud,
) -> None:
    memory_cloud.set_limits(system="1")
    cost = {"cost_usd": f"{1 + UNIT:f}", "agent_execution_id": "run"}
    assert served("record_cost", tenant_id="acme", **cost).error is None

    assert not any(reserve("acme", "0", f"hold-{n}") for n in range(8))


@pytest.mark.parametrize("operation", ["record_cost", "reserve"])
def test_children_of_an_unknown_parent_agree_where_it_is(
    memory_cloud: MemoryCloud, callers: Any, operation: str
) -> None:
    amount = "cost_usd" if operation == "record_cost" else "estimated_cost_usd"

    def act(n: int) -> str | None:
        run = {"agent_execution_id": f"run-{n}", "parent_execution_id": "root"}
        flow = {"workflow_execution_id": f"flow-{n % 2}"}
        return served(operation, tenant_id="acme", **{amount: "0.1"}, **run, **flow).error

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        errors = Counter(callers(act, MANY))
        root = served("execution", tenant_id="acme", agent_execution_id="root").body
        committed = Decimal(root["spent_usd"]) + Decimal(root["held_usd"])
        if operation == "record_cost":  # half of them say another workflow, and count all the same
            assert (errors, committed) == ({None: MANY}, MANY * Decimal("0.1"))
        else:
            assert errors == {None: MANY // 2, "VALIDATION_ERROR": MANY // 2}
            assert committed == MANY // 2 * Decimal("0.1")
        assert not differences(memory_cloud.rows())


def test_striped_tenants_have_as_many_holds_as_they_may(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", "8")
    monkeypatch.setenv("MOST_HOLDS", "16")

    assert all(reserve("acme", "0.01", f"hold-{n}") for n in range(16))


@pytest.mark.parametrize("scope", ["execution", "workflow", "tenant", "system"])
def test_winners_are_exactly_what_fits(
    memory_cloud: MemoryCloud, callers: Any, scope: str, record_property: Any
) -> None:
    memory_cloud.set_limits(**GENEROUS | {scope: "1"})
    shared = {
        "execution": {"agent_execution_id": "run"},
        "workflow": {"workflow_execution_id": "w"},
    }

    def ask(number: int) -> bool:
        tenant = f"tenant-{number % 5}" if scope == "system" else "acme"
        return reserve(tenant, PRICE, f"hold-{number}", **shared.get(scope, {}))

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        assert Counter(callers(ask, MANY)) == {True: FITS, False: MANY - FITS}
        assert system()["held_usd"] == "0.98"
        assert not differences(memory_cloud.rows())
    record_property("races", f"{MANY} callers, {MAX_ROUNDS} rounds at one {scope}")


def test_several_scopes_at_once_refuse_only_what_one_of_them_cannot_take(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    memory_cloud.set_limits(execution="0.5", workflow="0.8", tenant="1.3", system="2")

    def labels(number: int) -> dict[str, str]:
        flow = number % 3
        return {
            "agent_execution_id": f"run-{flow}-{number % 2}",
            "workflow_execution_id": f"w-{flow}",
        }

    def ask(number: int) -> bool:
        return reserve(f"tenant-{number % 4}", PRICE, f"hold-{number}", **labels(number))

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn)
        answers = callers(ask, MANY)
        refused = [number for number, allowed in enumerate(answers) if not allowed]
        assert Decimal(system()["held_usd"]) == sum(answers) * Decimal(PRICE) <= 2
        assert refused
        for number in refused[:8]:
            assert not ask(number), "refused in the race, and there is room at rest"
        assert not differences(memory_cloud.rows())


def test_a_system_that_is_overrun_lowered_and_raised_meanwhile_stays_exact(
    memory_cloud: MemoryCloud, callers: Any, record_property: Any
) -> None:
    def act(number: int) -> Decimal:
        """A hold that is settled below or above, released or kept, or a cost without a hold."""
        if number % (MANY // 4) == 0:
            memory_cloud.set_limits(**MEANWHILE[number // (MANY // 4)])
        if number % 4 == 3:
            cost = {"cost_usd": "0.13", "agent_execution_id": f"r-{number}"}
            reply = served("record_cost", tenant_id="acme", entry_id=f"cost-{number}", **cost)
            assert reply.error is None, reply
            return Decimal("0.13")
        name = f"hold-{number}"
        if not reserve("acme", PRICE, name) or number % 4 == 0:
            return Decimal()
        cost_usd = ("0.02", "0.11")[number // 4 % 2]
        fields = {"tenant_id": "acme", "reservation_id": name}
        if number % 4 == 1:
            assert served("release", **fields).error is None
            return Decimal()
        assert served("settle", cost_usd=cost_usd, **fields).error is None
        return Decimal(cost_usd)

    for turn in range(MAX_ROUNDS):
        new_round(memory_cloud, turn, (*MEANWHILE, *AFTERWARDS, GENEROUS | {"system": "3"}))
        spent = sum(callers(act, MANY), Decimal())
        assert not differences(memory_cloud.rows())
        memory_cloud.set_limits(**AFTERWARDS[turn % 2])
        limit = AFTERWARDS[turn % 2]["system"]
        usage = system()
        assert Decimal(usage["spent_usd"]) == spent
        assert_exact(Decimal(limit) - spent - Decimal(usage["held_usd"]))
        assert not differences(memory_cloud.rows())
    record_property("races", f"{MANY} callers, {MAX_ROUNDS} rounds of everything at once")


def test_settle_release_and_expire_race_to_one_state(
    memory_cloud: MemoryCloud, callers: Any, record_property: Any
) -> None:
    new_round(memory_cloud, 1)
    ends: Counter[str] = Counter()
    for turn in range(ENDINGS):
        fields = {"tenant_id": f"tenant-{turn % 50}", "reservation_id": f"hold-{turn}"}
        run = {"agent_execution_id": f"run-{turn}", "expires_in_seconds": 60}
        assert served("reserve", estimated_cost_usd="2", **fields, **run).body["allowed"]
        acts = _contenders(fields, overdue=bool(turn % 2))
        with later(seconds=61 if turn % 2 else 1):
            order = [acts[(n + turn) % 3] for n in range(3)]
            replies = callers(partial(_act, order), 3)
            state = served("get_reservation", **fields).body["state"]
        ends[state] += 1
        _assert_one_end(state, {(n + turn) % 3: one for n, one in enumerate(replies)}, turn)
    assert system()["held_usd"] == "0"
    assert Decimal(system()["spent_usd"]) == ENDINGS * Decimal("1.5")
    assert not differences(memory_cloud.rows())
    record_property("races", f"{ENDINGS} endings: {dict(ends)}")
    print(f"settle against release against expire: {dict(ends)}")  # noqa: T201 - figures


def test_an_ended_hold_is_settled_once_under_whatever_names(
    memory_cloud: MemoryCloud, callers: Any
) -> None:
    for turn in range(NAMES):
        fields = {"tenant_id": "acme", "reservation_id": f"hold-{turn}"}
        assert reserve("acme", "0.01", f"hold-{turn}")
        assert served("release", **fields).error is None
        settle = partial(served, "settle", cost_usd="0.02", **fields)
        replies = callers(lambda n, t=turn, one=settle: one(entry_id=f"cost-{t}-{n}"), 4)
        errors = Counter(reply.error for reply in replies)
        assert errors == {None: 1, "IDEMPOTENCY_MISMATCH": 3}
    assert Decimal(system()["spent_usd"]) == NAMES * Decimal("0.02")


def test_a_process_that_missed_an_extension_ends_no_hold_early(memory_cloud: MemoryCloud) -> None:
    fields, parked = {"tenant_id": "acme", "reservation_id": "hold"}, dict[int, Any]()
    run = {"agent_execution_id": "run", "expires_in_seconds": 60}
    served("reserve", estimated_cost_usd="2", **fields, **run)
    switch(parked)
    assert served("extend", expires_in_seconds=1200, **fields).error is None
    switch(parked)
    with later(seconds=61):
        settled = served("settle", cost_usd="1.5", **fields)

    assert settled.body["entry"]["flags"] == []
    assert settled.body["reservation"]["state"] == "settled"
    assert not differences(memory_cloud.rows())


def _contenders(fields: dict[str, str], *, overdue: bool) -> list[Callable[[], Reply]]:
    """One settles, one releases, and the third sweeps, or settles too where nothing is overdue."""
    settle = partial(served, "settle", cost_usd="1.5", **fields)
    sweep = partial(served, "expire")
    return [settle, partial(served, "release", **fields), sweep if overdue else settle]


def _act(acts: list[Callable[[], Reply]], number: int) -> Reply:
    return acts[number]()


def _assert_one_end(state: str, replies: dict[int, Reply], turn: int) -> None:
    settled, released = replies[0], replies[1]
    flags = {"settled": [], "released": ["unreserved"], "expired": ["late_settlement"]}
    assert settled.error is None, settled
    assert settled.body["entry"]["flags"] == flags[state]
    if state == "settled":
        assert released.error == "CONFLICT"
    else:
        assert released.body["state"] == state
    assert (state == "expired") == bool(turn % 2)
