"""Holding money: a reservation is granted whole or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.builders import Tenant, gate, new_id
from tests.support.cloud import Cloud
from tests.support.times import instant, now

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


def test_a_reservation_lives_15_minutes_by_default(tenant: Tenant) -> None:
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


def test_only_a_refusal_shows_its_gates_when_not_asked(tenant: Tenant) -> None:
    grant = tenant.reserve("1", include_gates=False).body
    refusal = tenant.reserve("11", include_gates=False).body

    assert grant["allowed"] is True
    assert (grant["gates"], grant["status"]) == (None, None)
    assert grant["reservation"]["state"] == "open"
    assert refusal["reason_code"] == "EXECUTION_EXCEEDED"
    assert gate(refusal, "execution")["projected_usd"] == "11"
