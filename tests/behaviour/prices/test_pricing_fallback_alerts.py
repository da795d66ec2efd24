"""A fallback price alerts once per model and month, with what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.alerts.tenants import listed, sent
from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.prices.pricing import GPT, OWN, RATES, USAGE, put, record
from tests.support.rules.governing import WHO
from tests.support.times import at

RUN: dict[str, Any] = {"agent_execution_id": "run-1", "model": OWN}


def guessing(tenant: Tenant) -> Tenant:
    """The tenant with a price for what has no other."""
    assert tenant.call("set_tenant", fallback_price=RATES, **WHO).error is None
    return tenant


def test_the_first_fallback_price_of_a_model_in_a_month_alerts_and_no_other_one(
    tenant: Tenant, watch: Watch
) -> None:
    guessing(tenant)
    with at("2026-11-22T10:00:00Z"):
        first = record(tenant, OWN, provider="us").body["entry"]
        assert (first["cost_usd"], first["flags"]) == ("0.006", ["fallback_price"])
        for _ in range(2):
            watch.cloud.start_another_process()
            assert record(tenant, OWN.upper()).body["entry"]["flags"] == ["fallback_price"]
        (alert,) = sent(watch)
        record(tenant, "another")
        record(tenant, None)
        assert {one["scope_id"] for one in sent(watch)} == {"another", "a cost without a model"}
    named = ("kind", "severity", "tenant_id", "scope", "scope_id", "period")
    expected = ("fallback_price_used", "warning", tenant.id, "model", OWN, "2026-11")
    assert tuple(alert[name] for name in named) == expected
    assert (alert["entry_id"], alert["cost_usd"]) == (first["entry_id"], "0.006")
    assert (alert["provider"], alert["occurred_at"]) == ("us", first["occurred_at"])
    with at("2026-12-01T00:00:01Z"):
        record(tenant, OWN)
        assert [one["period"] for one in sent(watch)] == ["2026-12"]
        assert len(listed(tenant)) == 1


def test_its_words_say_who_paid_what_for_which_model_and_what_to_do(
    direct_tenant: Tenant, watch: Watch
) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        record(guessing(direct_tenant), OWN)
    with at("2026-11-22T10:00:00Z"):
        (alert,) = sent(watch)
    (letter,) = watch.post.letters
    who = f"tenant {direct_tenant.id}, model {OWN}"
    assert letter["texts"]["email"].split("\n") == [
        f"no price is known for {OWN}: {who} was charged its fallback price.",
        "Noticed at 2026-11-22T10:00:00Z, period 2026-11.",
        "What to do: set its price from 2026-11-22T10:00:00Z on, then reprice 2026-11.",
        f"Alert {alert['alert_id']} (fallback_price_used, warning).",
    ]


def test_a_price_that_is_known_and_a_cost_that_is_given_are_no_guess(
    tenant: Tenant, watch: Watch
) -> None:
    guessing(tenant)
    put(tenant, OWN, **RATES)
    for given in ({"model": OWN}, {"model": GPT}, {"model": "another", "cost_usd": "1"}):
        fields = {"agent_execution_id": "run-1", "usage": USAGE, **given}
        assert tenant.call("record_cost", **fields).body["entry"]["flags"] == []
    assert sent(watch) == []


@pytest.mark.parametrize("way", ["batch", "settlement", "late settlement"])
def test_every_way_of_booking_tells(direct_tenant: Tenant, watch: Watch, way: str) -> None:
    tenant = guessing(direct_tenant)
    if way == "batch":
        tenant.call("record_costs", costs=[{**RUN, "usage": USAGE}] * 2)
    else:
        most = {"input_tokens": 1000, "max_output_tokens": 500}
        held = tenant.call("reserve", **RUN, estimated_usage=most).body["reservation"]
        assert (held["amount_usd"], held["quote"]["source"]) == ("0.006", "fallback")
        assert sent(watch) == []
        if way == "late settlement":
            tenant.release(held["reservation_id"])
        tenant.call("settle", reservation_id=held["reservation_id"], usage=USAGE)
    assert [one["kind"] for one in sent(watch)] == ["fallback_price_used"]


def test_a_fallback_price_takes_the_place_of_a_price_that_lacks_a_unit(
    direct_tenant: Tenant, watch: Watch
) -> None:
    tenant = guessing(direct_tenant)
    put(tenant, OWN, call_usd="1")
    entry = record(tenant, OWN).body["entry"]
    assert (entry["cost_usd"], entry["flags"]) == ("0.006", ["fallback_price"])
    refused = record(tenant, "tool", usage={"seconds": "3"})
    assert refused.refusal == ("UNKNOWN_PRICE", "usage")
    assert "seconds" in refused.message
    assert [one["scope_id"] for one in sent(watch)] == [OWN]


def test_a_month_is_the_tenants_own(direct_tenant: Tenant, watch: Watch) -> None:
    with at("2026-10-05T10:00:00Z"):
        guessing(direct_tenant).call("set_tenant", time_zone="Asia/Tokyo", **WHO)
    with at("2026-11-30T15:30:00Z"):
        record(direct_tenant, OWN)
        assert [one["period"] for one in sent(watch)] == ["2026-12"]


def test_an_alert_that_cannot_be_stored_stops_no_cost(
    direct_tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    guessing(direct_tenant)
    monkeypatch.setenv("ALERTS_TABLE", "nowhere")
    entry = record(direct_tenant, OWN, entry_id="one").body["entry"]
    assert (entry["cost_usd"], entry["replayed"]) == ("0.006", False)
    monkeypatch.setenv("ALERTS_TABLE", cloud.tables["AlertsTable"])
    assert record(direct_tenant, OWN, entry_id="one").body["entry"]["replayed"]
    assert len(cloud.rows()["AlertsTable"]) == 1
