"""The lists of alerts: by month and page, each tenant its own."""

from __future__ import annotations

import pytest

from tests.support.alerts.tenants import by_hand
from tests.support.builders import Tenant
from tests.support.doors.doors import Door, HttpDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.watch import Watch
from tests.support.times import at


def test_alerts_are_listed_the_latest_first_by_pages_and_months(
    tenant: Tenant, watch: Watch
) -> None:
    for day in ("2026-10-31", "2026-11-01", "2026-11-02", "2026-11-03"):
        with at(f"{day}T10:00:00Z"):
            by_hand(watch, tenant, message=day)
    with at("2026-11-22T10:00:00Z"):
        first = tenant.call("alerts", limit=2).body
        rest = tenant.call("alerts", limit=2, cursor=first["cursor"]).body
        october = tenant.call("alerts", month="2026-10").body
    told = [one["message"] for one in first["items"] + rest["items"]]
    assert told == ["2026-11-03", "2026-11-02", "2026-11-01"]
    assert rest["cursor"] is None
    assert [one["message"] for one in october["items"]] == ["2026-10-31"]
    assert all(one["state"] == "sent" and one["sent_at"] for one in first["items"])


def test_a_tenant_sees_its_own_alerts_alone(tenant: Tenant, watch: Watch) -> None:
    other = Tenant(tenant.door)
    for number in range(3):
        by_hand(watch, other, message=f"secret {number}")
    assert tenant.call("alerts").body["items"] == []
    assert tenant.door.call("system_alerts").body["items"] == []
    cursor = other.call("alerts", limit=1).body["cursor"]
    assert cursor
    assert tenant.call("alerts", cursor=cursor).refusal == ("VALIDATION_ERROR", "cursor")
    assert tenant.door.call("system_alerts", cursor=cursor).refusal == (
        "VALIDATION_ERROR",
        "cursor",
    )


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"month": "2026-13"}, "month"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"days": "3"}, "days"),
    ],
)
def test_a_bad_question_is_named_by_its_field(
    cloud: MemoryCloud, fields: dict[str, str], field: str
) -> None:
    door: Door = HttpDoor()
    assert Tenant(door).call("alerts", **fields).refusal == ("VALIDATION_ERROR", field)
    assert door.call("system_alerts", **fields).refusal == ("VALIDATION_ERROR", field)


def test_being_watched_costs_a_request_nothing(tenant: Tenant, watch: Watch) -> None:
    tenant.spend("1")
    hold = tenant.hold("1")
    with recorded_calls() as calls:
        tenant.spend("60", include_gates=False)
        tenant.reserve("1", include_gates=False)
        tenant.settle(hold, "30", include_gates=False)
    assert calls.operations == ["TransactWriteItems"] * 3
    assert watch.post.asked == []
