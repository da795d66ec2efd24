"""The system's account over many rows: only the sum refuses, and it is never over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest

from tests.support.builders import Tenant, by_name, new_id
from tests.support.cloud import Cloud
from tests.support.doors.doors import Door

pytestmark = pytest.mark.doors("http")


def system(tenant: Tenant) -> dict[str, Any]:
    found: dict[str, Any] = tenant.door.call("system_usage").body
    return found


def stripes(cloud: Cloud) -> int:
    rows = cloud.rows()["AccountsTable"]
    return sum(row["pk"]["S"].startswith("*#system#") for row in rows)


@pytest.mark.parametrize("amount", ["0.07", "0.3", "1"])
def test_a_request_larger_than_a_share_is_granted_while_the_sum_has_room(
    tenant: Tenant, cloud: Cloud, amount: str
) -> None:
    cloud.set_limits(system="1")
    granted = 0
    while tenant.reserve(amount).body["allowed"]:
        granted += 1

    assert granted == Decimal(1) // Decimal(amount)
    assert Decimal(system(tenant)["held_usd"]) == granted * Decimal(amount)
    assert stripes(cloud) == 16


def test_racers_from_many_tenants_are_granted_exactly_what_the_system_has(
    door: Door, cloud: Cloud
) -> None:
    cloud.set_limits(system="1")

    def ask(_: int) -> bool:
        return bool(Tenant(door).reserve("0.07", include_gates=False).body["allowed"])

    with ThreadPoolExecutor(16) as racers:
        granted = sum(racers.map(ask, range(40)))

    assert granted == 14  # 14 x 0.07 is 0.98; a fifteenth would make 1.05
    assert system(Tenant(door))["held_usd"] == "0.98"


def test_costs_over_the_limit_are_booked_and_no_hold_is_granted_until_there_is_room(
    tenant: Tenant, cloud: Cloud
) -> None:
    cloud.set_limits(system="10")
    held = [tenant.hold("1") for _ in range(9)]
    tenant.spend("4")
    assert system(tenant)["exceeded"] is False
    assert system(tenant)["available_usd"] == "-3"

    for hold in held[:3]:
        assert tenant.reserve("0.000000000001").body["allowed"] is False
        tenant.release(hold)
    assert tenant.reserve("0.000000000001").body["allowed"] is False
    tenant.release(held[3])

    assert tenant.reserve("1.000000000001").body["allowed"] is False
    assert tenant.reserve("1").body["allowed"] is True
    assert system(tenant)["available_usd"] == "0"


def test_a_lowered_limit_refuses_at_once_and_a_raised_one_grants_at_once(
    tenant: Tenant, cloud: Cloud
) -> None:
    cloud.set_limits(system="10")
    tenant.hold("6")
    cloud.set_limits(system="5")
    assert tenant.reserve("0.01").body["allowed"] is False
    cloud.set_limits(system="7")
    assert tenant.reserve("1.01").body["allowed"] is False
    assert tenant.reserve("1").body["allowed"] is True
    cloud.set_limits(system="none")
    assert tenant.reserve("9").body["allowed"] is True
    cloud.set_limits(system="16")
    assert tenant.reserve("0.01").body["allowed"] is False
    assert system(tenant)["held_usd"] == "16"


def test_settlements_below_and_above_their_holds_keep_the_sum(tenant: Tenant, cloud: Cloud) -> None:
    cloud.set_limits(system="3")
    first, second, third = (tenant.hold("1") for _ in range(3))
    tenant.settle(first, "0.25")
    tenant.settle(second, "1.5")
    assert tenant.reserve("0.250000000001").body["allowed"] is False
    assert tenant.reserve("0.25").body["allowed"] is True
    tenant.settle(third, "2")

    shown = system(tenant)
    assert (shown["spent_usd"], shown["held_usd"]) == ("3.75", "0.25")
    assert tenant.reserve("0").body["allowed"] is False


def test_the_number_of_stripes_is_fixed_for_an_account_and_period(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.set_limits(system="10")
    monkeypatch.setenv("SYSTEM_STRIPES", "4")
    tenant.hold("3")
    for count in ("1", "16", "2"):
        monkeypatch.setenv("SYSTEM_STRIPES", count)
        tenant.spend("1")
        assert tenant.reserve("7").body["allowed"] is False

    assert (system(tenant)["spent_usd"], system(tenant)["held_usd"]) == ("3", "3")
    assert tenant.reserve("4").body["allowed"] is True
    assert tenant.reserve("0.01").body["allowed"] is False
    assert stripes(cloud) == 4


def test_an_account_of_one_row_stays_one_row_until_its_period_ends(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.set_limits(system="10")
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    tenant.hold("3")
    monkeypatch.setenv("SYSTEM_STRIPES", "16")
    assert tenant.reserve("7.01").body["allowed"] is False
    assert tenant.reserve("7").body["allowed"] is True
    assert stripes(cloud) == 1


def test_a_tenants_shared_accounts_can_be_striped_too(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.set_limits(tenant="2", system="3")
    monkeypatch.setenv("TENANT_STRIPES", "8")
    for number in range(20):
        tenant.spend("0.05", agent=f"agent-{number % 3}", model="m", entry_id=new_id("cost"))

    assert tenant.usage()["spent_usd"] == "1"
    assert tenant.reserve("1.01").body["reason_code"] == "TENANT_MONTH_EXCEEDED"
    assert tenant.reserve("1").body["allowed"] is True
    assert tenant.call("agent_costs").body["total_usd"] == "1"
    assert tenant.call("daily_costs").body["total_usd"] == "1"
    assert len(tenant.call("agent_costs").body["items"]) == 3


def test_providers_and_the_count_of_labels_are_striped_with_their_tenant(
    tenant: Tenant, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every cost of a tenant with a label moves the same row of these: it would be its hot row."""
    monkeypatch.setenv("TENANT_STRIPES", "16")
    provider = {"provider": "openai", "model": "m", "workflow": "nightly"}
    for number in range(40):
        tenant.spend("0.05", entry_id=f"cost-{number}", **(provider if number % 2 else {}))

    names = [str(row["pk"]["S"]).split("#") for row in cloud.rows()["AccountsTable"]]
    found = {scope: sum(scope == name[1] for name in names) for scope in ("provider", "labelled")}
    assert found == {"provider": 14, "labelled": 8}
    costs = tenant.call("provider_costs").body
    assert costs["total_usd"] == "2"
    assert by_name(costs) == {"openai": "1", None: "1"}


def test_over_its_limit_the_system_grants_not_even_nothing(tenant: Tenant, cloud: Cloud) -> None:
    cloud.set_limits(system="1")
    tenant.spend("1.000000000001")
    for _ in range(8):
        assert tenant.check("0").body["allowed"] is False
        assert tenant.reserve("0").body["allowed"] is False


def test_a_striped_tenant_has_all_of_its_open_holds(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENANT_STRIPES", "8")
    monkeypatch.setenv("MOST_HOLDS", "16")
    for _ in range(16):
        tenant.hold("0.01")
    assert tenant.reserve("0.01").error == "TOO_MANY_HOLDS"
