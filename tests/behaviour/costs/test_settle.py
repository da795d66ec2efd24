"""Replacing a hold by the true cost, whenever it comes."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, gate, new_id
from tests.support.cloud import Cloud
from tests.support.times import at, instant, later, month_now

LABELS = {"agent_execution_id": "run-1", "workflow_execution_id": "flow-1"}
NAMES = {
    "workflow": "nightly",
    "agent": "writer",
    "model": "gpt-x",
    "provider": "example",
    "user": "maria",
    "tags": ["blue"],
}

pytestmark = pytest.mark.usefixtures("forgetful_processes")


@pytest.mark.parametrize("cost", ["0", "1.25", "2", "7.5"])
def test_the_hold_is_replaced_by_the_true_cost_less_or_more(tenant: Tenant, cost: str) -> None:
    reservation_id = tenant.hold("2", **LABELS)

    answer = tenant.settle(reservation_id, cost)

    assert answer.has_status(201)
    for budget_id in ("execution", "workflow", "tenant-month", "system-month"):
        shown = gate(answer.body, budget_id)
        assert (shown["spent_usd"], shown["held_usd"]) == (cost, "0")
    assert tenant.usage()["spent_usd"] == cost


def test_a_settlement_is_an_entry_with_the_labels_of_the_hold(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", **LABELS, **NAMES)

    body = tenant.settle(reservation_id, "1.5", tokens=42).body

    entry = body["entry"]
    assert (LABELS | NAMES).items() <= entry.items()
    assert entry["entry_id"] == f"settle:{reservation_id}"
    assert entry["reservation_id"] == reservation_id
    assert (entry["kind"], entry["cost_usd"], entry["tokens"]) == ("cost", "1.5", 42)
    assert (entry["flags"], entry["replayed"]) == ([], False)
    assert entry["month"] == month_now()
    assert body["reservation"]["state"] == "settled"
    assert body["reservation"]["entry_id"] == entry["entry_id"]
    assert body["reservation"]["resolved_at"] is not None


def test_a_settlement_may_name_its_entry(tenant: Tenant) -> None:
    reservation_id, entry_id = tenant.hold("2"), new_id("cost")

    body = tenant.settle(reservation_id, "1", entry_id=entry_id).body

    assert body["entry"]["entry_id"] == entry_id
    assert body["reservation"]["entry_id"] == entry_id
    assert [item["entry_id"] for item in tenant.entries()] == [entry_id]


def test_settling_twice_gives_the_first_answer_and_counts_once(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2")
    first = tenant.settle(reservation_id, "1.5")

    second = tenant.settle(reservation_id, "1.50")

    assert second.has_status(200)
    assert second.body["entry"] == {**first.body["entry"], "replayed": True}
    assert second.body["reservation"]["state"] == "settled"
    status = tenant.usage()
    assert (status["spent_usd"], status["held_usd"], status["entries"]) == ("1.5", "0", 1)


def test_settling_twice_at_another_cost_is_refused(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2")
    tenant.settle(reservation_id, "1.5")

    answer = tenant.settle(reservation_id, "1.6")

    assert answer.refusal == ("IDEMPOTENCY_MISMATCH", "cost_usd")
    assert answer.has_status(409)
    assert tenant.usage()["spent_usd"] == "1.5"


def test_a_second_settlement_under_another_id_books_nothing(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2")
    tenant.settle(reservation_id, "1.5")

    answer = tenant.settle(reservation_id, "1.5", entry_id=new_id("cost"))

    assert answer.error in ("IDEMPOTENCY_MISMATCH", "CONFLICT")
    assert tenant.usage()["spent_usd"] == "1.5"


def test_a_cost_after_the_release_is_recorded_as_unreserved(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", **LABELS)
    tenant.release(reservation_id)

    answer = tenant.settle(reservation_id, "1.5")

    assert answer.has_status(201)
    assert answer.body["entry"]["flags"] == ["unreserved"]
    assert answer.body["reservation"]["state"] == "released"
    status = tenant.usage()
    assert (status["spent_usd"], status["held_usd"]) == ("1.5", "0")
    assert tenant.settle(reservation_id, "1.5").body["entry"]["replayed"] is True
    assert tenant.usage()["spent_usd"] == "1.5"
    assert tenant.release(reservation_id).body["state"] == "released"


def test_a_cost_after_the_expiry_is_recorded_as_a_late_settlement(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", expires_in_seconds=60, **LABELS)

    with later(seconds=61):
        answer = tenant.settle(reservation_id, "1.5")
        assert answer.has_status(201)
        assert answer.body["entry"]["flags"] == ["late_settlement"]
        assert answer.body["reservation"]["state"] == "expired"
        status = tenant.usage()
        assert (status["spent_usd"], status["held_usd"]) == ("1.5", "0")
        again = tenant.settle(reservation_id, "1.5")
        assert again.body["entry"]["replayed"] is True
        assert again.body["entry"]["flags"] == ["late_settlement"]
        assert tenant.usage()["spent_usd"] == "1.5"


def test_a_cost_after_a_release_that_found_it_expired_is_late(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", expires_in_seconds=60)

    with later(seconds=61):
        tenant.release(reservation_id)
        body = tenant.settle(reservation_id, "1.5").body
        assert body["entry"]["flags"] == ["late_settlement"]
        assert body["reservation"]["state"] == "expired"
        status = tenant.usage()
        assert (status["spent_usd"], status["held_usd"]) == ("1.5", "0")


def test_a_cost_far_above_its_hold_is_recorded_in_full_and_shown(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", agent_execution_id="run-1")

    body = tenant.settle(reservation_id, "25").body

    shown = gate(body, "execution")
    assert (shown["spent_usd"], shown["exceeded"]) == ("25", True)
    assert (shown["allowed"], shown["action"]) == (False, "block")


def test_settling_leaves_the_other_holds_alone(tenant: Tenant) -> None:
    tenant.hold("4", **LABELS)
    reservation_id = tenant.hold("2", **LABELS)

    shown = gate(tenant.settle(reservation_id, "1").body, "execution")

    assert (shown["spent_usd"], shown["held_usd"], shown["available_usd"]) == ("1", "4", "5")


def test_without_gates_a_settlement_leaves_them_out(tenant: Tenant) -> None:
    body = tenant.settle(tenant.hold("2"), "1", include_gates=False).body

    assert body["gates"] is None
    assert body["entry"]["cost_usd"] == "1"


def test_a_settlement_with_usage_alone_waits_for_prices(tenant: Tenant, cloud: Cloud) -> None:
    reservation_id = tenant.hold("2", model="gpt-x")
    before = cloud.rows()

    answer = tenant.call(
        "settle", reservation_id=reservation_id, usage={"input_tokens": 10, "output_tokens": 5}
    )

    assert answer.error == "UNKNOWN_PRICE"
    assert answer.has_status(422)
    assert "gpt-x" in answer.message
    assert cloud.rows() == before


def test_an_open_hold_is_settled_into_the_month_in_which_it_was_taken(tenant: Tenant) -> None:
    with at("2026-11-30T23:50:00Z"):
        reservation_id = tenant.hold("2", expires_in_seconds=86400)
    with at("2026-12-01T10:00:00Z"):
        entry = tenant.settle(reservation_id, "1.5").body["entry"]
        assert (entry["month"], entry["flags"]) == ("2026-11", [])
        november = tenant.usage(month="2026-11")
        assert (november["spent_usd"], november["held_usd"]) == ("1.5", "0")
        assert tenant.usage()["spent_usd"] == "0"


def test_a_late_settlement_long_after_its_month_is_booked_in_the_present_one(
    tenant: Tenant,
) -> None:
    with at("2026-11-30T23:50:00Z"):
        reservation_id = tenant.hold("2")
    with at("2026-12-09T10:00:00Z"):
        entry = tenant.settle(reservation_id, "1.5").body["entry"]
        assert entry["month"] == "2026-12"
        assert sorted(entry["flags"]) == ["late", "late_settlement"]
        assert instant(entry["occurred_at"]) < instant("2026-12-01T00:00:00Z")
        november = tenant.usage(month="2026-11")
        assert (november["spent_usd"], november["held_usd"]) == ("0", "0")
        assert tenant.usage()["spent_usd"] == "1.5"
