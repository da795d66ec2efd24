"""Correcting what was booked: a new entry that points at the old one, with a reason."""

from __future__ import annotations

import pytest

from tests.support.builders import Tenant, by_name, new_id
from tests.support.cloud import Cloud
from tests.support.times import at

LABELS = {
    "agent_execution_id": "run-1",
    "workflow_execution_id": "flow-1",
    "agent": "writer",
    "model": "gpt-x",
}


def test_an_adjustment_is_an_entry_of_its_own(tenant: Tenant) -> None:
    entry_id, adjustment_id = tenant.spend("5", tokens=9, **LABELS), new_id("fix")

    answer = tenant.adjust(entry_id, "-1.5", adjustment_id=adjustment_id)

    assert answer.has_status(201)
    entry = answer.body["entry"]
    assert (entry["entry_id"], entry["kind"]) == (adjustment_id, "adjustment")
    assert entry["cost_usd"] == "-1.5"
    assert LABELS.items() <= entry.items()
    assert entry["replayed"] is False
    assert [item["entry_id"] for item in tenant.entries()] == [entry_id, adjustment_id]
    assert tenant.entries()[0]["cost_usd"] == "5"


@pytest.mark.parametrize(("amount", "net"), [("-1.5", "3.5"), ("2", "7"), ("-5", "0"), (-1, "4")])
def test_an_adjustment_moves_every_account_of_its_entry(
    tenant: Tenant, amount: str, net: str
) -> None:
    entry_id = tenant.spend("5", **LABELS)

    tenant.adjust(entry_id, amount)

    assert tenant.usage()["spent_usd"] == net
    assert tenant.usage()["agent_cost_usd"] == net
    assert tenant.call("execution", agent_execution_id="run-1").body["spent_usd"] == net
    assert tenant.call("workflow", workflow_execution_id="flow-1").body["spent_usd"] == net
    assert by_name(tenant.call("agent_costs").body) == {"writer": net}
    assert by_name(tenant.call("model_costs").body) == {"gpt-x": net}
    assert tenant.door.call("system_usage").body["spent_usd"] == net


def test_adjustments_count_as_money_and_not_as_entries(tenant: Tenant) -> None:
    entry_id = tenant.spend("5", tokens=9, **LABELS)

    tenant.adjust(entry_id, "-1")

    month = tenant.usage()
    assert (month["spent_usd"], month["entries"], month["tokens"]) == ("4", 1, 9)
    item = tenant.call("agent_costs").body["items"][0]
    assert (item["spent_usd"], item["entries"]) == ("4", 1)


def test_an_entry_cannot_be_taken_below_zero(tenant: Tenant, cloud: Cloud) -> None:
    entry_id = tenant.spend("5", **LABELS)
    tenant.spend("100", **LABELS)
    tenant.adjust(entry_id, "-3")
    tenant.adjust(entry_id, "1")
    before = cloud.rows()

    answer = tenant.adjust(entry_id, "-3.000000000001")

    assert answer.refusal == ("VALIDATION_ERROR", "amount_usd")
    assert cloud.rows() == before
    assert tenant.adjust(entry_id, "-3").has_status(201)
    assert tenant.usage()["spent_usd"] == "100"


def test_an_unknown_entry_is_not_found(tenant: Tenant, cloud: Cloud) -> None:
    before = cloud.rows()

    answer = tenant.adjust("nobody", "1")

    assert (answer.error, answer.has_status(404)) == ("NOT_FOUND", True)
    assert cloud.rows() == before


def test_an_adjustment_is_not_adjusted_itself(tenant: Tenant) -> None:
    entry_id = tenant.spend("5")
    adjustment = tenant.adjust(entry_id, "1").body["entry"]

    answer = tenant.adjust(adjustment["entry_id"], "1")

    assert answer.refusal == ("VALIDATION_ERROR", "entry_id")
    assert tenant.usage()["spent_usd"] == "6"


def test_a_settlement_is_adjusted_like_any_entry(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", **LABELS)
    tenant.settle(reservation_id, "1.5")

    tenant.adjust(f"settle:{reservation_id}", "0.5")

    assert tenant.call("execution", agent_execution_id="run-1").body["spent_usd"] == "2"


def test_the_settlement_of_the_longest_reservation_id_is_adjusted_too(tenant: Tenant) -> None:
    reservation_id = tenant.hold("2", reservation_id="h" * 128)
    tenant.settle(reservation_id, "1.5")

    assert tenant.adjust(f"settle:{reservation_id}", "0.5").has_status(201)
    assert tenant.usage()["spent_usd"] == "2"


def test_the_same_adjustment_twice_counts_once(tenant: Tenant) -> None:
    entry_id, adjustment_id = tenant.spend("5"), new_id("fix")
    first = tenant.adjust(entry_id, "-5", adjustment_id=adjustment_id)

    second = tenant.adjust(entry_id, "-5.00", adjustment_id=adjustment_id)

    assert second.has_status(200)
    assert second.body["entry"] == {**first.body["entry"], "replayed": True}
    assert tenant.usage()["spent_usd"] == "0"


def test_an_adjustment_follows_the_month_of_its_entry_while_that_is_open(tenant: Tenant) -> None:
    with at("2026-11-30T20:00:00Z"):
        entry_id = tenant.spend("5", **LABELS)
    with at("2026-12-02T20:00:00Z"):
        entry = tenant.adjust(entry_id, "-1").body["entry"]
        assert (entry["month"], entry["flags"]) == ("2026-11", [])
        assert tenant.usage(month="2026-11")["spent_usd"] == "4"
        assert by_name(tenant.call("daily_costs", month="2026-11").body) == {"2026-11-30": "4"}


def test_an_adjustment_long_after_is_booked_in_the_present_month(tenant: Tenant) -> None:
    with at("2026-11-30T20:00:00Z"):
        entry_id = tenant.spend("5", **LABELS)
    with at("2026-12-09T20:00:00Z"):
        entry = tenant.adjust(entry_id, "-1").body["entry"]
        assert (entry["month"], entry["flags"]) == ("2026-12", ["late"])
        assert tenant.usage(month="2026-11")["spent_usd"] == "5"
        assert tenant.usage(month="2026-12")["spent_usd"] == "-1"
        run = tenant.call("execution", agent_execution_id="run-1").body
        assert run["spent_usd"] == "4"


def test_an_adjustment_gives_room_in_the_budget_of_its_run(tenant: Tenant) -> None:
    entry_id = tenant.spend("10", agent_execution_id="run-1")
    assert tenant.check("1", agent_execution_id="run-1").body["allowed"] is False

    tenant.adjust(entry_id, "-1")

    assert tenant.check("1", agent_execution_id="run-1").body["allowed"] is True
