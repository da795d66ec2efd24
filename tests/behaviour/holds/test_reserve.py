"""Holding money: reserve, get_reservation, extend, release, and what time does to a hold."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import Tenant, gate, new_id
from tests.support.cloud import Cloud
from tests.support.times import instant, later, now

ABOUT = timedelta(seconds=20)

pytestmark = pytest.mark.usefixtures("forgetful_processes")


def test_a_granted_reserve_holds_the_money_on_every_gate(tenant: Tenant) -> None:
    answer = tenant.reserve("2.5", agent_execution_id="run-1", workflow_execution_id="flow-1")

    assert answer.has_status(201)
    assert answer.body["allowed"] is True
    for budget_id in ("execution", "workflow", "tenant-month", "system-month"):
        shown = gate(answer.body, budget_id)
        assert (shown["spent_usd"], shown["held_usd"]) == ("0", "2.5")
        assert shown["projected_usd"] == "2.5"
        assert shown["allowed"] is True
    assert answer.body["status"]["held_usd"] == "2.5"


def test_a_reservation_keeps_what_was_asked(tenant: Tenant) -> None:
    labels = {
        "agent_execution_id": "run-1",
        "workflow_execution_id": "flow-1",
        "state_machine_execution_arn": "arn:aws:states:eu-central-1:000000000000:execution:m:e",
        "workflow": "nightly report",
        "agent": "writer",
        "model": "gpt-x",
        "provider": "example",
        "user": "maria",
        "tags": ["blue", "green"],
    }
    reservation_id = new_id("hold")

    answer = tenant.reserve("0.30", reservation_id=reservation_id, **labels)
    reservation = tenant.reservation(reservation_id)

    assert labels.items() <= reservation.items()
    assert reservation["reservation_id"] == reservation_id
    assert reservation["tenant_id"] == tenant.id
    assert reservation["amount_usd"] == "0.3"
    assert reservation["state"] == "open"
    assert (reservation["resolved_at"], reservation["entry_id"]) == (None, None)
    given = answer.body["reservation"]
    assert {key: given[key] for key in reservation} == reservation


def test_a_reservation_lives_fifteen_minutes_unless_told(tenant: Tenant) -> None:
    reservation = tenant.reserve("1").body["reservation"]

    life = instant(reservation["expires_at"]) - instant(reservation["created_at"])

    assert life == timedelta(minutes=15)
    assert abs(instant(reservation["created_at"]) - now()) < ABOUT


@pytest.mark.parametrize("seconds", [1, 86400])
def test_a_reservation_lives_as_long_as_asked(tenant: Tenant, seconds: int) -> None:
    reservation = tenant.reserve("1", expires_in_seconds=seconds).body["reservation"]

    life = instant(reservation["expires_at"]) - instant(reservation["created_at"])

    assert life == timedelta(seconds=seconds)


def test_a_reserve_without_an_id_is_given_one(tenant: Tenant) -> None:
    assert tenant.hold("1") != tenant.hold("1")
    assert tenant.usage()["held_usd"] == "2"


def test_a_hold_is_granted_whole_or_not_at_all(tenant: Tenant, cloud: Cloud) -> None:
    tenant.hold("9", agent_execution_id="run-1")
    before = cloud.rows()

    answer = tenant.reserve("2", agent_execution_id="run-1", reservation_id="hold-2")

    assert answer.has_status(200)
    assert answer.body["allowed"] is False
    assert answer.body["reservation"] is None
    assert gate(answer.body, "execution")["projected_usd"] == "11"
    assert gate(answer.body, "execution")["held_usd"] == "9"
    assert cloud.rows() == before


def test_a_refused_reserve_is_evaluated_afresh_on_retry(tenant: Tenant) -> None:
    first = tenant.hold("9", agent_execution_id="run-1")
    again = {"agent_execution_id": "run-1", "reservation_id": "hold-2"}
    assert tenant.reserve("2", **again).body["allowed"] is False
    tenant.release(first)

    answer = tenant.reserve("2", **again)

    assert answer.has_status(201)
    assert answer.body["allowed"] is True
    assert answer.body["replayed"] is False


def test_a_release_gives_the_money_back(tenant: Tenant) -> None:
    reservation_id = tenant.hold("3", agent_execution_id="run-1")

    answer = tenant.release(reservation_id)

    assert answer.has_status(200)
    assert answer.body["state"] == "released"
    assert abs(instant(answer.body["resolved_at"]) - now()) < ABOUT
    assert answer.body["entry_id"] is None
    status = tenant.usage()
    assert (status["held_usd"], status["spent_usd"], status["entries"]) == ("0", "0", 0)
    assert tenant.check("10", agent_execution_id="run-1").body["allowed"] is True


def test_releasing_twice_gives_the_first_answer_and_no_more_money(tenant: Tenant) -> None:
    tenant.hold("5")
    reservation_id = tenant.hold("3")

    first = tenant.release(reservation_id)
    second = tenant.release(reservation_id)

    assert second.has_status(200)
    assert second.body["state"] == "released"
    assert second.body["resolved_at"] == first.body["resolved_at"]
    assert tenant.usage()["held_usd"] == "5"


def test_a_settled_reservation_cannot_be_released(tenant: Tenant) -> None:
    reservation_id = tenant.hold("3")
    tenant.settle(reservation_id, "2")

    answer = tenant.release(reservation_id)

    assert answer.error == "CONFLICT"
    assert answer.has_status(409)
    assert "settled" in answer.message
    assert tenant.reservation(reservation_id)["state"] == "settled"


def test_a_release_after_expiry_says_expired_and_frees_the_hold(tenant: Tenant) -> None:
    reservation_id = tenant.hold("3", expires_in_seconds=60)

    with later(seconds=61):
        answer = tenant.release(reservation_id)
        assert answer.has_status(200)
        assert answer.body["state"] == "expired"
        assert tenant.reservation(reservation_id)["state"] == "expired"
        assert tenant.usage()["held_usd"] == "0"


def test_a_hold_ends_by_itself_at_its_time(tenant: Tenant) -> None:
    reservation_id = tenant.hold("3", expires_in_seconds=60)

    with later(seconds=50):
        assert tenant.reservation(reservation_id)["state"] == "open"
    with later(seconds=61):
        assert tenant.reservation(reservation_id)["state"] == "expired"


@pytest.mark.parametrize("operation", ["get_reservation", "release", "extend", "settle"])
def test_an_unknown_reservation_is_not_found(tenant: Tenant, cloud: Cloud, operation: str) -> None:
    fields: dict[str, Any] = {"extend": {"expires_in_seconds": 60}, "settle": {"cost_usd": "1"}}
    before = cloud.rows()

    answer = tenant.call(operation, reservation_id="nobody", **fields.get(operation, {}))

    assert answer.error == "NOT_FOUND"
    assert answer.has_status(404)
    assert cloud.rows() == before


def test_an_extension_counts_from_now(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=60)

    answer = tenant.call("extend", reservation_id=reservation_id, expires_in_seconds=3600)

    assert answer.has_status(200)
    assert answer.body["state"] == "open"
    ends = instant(answer.body["expires_at"])
    assert abs(ends - now() - timedelta(seconds=3600)) < ABOUT
    assert instant(tenant.reservation(reservation_id)["expires_at"]) == ends
    assert tenant.usage()["held_usd"] == "1"


def test_an_extension_never_shortens(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=7200)
    before = tenant.reservation(reservation_id)["expires_at"]

    answer = tenant.call("extend", reservation_id=reservation_id, expires_in_seconds=60)

    assert answer.has_status(200)
    assert answer.body["expires_at"] == before


def test_a_reservation_is_extended_at_most_to_two_days_after_its_creation(tenant: Tenant) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=86400)
    extend: dict[str, Any] = {"reservation_id": reservation_id, "expires_in_seconds": 86400}

    with later(hours=23.9):
        assert tenant.call("extend", **extend).body["state"] == "open"
    with later(hours=24.1):
        answer = tenant.call("extend", **extend)
        assert answer.refusal == ("VALIDATION_ERROR", "expires_in_seconds")
        shorter = tenant.call("extend", reservation_id=reservation_id, expires_in_seconds=84000)
        assert shorter.body["state"] == "open"


@pytest.mark.parametrize("end", ["settled", "released", "expired"])
def test_only_an_open_reservation_is_extended(tenant: Tenant, end: str) -> None:
    reservation_id = tenant.hold("1", expires_in_seconds=60)
    if end == "settled":
        tenant.settle(reservation_id, "1")
    if end == "released":
        tenant.release(reservation_id)

    with later(seconds=61):
        answer = tenant.call("extend", reservation_id=reservation_id, expires_in_seconds=600)

    assert answer.error == "CONFLICT"
    assert answer.has_status(409)
    assert end in answer.message


def test_only_a_refusal_shows_its_gates_when_not_asked(tenant: Tenant) -> None:
    grant = tenant.reserve("1", include_gates=False).body
    refusal = tenant.reserve("11", include_gates=False).body

    assert grant["allowed"] is True
    assert (grant["gates"], grant["status"]) == (None, None)
    assert grant["reservation"]["state"] == "open"
    assert refusal["reason_code"] == "EXECUTION_EXCEEDED"
    assert gate(refusal, "execution")["projected_usd"] == "11"
