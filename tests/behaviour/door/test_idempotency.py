"""The caller names the operation: the same again counts once, and another content is an error."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, new_id
from tests.support.cloud import Cloud
from tests.support.doors.doors import DirectDoor, Door, HttpDoor
from tests.support.times import later

FULL: dict[str, Any] = {
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "state_machine_execution_arn": "arn:aws:states:eu-central-1:000000000000:execution:m:e",
    "workflow": "nightly",
    "agent": "writer",
    "model": "gpt-x",
    "provider": "example",
    "user": "maria",
    "tags": ["blue"],
}
COST = FULL | {
    "cost_usd": "1",
    "tokens": 15,
    "usage": {"input_tokens": 10, "output_tokens": 5},
    "occurred_at": "2020-01-05T10:00:00Z",
}
HOLD = FULL | {"estimated_cost_usd": "1", "expires_in_seconds": 600}
OTHER: dict[str, Any] = {
    "agent_execution_id": "run-2",
    "workflow_execution_id": "flow-2",
    "state_machine_execution_arn": "arn:aws:states:eu-central-1:000000000000:execution:m:other",
    "workflow": "weekly",
    "agent": "critic",
    "model": "gpt-y",
    "provider": "another",
    "user": "jose",
    "tags": ["green"],
    "cost_usd": "1.000000000001",
    "tokens": 16,
    "usage": {"input_tokens": 11, "output_tokens": 5},
    "occurred_at": "2020-01-05T10:00:01Z",
    "estimated_cost_usd": "1.000000000001",
    "expires_in_seconds": 601,
}
OPERATIONS = {"record_cost": (COST, "entry_id"), "reserve": (HOLD, "reservation_id")}
CASES = [(operation, field) for operation, (content, _) in OPERATIONS.items() for field in content]

OPTIONAL = [case for case in CASES if case[1] not in ("cost_usd", "estimated_cost_usd")]


def other_door(door: Door) -> Door:
    return DirectDoor() if isinstance(door, HttpDoor) else HttpDoor()


def request_of(operation: str) -> dict[str, Any]:
    """A full request with an id of its own."""
    content, id_field = OPERATIONS[operation]
    return content | {id_field: new_id("op")}


def without(named: dict[str, Any], field: str) -> dict[str, Any]:
    return {key: named[key] for key in named if key != field}


def mismatch(answer: Any, field: str) -> bool:
    named = str(answer.field).split(".")[0].split("[")[0]
    return answer.error == "IDEMPOTENCY_MISMATCH" and named == field and answer.has_status(409)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_same_again_is_the_first_answer_through_either_door(
    tenant: Tenant, cloud: Cloud, operation: str
) -> None:
    named = request_of(operation)
    first = tenant.call(operation, **named)
    before = cloud.rows()

    for door in (tenant.door, other_door(tenant.door)):
        again = tenant.through(door).call(operation, **named)
        assert again.has_status(200)
        body = again.body.get("entry", again.body)
        original = first.body.get("entry", first.body)
        assert (original["replayed"], body["replayed"]) == (False, True)
        kept = original.keys() - {"replayed", "gates", "status", "reservation"}
        assert {key: body[key] for key in kept} == {key: original[key] for key in kept}

    assert cloud.rows() == before


@pytest.mark.parametrize(("operation", "field"), CASES)
def test_another_content_under_the_same_id_is_refused_by_name(
    tenant: Tenant, cloud: Cloud, operation: str, field: str
) -> None:
    named = request_of(operation)
    tenant.call(operation, **named).body  # noqa: B018 - must not fail
    before = cloud.rows()

    answer = tenant.call(operation, **named | {field: OTHER[field]})

    assert mismatch(answer, field), answer
    assert cloud.rows() == before


@pytest.mark.parametrize(("operation", "field"), OPTIONAL)
def test_a_field_left_out_in_a_retry_does_not_count(
    tenant: Tenant, cloud: Cloud, operation: str, field: str
) -> None:
    named = request_of(operation)
    tenant.call(operation, **named).body  # noqa: B018 - must not fail
    before = cloud.rows()

    answer = tenant.call(operation, **without(named, field))

    assert answer.body.get("entry", answer.body)["replayed"] is True
    assert cloud.rows() == before


@pytest.mark.parametrize(("operation", "field"), OPTIONAL)
def test_a_field_added_in_a_retry_is_refused_by_name(
    tenant: Tenant, cloud: Cloud, operation: str, field: str
) -> None:
    named = request_of(operation)
    tenant.call(operation, **without(named, field)).body  # noqa: B018 - must not fail
    before = cloud.rows()

    answer = tenant.call(operation, **named)

    assert mismatch(answer, field), answer
    assert cloud.rows() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_equal_numbers_are_equal_however_they_are_written(tenant: Tenant, operation: str) -> None:
    money = {"record_cost": "cost_usd", "reserve": "estimated_cost_usd"}[operation]
    id_field = OPERATIONS[operation][1]
    named = {"agent_execution_id": "run-1", id_field: new_id("op")}

    for amount in ("1", "1.00", 1, 1.0):
        tenant.call(operation, **named, **{money: amount}).body  # noqa: B018 - must not fail

    status = tenant.usage()
    assert (status["spent_usd"], status["held_usd"]) in (("1", "0"), ("0", "1"))


def test_asking_for_gates_or_not_is_no_other_content(tenant: Tenant) -> None:
    named = {"entry_id": new_id("op"), "agent_execution_id": "run-1"}
    tenant.record("1", include_gates=False, **named)

    body = tenant.record("1", include_gates=True, **named).body

    assert body["entry"]["replayed"] is True
    assert body["gates"] is not None


def test_a_replay_far_in_the_future_still_counts_once(tenant: Tenant) -> None:
    entry_id, reservation_id = new_id("op"), new_id("hold")
    tenant.record("1", agent_execution_id="run-1", entry_id=entry_id)
    tenant.reserve("1", agent_execution_id="run-1", reservation_id=reservation_id)
    tenant.settle(reservation_id, "2")

    with later(days=400):
        again = tenant.record("1", agent_execution_id="run-1", entry_id=entry_id)
        assert again.body["entry"]["replayed"] is True
        assert tenant.settle(reservation_id, "2").body["entry"]["replayed"] is True
        assert tenant.call("execution", agent_execution_id="run-1").body["spent_usd"] == "3"


def test_a_replayed_reserve_shows_the_reservation_as_of_now(tenant: Tenant) -> None:
    reservation_id = new_id("hold")
    named = {"agent_execution_id": "run-1", "reservation_id": reservation_id}
    first = tenant.reserve("1", **named)
    tenant.call("extend", reservation_id=reservation_id, expires_in_seconds=7200)
    tenant.spend("5", agent_execution_id="run-1")

    again = tenant.reserve("1", **named)

    assert (first.body["replayed"], again.body["replayed"]) == (False, True)
    assert again.body["allowed"] is True
    now = tenant.reservation(reservation_id)
    assert again.body["reservation"]["expires_at"] == now["expires_at"]
    assert again.body["gates"][0]["spent_usd"] == "5"
    assert tenant.usage()["held_usd"] == "1"


def test_a_replayed_reserve_is_allowed_even_where_nothing_more_fits(tenant: Tenant) -> None:
    named = {"agent_execution_id": "run-1", "reservation_id": new_id("hold")}
    tenant.reserve("6", **named)
    tenant.spend("100", agent_execution_id="run-1")

    again = tenant.reserve("6", **named)

    assert again.has_status(200)
    assert (again.body["allowed"], again.body["replayed"]) == (True, True)


@pytest.mark.parametrize("end", ["settled", "released", "expired"])
def test_a_closed_reservation_is_never_shown_as_holding_money(
    tenant: Tenant, cloud: Cloud, end: str
) -> None:
    named = {"agent_execution_id": "run-1", "reservation_id": "hold-1", "expires_in_seconds": 60}
    tenant.reserve("1", **named)
    if end == "settled":
        tenant.settle("hold-1", "1")
    if end == "released":
        tenant.release("hold-1")

    with later(seconds=61):
        answer = tenant.reserve("1", **named)

    assert answer.error == "CONFLICT"
    assert answer.has_status(409)
    assert end in answer.message


def test_the_same_ids_in_two_tenants_are_two_operations(door: Door) -> None:
    one, other = Tenant(door), Tenant(door)
    for tenant, amount in ((one, "1"), (other, "2")):
        named = {"agent_execution_id": "run-1", "entry_id": "cost-1"}
        assert tenant.record(amount, **named).body["entry"]["replayed"] is False
        tenant.hold(amount, agent_execution_id="run-1", reservation_id="hold-1")

    assert (one.usage()["spent_usd"], other.usage()["spent_usd"]) == ("1", "2")
    one.settle("hold-1", "1")
    assert (one.usage()["held_usd"], other.usage()["held_usd"]) == ("0", "2")
