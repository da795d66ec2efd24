"""Booking costs that were never reserved: always, in full, once, in the right month."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant, by_name, gate, new_id
from tests.support.cloud import Cloud
from tests.support.times import ago, at, instant, month_now, now

FLOW_AND_RUN = {"workflow_execution_id": "flow-1", "agent_execution_id": "run-1"}


def test_an_entry_keeps_everything_that_was_said(tenant: Tenant) -> None:
    said: dict[str, Any] = {
        **FLOW_AND_RUN,
        "state_machine_execution_arn": "arn:aws:states:eu-central-1:000000000000:execution:m:e",
        "workflow": "nightly report",
        "agent": "Schreiber 😀",
        "model": "gpt-x",
        "provider": "example",
        "user": "maria",
        "tags": ["blue", "green"],
        "tokens": 15,
        "entry_id": new_id("cost"),
        "usage": {"input_tokens": 10, "output_tokens": 5},
    }

    entry = tenant.record("0.000075", **said).body["entry"]

    shown = {key: entry[key] for key in said if key != "usage"}
    assert shown == {key: value for key, value in said.items() if key != "usage"}
    assert said["usage"].items() <= entry["usage"].items()
    assert entry["cost_usd"] == "0.000075"
    assert (entry["kind"], entry["tenant_id"]) == ("cost", tenant.id)
    assert (entry["flags"], entry["reservation_id"], entry["price"]) == ([], None, None)
    assert entry["month"] == month_now()
    assert abs((instant(entry["recorded_at"]) - now()).total_seconds()) < 20
    assert tenant.entries() == [entry]


def test_the_answer_shows_the_gates_after_the_cost(tenant: Tenant) -> None:
    body = tenant.record("3", **FLOW_AND_RUN).body

    shown = {item["budget_id"]: item["spent_usd"] for item in body["gates"]}
    assert shown == dict.fromkeys(("execution", "workflow", "tenant-month", "system-month"), "3")
    assert [item["projected_usd"] for item in body["gates"]] == ["3"] * 4


def test_without_gates_the_answer_leaves_them_out(tenant: Tenant) -> None:
    body = tenant.record("3", include_gates=False).body

    assert body["gates"] is None
    assert body["entry"]["cost_usd"] == "3"


def test_a_cost_above_every_limit_is_recorded_in_full(cloud: Cloud, tenant: Tenant) -> None:
    cloud.set_limits(execution="1", workflow="1", tenant="1", system="1")

    answer = tenant.record("1000", **FLOW_AND_RUN)

    assert answer.has_status(201)
    assert all(item["exceeded"] for item in answer.body["gates"])
    assert gate(answer.body, "workflow")["action"] == "pause"
    assert tenant.usage()["spent_usd"] == "1000"
    assert tenant.record("1", **FLOW_AND_RUN).has_status(201)
    assert tenant.usage()["spent_usd"] == "1001"


def test_a_cost_of_zero_is_an_entry_like_any_other(tenant: Tenant) -> None:
    entry = tenant.record("0", tokens=3).body["entry"]

    assert (entry["cost_usd"], tenant.usage()["entries"], tenant.usage()["tokens"]) == ("0", 1, 3)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0.000000000001", "0.000000000001"),
        ("999999999999.999999999999", "999999999999.999999999999"),
        ("1.50", "1.5"),
        ("100", "100"),
        (5, "5"),
        (0.1, "0.1"),
        (0.000001, "0.000001"),
    ],
)
def test_money_is_exact_and_shown_without_exponent(
    tenant: Tenant, cloud: Cloud, given: str | float, shown: str
) -> None:
    cloud.set_limits(entry="none")
    assert tenant.record(given).body["entry"]["cost_usd"] == shown
    assert tenant.usage()["spent_usd"] == shown


def test_a_tenth_and_two_tenths_make_three_tenths(tenant: Tenant) -> None:
    tenant.spend(0.1)
    tenant.spend(0.2)

    assert tenant.usage()["spent_usd"] == "0.3"


def test_usage_without_a_cost_waits_for_prices(tenant: Tenant, cloud: Cloud) -> None:
    before = cloud.rows()

    answer = tenant.call(
        "record_cost", agent_execution_id="run-1", model="gpt-x", usage={"input_tokens": 1}
    )

    assert answer.error == "UNKNOWN_PRICE"
    assert answer.has_status(422)
    assert "gpt-x" in answer.message
    assert cloud.rows() == before


def test_a_providers_own_usage_is_stored_with_a_given_cost(tenant: Tenant) -> None:
    theirs = {"prompt_tokens": 12, "completion_tokens_details": {"reasoning_tokens": 7}}

    entry = tenant.record("1", usage={"provider_response": theirs}).body["entry"]

    assert entry["cost_usd"] == "1"
    assert entry["usage"]["provider_response"] == theirs


def test_equal_tags_count_as_one(tenant: Tenant) -> None:
    assert tenant.record("1", tags=["a", "b", "a"]).body["entry"]["tags"] == ["a", "b"]


def test_null_for_an_optional_field_is_like_leaving_it_out(tenant: Tenant) -> None:
    entry = tenant.record("1", agent=None, tags=None, occurred_at=None, entry_id=None)

    assert entry.body["entry"]["agent"] is None
    assert by_name(tenant.call("agent_costs").body) == {None: "1"}


def test_a_cost_of_this_month_keeps_its_own_time(tenant: Tenant) -> None:
    moment = "2026-11-21T23:59:59.123456+01:00"
    with at("2026-11-25T10:00:00Z"):
        entry = tenant.record("1", occurred_at=moment).body["entry"]
        days = by_name(tenant.call("daily_costs").body)

    assert instant(entry["occurred_at"]) == instant(moment)
    assert (entry["month"], entry["flags"]) == ("2026-11", [])
    assert days == {"2026-11-21": "1"}


@pytest.mark.parametrize(
    ("now_at", "month", "flags"),
    [
        ("2026-12-03T23:59:59.999999Z", "2026-11", []),
        ("2026-12-04T00:00:00Z", "2026-12", ["late"]),
        ("2027-01-01T00:00:00Z", "2027-01", ["late"]),
    ],
)
def test_a_cost_of_last_month_is_booked_there_for_three_days(
    tenant: Tenant, now_at: str, month: str, flags: list[str]
) -> None:
    with at(now_at, tick=False):
        fields = {"occurred_at": "2026-11-30T23:00:00Z", "agent_execution_id": "run-1"}
        body = tenant.record("1", **fields).body
        booked = tenant.usage(month=month)
        days = by_name(tenant.call("daily_costs", month=month).body)
        run = tenant.call("execution", agent_execution_id="run-1").body

    assert (body["entry"]["month"], body["entry"]["flags"]) == (month, flags)
    assert gate(body, "tenant-month")["period"] == month
    assert booked["spent_usd"] == "1"
    assert days == {"2026-11-30" if not flags else now_at[:10]: "1"}
    assert run["spent_usd"] == "1"


def test_the_month_turns_at_midnight_utc(tenant: Tenant) -> None:
    with at("2026-12-01T00:00:01Z"):
        tenant.spend("1", occurred_at="2026-11-30T23:59:59.999999Z")
        tenant.spend("2", occurred_at="2026-12-01T00:00:00Z")
        tenant.spend("4", occurred_at="2026-12-01T00:30:00+01:00")

        assert tenant.usage(month="2026-11")["spent_usd"] == "5"
        assert tenant.usage(month="2026-12")["spent_usd"] == "2"
        assert tenant.usage()["resets_at"] == "2027-01-01T00:00:00Z"


def test_a_clock_that_is_a_little_ahead_is_forgiven(tenant: Tenant) -> None:
    assert tenant.record("1", occurred_at=ago(minutes=-4)).error is None
    answer = tenant.record("1", occurred_at=ago(minutes=-6))
    assert answer.refusal == ("VALIDATION_ERROR", "occurred_at")
    assert tenant.usage()["spent_usd"] == "1"
