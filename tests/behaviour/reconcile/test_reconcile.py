"""Every account is the sum of its entries and open holds; accounts that differ are found."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from functions.tracking import app as tracking
from tests.support.builders import Tenant
from tests.support.cloud import Cloud
from tests.support.times import at

pytestmark = [pytest.mark.usefixtures("waits"), pytest.mark.doors("http")]

ACCOUNTS = "AccountsTable"


def reconcile(**fields: Any) -> dict[str, Any]:
    return tracking.lambda_handler({"operation": "reconcile", **fields}, None)


def busy(tenant: Tenant) -> None:
    """Something of everything that moves accounts."""
    labels = {"agent": "writer", "model": "m", "workflow_execution_id": "flow"}
    tenant.spend("1.5", agent_execution_id="root", tokens=7, **labels)
    child = {"agent_execution_id": "child", "parent_execution_id": "root"}
    cost = tenant.spend("0.25", usage={"input_tokens": 3}, **child, **labels)
    tenant.adjust(cost, "-0.05")
    tenant.settle(tenant.hold("1", agent_execution_id="root", **labels), "0.75")
    tenant.release(tenant.hold("0.5"))
    tenant.hold("0.125", agent_execution_id="root")
    tenant.spend("2", workflow_execution_id="flow")


def drift(cloud: Cloud, key: str, **counters: str) -> None:
    """Move a counter behind the product's back."""
    cloud.client.update_item(
        TableName=cloud.tables[ACCOUNTS],
        Key={"pk": {"S": key}},
        UpdateExpression="ADD " + ", ".join(f"#{name} :{name}" for name in counters),
        ExpressionAttributeNames={f"#{name}": name for name in counters},
        ExpressionAttributeValues={f":{name}": {"N": by} for name, by in counters.items()},
    )


def month_of(tenant: Tenant) -> str:
    return str(tenant.usage()["period"])


def test_an_unchanged_account_is_equal_to_its_ledger(tenant: Tenant) -> None:
    busy(tenant)
    answer = reconcile(tenant_id=tenant.id)
    assert answer["differences"] == []
    assert answer["accounts"] > 8


@pytest.mark.parametrize("counter", ["spent", "held", "committed", "workflow_spent"])
def test_a_difference_of_the_last_digit_is_found_and_rebuilt(
    tenant: Tenant, cloud: Cloud, counter: str
) -> None:
    busy(tenant)
    drift(
        cloud, f"{tenant.id}#tenant#{tenant.id}#{month_of(tenant)}", **{counter: "0.000000000001"}
    )

    (found,) = reconcile(tenant_id=tenant.id)["differences"]
    assert (found["scope"], found["scope_id"]) == ("tenant", tenant.id)
    shown = found["counters"][counter]
    assert abs(Decimal(shown["found"]) - Decimal(shown["expected"])) == Decimal("1E-12")

    done = reconcile(tenant_id=tenant.id, rebuild=True, by="maria", reason="found by the schedule")
    assert done["rebuilt"] is True
    assert reconcile(tenant_id=tenant.id)["differences"] == []


@pytest.mark.parametrize("counter", ["entries", "tokens", "input_tokens", "holds"])
def test_a_count_that_is_one_off_is_found(tenant: Tenant, cloud: Cloud, counter: str) -> None:
    busy(tenant)
    drift(cloud, f"{tenant.id}#execution#root#run", **{counter: "1"})
    (found,) = reconcile(tenant_id=tenant.id)["differences"]
    assert (found["scope_id"], list(found["counters"])) == ("root", [counter])


def test_a_rebuild_says_who_and_why_and_keeps_a_record(tenant: Tenant, cloud: Cloud) -> None:
    busy(tenant)
    drift(cloud, f"{tenant.id}#agent#writer#{month_of(tenant)}", spent="5", committed="5")
    reconcile(tenant_id=tenant.id, rebuild=True, by="maria", reason="a cosmic ray")

    rows = cloud.rows()["ReservationsTable"]
    (record,) = [row for row in rows if "#operation#rebuild-" in row["pk"]["S"]]
    assert "a cosmic ray" in record["request"]["S"]
    assert tenant.call("agent_costs").body["total_usd"] == tenant.usage()["spent_usd"]


def test_without_who_and_why_nothing_is_rebuilt(tenant: Tenant) -> None:
    for given in ({"by": "maria"}, {"reason": "so"}, {}):
        with pytest.raises(Exception, match="is required"):
            reconcile(tenant_id=tenant.id, rebuild=True, **given)
    with pytest.raises(Exception, match="tenant_id is required"):
        reconcile(rebuild=True, by="maria", reason="so")


def test_late_costs_and_last_months_are_recomputed_where_they_were_booked(tenant: Tenant) -> None:
    with at("2026-11-29T12:00:00Z"):
        tenant.spend("1")
        tenant.spend("2", occurred_at="2026-03-04T05:06:07Z")
        hold = tenant.hold("3", expires_in_seconds=86400)
    with at("2026-12-01T10:00:00Z"):
        tenant.settle(hold, "4")
        tenant.spend("5", occurred_at="2026-11-30T23:59:59Z")
        tenant.spend("6")
        for month in ("2026-11", "2026-12"):
            assert reconcile(tenant_id=tenant.id, month=month)["differences"] == []


def test_what_came_late_is_an_account_whose_drift_is_found(tenant: Tenant, cloud: Cloud) -> None:
    tenant.adjust(tenant.spend("2", occurred_at="2026-03-04T05:06:07Z", tokens=5), "-0.5")
    drift(cloud, f"{tenant.id}#late#{tenant.id}#{month_of(tenant)}", spent="1", committed="1")

    (found,) = reconcile(tenant_id=tenant.id)["differences"]

    assert (found["scope"], found["counters"]["spent"]) == (
        "late",
        {"expected": "1.5", "found": "2.5"},
    )


def test_the_schedule_compares_all_tenants_and_the_system(tenant: Tenant, cloud: Cloud) -> None:
    other = Tenant(tenant.door)
    busy(tenant)
    busy(other)
    assert reconcile() | {"accounts": 0} == {
        "tenants": 2,
        "failed": [],
        "passed_on": 0,
        "month": month_of(tenant),
        "accounts": 0,
        "differences": [],
        "skipped": [],
        "not_compared": [],
        "rebuilt": False,
    }
    drift(cloud, f"*#system#system#{month_of(tenant)}", spent="0.000000000001")
    (found,) = reconcile()["differences"]
    assert found["scope"] == "system"
