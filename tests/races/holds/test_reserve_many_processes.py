"""Thirty-two processes through the handlers on the emulator; `make races` plays twenty rounds."""

from __future__ import annotations

import os
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.processes.racing import at_a_door, race
from tests.support.thorough import first

PROCESSES, MAX_ROUNDS = 32, int(os.environ.get("PROCESS_ROUNDS", "3"))
PRICE, FITS = "0.07", 14  # of 0.07 in 1
LIMIT = Decimal("0.45") * MAX_ROUNDS  # less than a third of what all would spend
GENEROUS = {"execution": "none", "workflow": "none", "tenant": "none", "system": "none"}


@pytest.mark.parametrize("scope", first(0, ["workflow", "tenant"]))
def test_each_round_grants_exactly_what_fits(
    cloud: Cloud, scope: str, record_property: Any
) -> None:
    cloud.set_limits(**GENEROUS | {scope: "1"})
    prefix = new_id("tenant")

    def reserve_in_each_round(n: int) -> list[bool]:
        granted = []
        for turn in range(MAX_ROUNDS):
            tenant = at_a_door(f"{prefix}-{turn}", n)
            labels = {"agent_execution_id": f"run-{n}", "workflow_execution_id": "flow"}
            hold = {"reservation_id": f"hold-{n}", "include_gates": False}
            decision = tenant.reserve(PRICE, **hold, **labels).body
            granted.append(bool(decision["allowed"]))
        return granted

    by_process = race(reserve_in_each_round, clients=PROCESSES)

    for turn in range(MAX_ROUNDS):
        assert Counter(one[turn] for one in by_process) == {True: FITS, False: PROCESSES - FITS}
    held = Decimal(DirectDoor().call("system_usage").body["held_usd"])
    assert held == MAX_ROUNDS * FITS * Decimal(PRICE)
    assert not differences(cloud.rows())
    record_property("races", f"{PROCESSES} processes, {MAX_ROUNDS} rounds at one {scope}")


@pytest.mark.thorough
def test_the_striped_system_is_settled_and_filled_to_the_last_unit(
    cloud: Cloud, record_property: Any
) -> None:
    cloud.set_limits(**GENEROUS | {"system": f"{LIMIT:f}"})

    def reserve_and_settle(n: int) -> Decimal:
        tenant, spent = at_a_door(new_id("tenant"), n), Decimal()
        for turn in range(MAX_ROUNDS):
            hold = {"reservation_id": f"hold-{turn}", "include_gates": False}
            held = tenant.reserve(PRICE, **hold).body["reservation"]
            if held:
                cost = ("0.02", "0.07", "0.05")[(n + turn) % 3]
                tenant.settle(held["reservation_id"], cost, include_gates=False).body  # noqa: B018
                spent += Decimal(cost)
        return spent

    spent = sum(race(reserve_and_settle, clients=PROCESSES), Decimal())

    usage = DirectDoor().call("system_usage").body
    assert (Decimal(usage["spent_usd"]), usage["held_usd"]) == (spent, "0")
    assert LIMIT - Decimal(PRICE) < spent <= LIMIT, "over, or refused while there was room"
    assert not differences(cloud.rows())
    tenant = Tenant(DirectDoor())
    left = LIMIT - spent
    assert not tenant.reserve(f"{left + Decimal('0.000000000001'):f}").body["allowed"]
    assert not left or tenant.reserve(f"{left:f}").body["allowed"]
    record_property(
        "races", f"{PROCESSES} processes, {MAX_ROUNDS} rounds, {spent} USD spent of {LIMIT}"
    )
