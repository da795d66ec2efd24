"""Where is it heading? Each tenant's forecast, and an alert where it is above the limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from budget_monitor.domain.errors import ValidationError
from budget_monitor.usecases import tenant_jobs
from functions.resetting import app as resetting
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.doors.doors import Context, Door
from tests.support.memory.watch import Watch
from tests.support.months.closing import alerts, money
from tests.support.times import at


def forecast_all(**fields: Any) -> dict[str, Any]:
    return dict(resetting.lambda_handler({"operation": "forecast_all", **fields}, Context()))


def daily(tenant: Tenant, first: str, *costs: str) -> None:
    """A cost at each noon from the first day on."""
    for n, cost in enumerate(costs):
        moment = datetime.fromisoformat(f"{first}T12:00:00+00:00") + timedelta(days=n)
        with at(moment.astimezone(UTC).isoformat()):
            tenant.spend(cost)


def forecast(tenant: Tenant) -> dict[str, Any]:
    return dict(tenant.call("forecast").body)


def test_a_forecast_says_how_it_was_made(tenant: Tenant) -> None:
    daily(tenant, "2026-11-16", "40", "50", "0", "30", "40", "50")
    with at("2026-11-22T10:00:00Z"):
        found = forecast(tenant)

    assert found.pop("source") == "store"
    assert found.pop("as_of").startswith("2026-11-22T10:00:00")
    assert "average day" in found.pop("method")
    assert found == {
        "tenant_id": tenant.id,
        "month": "2026-11",
        "enough_data": True,
        "estimate_usd": "525",
        "low_usd": "422.530492",
        "high_usd": "627.469508",
        "spent_usd": "210",
        "limit_usd": "1000",
        "exceeds_limit": False,
        "limit_reached_on": None,
        "days_used": 6,
        "first_day": "2026-11-16",
        "last_day": "2026-11-21",
        "days_left": 8,
    }


def test_with_too_little_data_it_says_so(tenant: Tenant) -> None:
    daily(tenant, "2026-11-20", "400", "400")
    with at("2026-11-22T10:00:00Z"):
        found = forecast(tenant)

    assert (found["enough_data"], found["days_used"]) == (False, 2)
    figures = ("estimate_usd", "low_usd", "high_usd", "exceeds_limit", "limit_reached_on")
    assert [found[name] for name in figures] == [None] * 5
    assert (found["spent_usd"], found["limit_usd"]) == ("800", "1000")


def test_a_tenant_never_seen_has_none(tenant: Tenant) -> None:
    assert forecast(tenant)["enough_data"] is False


def test_at_a_months_beginning_the_days_before_it_tell(tenant: Tenant) -> None:
    daily(tenant, "2026-11-28", "10", "10", "10")
    with at("2026-12-01T00:00:01Z"):
        found = forecast(tenant)

    assert (found["month"], found["spent_usd"]) == ("2026-12", "0")
    assert (found["estimate_usd"], found["days_left"]) == ("310", 30)


def test_the_days_and_the_months_edge_are_those_of_the_tenants_zone(tenant: Tenant) -> None:
    zone = {"time_zone": "Pacific/Kiritimati", "by": "maria", "reason": "here they work"}
    with at("2026-10-01T00:00:00Z"):
        assert tenant.call("set_tenant", **zone).error is None
    daily(tenant, "2026-11-25", "10", "10", "10", "10", "10")  # their 26th to 30th
    with at("2026-11-30T09:59:59Z"):
        last = forecast(tenant)
    with at("2026-11-30T10:00:00Z"):
        first = forecast(tenant)

    assert (last["month"], last["days_left"], last["spent_usd"]) == ("2026-11", 0, "50")
    assert (last["estimate_usd"], last["last_day"]) == ("50", "2026-11-29")
    assert (first["month"], first["days_left"], first["spent_usd"]) == ("2026-12", 30, "0")
    assert first["last_day"] == "2026-11-30"


def test_an_adjustment_counts_on_the_day_of_its_cost(tenant: Tenant) -> None:
    daily(tenant, "2026-11-16", "40", "40", "40")
    with at("2026-11-17T13:00:00Z"):
        cost = tenant.spend("300")
    with at("2026-11-19T10:00:00Z"):
        high = forecast(tenant)["estimate_usd"]
        tenant.adjust(cost, "-300")
        assert forecast(tenant)["estimate_usd"] == "600"
    assert high == "2100"


def test_a_raised_limit_is_the_limit(tenant: Tenant, cloud: Cloud) -> None:
    cloud.set_limits(tenant="100")
    daily(tenant, "2026-11-16", "10", "10", "10", "10", "10", "10")
    lift = {"budget_id": "tenant-month", "amount_usd": "50", "by": "maria", "reason": "launch"}
    with at("2026-11-22T10:00:00Z"):
        before = forecast(tenant)
        assert tenant.call("raise_limit", **lift).error is None
        after = forecast(tenant)

    assert (before["exceeds_limit"], before["limit_reached_on"]) == (True, "2026-11-25")
    assert (after["limit_usd"], after["limit_reached_on"]) == ("150", "2026-11-30")
    assert after["exceeds_limit"] is False  # it is reached, not passed


def test_the_alert_is_left_once_in_a_month_and_moves_no_money(tenant: Tenant, cloud: Cloud) -> None:
    cloud.set_limits(tenant="100")
    calm = Tenant(tenant.door)
    daily(tenant, "2026-11-16", *["10"] * 6)
    daily(calm, "2026-11-16", *["1"] * 6)
    before = money(cloud)
    with at("2026-11-22T05:00:00Z"):
        assert forecast_all() == {"tenants": 2, "alerts": 1, "failed": [], "passed_on": 0}
        assert forecast_all()["alerts"] == 0
    with at("2026-11-23T05:00:00Z"):
        assert forecast_all()["alerts"] == 0

    assert alerts(cloud, "forecast_exceeded") == [tenant.id]
    assert money(cloud) == before
    daily(tenant, "2026-12-01", *["10"] * 4)
    with at("2026-12-05T05:00:00Z"):
        assert forecast_all()["alerts"] == 1


def test_a_forecast_of_300_usd_over_a_limit_of_100_is_sent_in_words(
    tenant: Tenant, watch: Watch
) -> None:
    watch.cloud.set_limits(tenant="100")
    daily(tenant, "2026-11-01", *["10"] * 20)
    with at("2026-11-21T05:00:00Z"):
        assert forecast_all()["alerts"] == 1
    with at("2026-11-21T05:02:00Z"):
        assert watch.call("send_due")["failed"] == 0

    (letter,) = [one for one in watch.post.letters if "forecast at" in one["subject"]]
    heading = "is forecast at 300 USD by the end of 2026-11, above its limit of 100 USD"
    assert letter["subject"] == f"tenant {tenant.id} {heading}"


def test_all_zones_present_months_are_looked_at_and_shared(
    door: Door, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(tenant_jobs, "MIN_TENANTS", 2)
    monkeypatch.setattr(tenant_jobs, "MAX_PARALLEL", 3)
    monkeypatch.setattr(
        "budget_monitor.adapters.aws.self_invoke.SelfInvoke.pass_on",
        lambda _, event: events.append(event),
    )
    for n in range(5):
        daily(Tenant(door, f"tenant-{n}"), "2026-11-30", "1")
    with at("2026-12-01T05:00:00Z"):
        found = [forecast_all()]
        found += [dict(resetting.lambda_handler(event, Context())) for event in events]

    assert [one["tenants"] for one in found] == [2, 2, 1]
    assert [one["passed_on"] for one in found] == [3, 0, 0]


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"tenants": ["a/b"]}, "tenants[0]"), ({"month": "2026-11"}, "month")],
)
def test_a_bad_request_for_all_forecasts_is_refused_by_name(
    cloud: Cloud, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        forecast_all(**fields)
    assert refused.value.field == field


@pytest.mark.parametrize("field", ["month", "limit", "colour"])
def test_a_bad_question_is_refused_by_name(tenant: Tenant, field: str) -> None:
    assert tenant.call("forecast", **{field: "1"}).refusal == ("VALIDATION_ERROR", field)


def test_a_forecast_knows_nothing_of_other_tenants(door: Door) -> None:
    owner, stranger = Tenant(door), Tenant(door)
    daily(owner, "2026-11-16", *["10"] * 6)
    with at("2026-11-22T05:00:00Z"):
        assert forecast(stranger)["spent_usd"] == "0"
        assert forecast(stranger)["days_used"] == 0
