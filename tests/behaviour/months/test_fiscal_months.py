"""Fiscal months: a tenant's month may begin on another day than the first."""

from __future__ import annotations

from typing import Any

from functions.resetting import app as resetting
from tests.support.builders import Tenant, gate
from tests.support.doors.doors import Context
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.reconcile.reconciling import reconcile
from tests.support.rules.governing import WHO
from tests.support.times import at


def begin_on(tenant: Tenant, day: int) -> dict[str, Any]:
    """The tenant's months begin on that day."""
    return tenant.call("set_tenant", month_starts_on=day, **WHO).body


def close_fiscal() -> dict[str, Any]:
    answer: dict[str, Any] = resetting.lambda_handler(
        {"operation": "close_fiscal_months"}, Context()
    )
    return answer


def test_a_new_tenants_months_begin_on_the_15th_at_once(cloud: MemoryCloud, tenant: Tenant) -> None:
    with at("2026-11-10T10:00:00Z"):
        assert begin_on(tenant, 15)["month_starts_on"] == 15
        tenant.spend("1")
        assert tenant.usage()["period"] == "2026-10"
        assert tenant.usage()["resets_at"] == "2026-11-15T00:00:00Z"
    with at("2026-11-20T10:00:00Z"):
        tenant.spend("2")
        assert tenant.usage()["period"] == "2026-11"
        days = tenant.call("daily_costs").body["items"]
        assert [one["name"] for one in days] == ["2026-11-20"]
    with at("2026-12-10T10:00:00Z"):
        tenant.spend("4")
        assert tenant.usage()["spent_usd"] == "6"
        days = tenant.call("daily_costs").body["items"]
        assert [one["name"] for one in days] == ["2026-11-20", "2026-12-10"]
        found = reconcile(tenant_id=tenant.id)
        assert (found["month"], found["differences"]) == ("2026-11", [])
        assert found["skipped"] == []
    assert not differences(cloud.rows())


def test_a_tenant_with_costs_goes_over_at_the_end_of_its_present_month(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    with at("2026-11-22T10:00:00Z"):
        tenant.spend("1")
        put = begin_on(tenant, 10)
        assert (put["month_starts_on"], put["next_month_starts_on"]) == (1, 10)
    with at("2026-12-05T10:00:00Z"):
        tenant.spend("2")
        assert (tenant.usage()["period"], tenant.usage()["spent_usd"]) == ("2026-11", "3")
    with at("2026-12-10T00:00:00Z"):
        assert tenant.usage()["period"] == "2026-12"


def test_a_fiscal_month_is_closed_when_it_ends(cloud: MemoryCloud, tenant: Tenant) -> None:
    with at("2026-11-10T10:00:00Z"):
        begin_on(tenant, 15)
    with at("2026-11-20T10:00:00Z"):
        tenant.spend("1")
    with at("2026-12-14T03:30:00Z"):
        assert close_fiscal()["too_early"] == 1
    with at("2026-12-16T03:30:00Z"):
        assert (close_fiscal()["month"], close_fiscal()["already_closed"]) == ("2026-11", 1)
        (told,) = tenant.call("statements", month="2026-11").body["items"]
        assert (told["ends_at"], told["spent_usd"]) == ("2026-12-15T00:00:00Z", "1")


def test_a_system_rule_holds_at_once_for_a_tenant_in_a_month_of_an_earlier_name(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    with at("2026-11-10T10:00:00Z"):
        begin_on(tenant, 28)
    with at("2026-12-20T10:00:00Z"):
        tenant.spend("1")
        fields = {"budget_id": "tenant-month", "limit_usd": "2", **WHO}
        tenant.door.call("set_system_budget", **fields)
        refused = tenant.reserve("1.5").body
        assert gate(refused, "tenant-month")["period"] == "2026-11"
        assert refused["reason_code"] == "TENANT_MONTH_EXCEEDED"
