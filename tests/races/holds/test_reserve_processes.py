"""Sixteen processes at once: granted is exactly what fits, and everything happens once."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor
from tests.support.processes.racing import CLIENTS, at_a_door, race
from tests.support.thorough import first, size

PRICE = "0.07"
FITS = 14  # of 0.07 in 1
ATTEMPTS = size(2, 3)
GENEROUS = {"execution": "none", "workflow": "none", "tenant": "none", "system": "none"}


def labels_for(scope: str, n: int, attempt: int) -> dict[str, str]:
    """Labels with which all clients meet in that scope and nowhere narrower."""
    if scope == "execution":
        return {"agent_execution_id": "run-1"}
    labels = {"agent_execution_id": f"run-{n}-{attempt}"}
    return labels | ({"workflow_execution_id": "flow-1"} if scope == "workflow" else {})


@pytest.mark.parametrize("scope", first(1, ["system", "tenant", "workflow", "execution"]))
def test_sixteen_clients_are_granted_exactly_what_fits(cloud: Cloud, scope: str) -> None:
    cloud.set_limits(**GENEROUS | {scope: "1"})
    shared = new_id("tenant")

    def reserve_again_and_again(n: int) -> list[bool]:
        tenant = at_a_door(new_id("tenant") if scope == "system" else shared, n)
        return [
            tenant.reserve(PRICE, **labels_for(scope, n, attempt)).body["allowed"]
            for attempt in range(ATTEMPTS)
        ]

    granted = [allowed for answers in race(reserve_again_and_again) for allowed in answers]

    assert Counter(granted) == {True: FITS, False: ATTEMPTS * CLIENTS - FITS}
    system = DirectDoor().call("system_usage").body
    assert (system["held_usd"], system["spent_usd"]) == ("0.98", "0")


def test_holds_settled_while_others_are_taken_never_pass_the_limit(cloud: Cloud) -> None:
    cloud.set_limits(**GENEROUS | {"tenant": "1"})
    shared = new_id("tenant")

    def reserve_and_settle(n: int) -> list[str]:
        tenant, costs = at_a_door(shared, n), []
        for _ in range(size(5, 4)):
            reservation = tenant.reserve(PRICE).body["reservation"]
            if reservation:
                tenant.settle(reservation["reservation_id"], "0.05").body  # noqa: B018
                costs.append("0.05")
        return costs

    raced = race(reserve_and_settle, clients=size(8, CLIENTS))
    costs = [Decimal(cost) for costs in raced for cost in costs]

    month = Tenant(DirectDoor(), shared).usage()
    assert month["held_usd"] == "0"
    assert Decimal(month["spent_usd"]) == sum(costs) <= 1
    assert sum(costs) + Decimal(PRICE) > 1, "money was refused while it was there"


def test_the_same_cost_recorded_by_sixteen_counts_once(cloud: Cloud) -> None:
    shared = new_id("tenant")
    content = {"agent_execution_id": "run-1", "entry_id": "cost-1"}

    replayed = race(
        lambda n: at_a_door(shared, n).record("0.1", **content).body["entry"]["replayed"]
    )

    assert Counter(replayed) == {False: 1, True: CLIENTS - 1}
    month = Tenant(DirectDoor(), shared).usage()
    assert (month["spent_usd"], month["entries"]) == ("0.1", 1)


@pytest.mark.thorough
def test_the_same_hold_taken_by_sixteen_is_held_once(cloud: Cloud) -> None:
    shared = new_id("tenant")
    content = {"agent_execution_id": "run-1", "reservation_id": "hold-1"}

    decisions = race(lambda n: at_a_door(shared, n).reserve("6", **content).body)

    assert all(decision["allowed"] for decision in decisions)
    assert Counter(decision["replayed"] for decision in decisions) == {False: 1, True: CLIENTS - 1}
    assert Tenant(DirectDoor(), shared).usage()["held_usd"] == "6"


@pytest.mark.thorough
def test_different_costs_under_one_id_leave_exactly_one(cloud: Cloud) -> None:
    shared = new_id("tenant")

    def record(n: int) -> Any:
        answer = at_a_door(shared, n).record(
            f"0.{n + 1:02}", agent_execution_id="run-1", entry_id="cost-1"
        )
        return answer.error or answer.body["entry"]["cost_usd"]

    answers = Counter(race(record))

    assert answers.pop("IDEMPOTENCY_MISMATCH") == CLIENTS - 1
    month = Tenant(DirectDoor(), shared).usage()
    assert ([month["spent_usd"]], month["entries"]) == (list(answers), 1)


@pytest.mark.parametrize("turn", first(1, range(3)))
def test_settle_against_release_ends_in_one_state(cloud: Cloud, turn: int) -> None:
    shared = new_id("tenant")
    race(lambda _: at_a_door(shared, turn).hold("2", reservation_id="hold-1"), clients=1)

    def settle_or_release(n: int) -> tuple[str, Any]:
        tenant = at_a_door(shared, n // 2)
        if n % 2:
            answer = tenant.release("hold-1")
            return "release", answer.error or answer.body["state"]
        return "settle", tuple(tenant.settle("hold-1", "1.5").body["entry"]["flags"])

    seen = set(race(settle_or_release))

    tenant = Tenant(DirectDoor(), shared)
    state = tenant.reservation("hold-1")["state"]
    ends = {
        "settled": {("settle", ()), ("release", "CONFLICT")},
        "released": {("settle", ("unreserved",)), ("release", "released")},
    }
    assert seen == ends[state]
    month = tenant.usage()
    assert (month["spent_usd"], month["held_usd"], month["entries"]) == ("1.5", "0", 1)


@pytest.mark.thorough
def test_a_released_hold_is_settled_once_under_whatever_names(cloud: Cloud) -> None:
    shared = new_id("tenant")

    def hold_and_release(n: int) -> None:
        at_a_door(shared, n).hold("2", reservation_id="hold-1")
        at_a_door(shared, n).release("hold-1")

    race(hold_and_release, clients=1)

    def settle(n: int) -> bool:
        answer = at_a_door(shared, n).settle("hold-1", "1.5", entry_id=f"cost-{n}")
        assert answer.error in (None, "IDEMPOTENCY_MISMATCH", "CONFLICT")
        return answer.error is None and not answer.body["entry"]["replayed"]

    assert sum(race(settle)) == 1
    month = Tenant(DirectDoor(), shared).usage()
    assert (month["spent_usd"], month["entries"]) == ("1.5", 1)


@pytest.mark.thorough
def test_sixteen_adjustments_never_take_an_entry_below_zero(cloud: Cloud) -> None:
    shared = new_id("tenant")
    race(lambda n: at_a_door(shared, n).spend("5", entry_id="cost-1"), clients=1)

    errors = race(lambda n: at_a_door(shared, n).adjust("cost-1", "-1").error)

    assert Counter(errors) == {None: 5, "VALIDATION_ERROR": CLIENTS - 5}
    assert Tenant(DirectDoor(), shared).usage()["spent_usd"] == "0"


@pytest.mark.thorough
def test_one_run_claimed_by_two_workflows_belongs_to_one(cloud: Cloud) -> None:
    shared = new_id("tenant")

    def record(n: int) -> str | None:
        flow = f"flow-{n % 2}"
        labels = {"agent_execution_id": "run-1", "workflow_execution_id": flow}
        return at_a_door(shared, n // 2).record("1", **labels).error

    errors = race(record)

    assert Counter(errors) == {None: CLIENTS}
    tenant = Tenant(DirectDoor(), shared)
    run = tenant.call("execution", agent_execution_id="run-1").body
    assert run["spent_usd"] == str(CLIENTS)
    flow = tenant.call("workflow", workflow_execution_id=run["workflow_execution_id"]).body
    assert flow["spent_usd"] == run["spent_usd"]


@pytest.mark.thorough
def test_the_same_batch_sent_by_sixteen_counts_once(cloud: Cloud) -> None:
    shared = new_id("tenant")
    costs = [
        {"cost_usd": "0.01", "agent_execution_id": f"run-{n % 3}", "entry_id": f"cost-{n}"}
        for n in range(20)
    ]

    def record(n: int) -> int:
        mine = costs[n:] + costs[:n]  # each begins elsewhere
        results = at_a_door(shared, n).call("record_costs", costs=mine).body["results"]
        return sum(not result["entry"]["replayed"] for result in results)

    assert sum(race(record)) == len(costs)
    month = Tenant(DirectDoor(), shared).usage()
    assert (month["spent_usd"], month["entries"]) == ("0.2", 20)
