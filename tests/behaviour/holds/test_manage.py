"""Reservations after they were made: get, extend, release, and their expiry."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.times import instant, later, now

ABOUT = timedelta(seconds=20)
pytestmark = pytest.mark.usefixtures("forgetful_processes")


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
