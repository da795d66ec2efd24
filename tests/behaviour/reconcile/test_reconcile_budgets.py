"""Accounts of budgets are recomputed like all others, and come out equal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from functions.tracking import app as tracking
from tests.support.builders import Tenant, by_name, gate
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO, cap, delete_budget, run
from tests.support.times import at

pytestmark = [pytest.mark.usefixtures("waits"), pytest.mark.doors("direct")]

NAMED: dict[str, Any] = {"scope": "model", "scope_id": "gpt-4o"}
LATE, EARLY = "2026-12-20T10:05:00Z", "2026-11-24T10:05:00Z"


@pytest.fixture(params=["1", "3"], ids=["whole", "striped"])
def cloud(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[MemoryCloud]:
    """The default gates, with and without stripes, and a clock that stands still."""
    monkeypatch.setenv("TENANT_STRIPES", request.param)
    with at("2026-11-22T10:05:00Z", tick=False):
        yield memory_cloud


def reconcile(tenant: Tenant, month: str, **fields: Any) -> list[Any]:
    event = {"operation": "reconcile", "tenant_id": tenant.id, "month": month, **fields}
    return list(tracking.lambda_handler(event, None)["differences"])


@pytest.mark.parametrize("moment", [EARLY, LATE])
def test_reconciliation_stays_clean_with_budgets_of_every_period(
    tenant: Tenant, cloud: MemoryCloud, moment: str
) -> None:
    for period in ("hour", "day", "week", "month"):
        cap(tenant, "100", f"cap-{period}", period=period, **NAMED)
    costs = [tenant.spend("2", **run()) for _ in range(2)]
    with at("2026-11-23T10:05:00Z", tick=False):
        tenant.spend("4", **run(2))
        tenant.hold("1", **run(3))
    with at(moment, tick=False):
        tenant.adjust(costs[0], "-0.5")
        tenant.spend("0.5", occurred_at="2026-11-22T10:04:00Z", **run(2))
        delete_budget(tenant, "cap-day")
        tenant.adjust(costs[1], "0.25")
        assert not differences(cloud.rows())
        for month in ("2026-11", "2026-12"):
            assert reconcile(tenant, month) == []


def test_a_drifted_account_of_a_budget_is_found_and_rebuilt(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "5")
    tenant.spend("2", **run())
    (key,) = [
        row["pk"]["S"]
        for row in cloud.rows()["AccountsTable"]
        if "#budget#" in row["pk"]["S"] and "spent" in row
    ]
    counters = {"spent": "1", "committed": "1"}
    cloud.client.execute(
        "UpdateItem",
        {
            "TableName": cloud.tables["AccountsTable"],
            "Key": {"pk": {"S": key}},
            "UpdateExpression": "ADD " + ", ".join(f"{name} :{name}" for name in counters),
            "ExpressionAttributeValues": {f":{name}": {"N": by} for name, by in counters.items()},
        },
    )
    (found,) = reconcile(tenant, "2026-11")
    assert found["scope"] == "budget"
    assert not tenant.reserve("2.5", **run()).body["allowed"]

    assert reconcile(tenant, "2026-11", rebuild=True, **WHO)
    assert reconcile(tenant, "2026-11") == []
    assert gate(tenant.check("0", **run()).body, "cap")["spent_usd"] == "2"
    assert tenant.reserve("2.5", **run()).body["allowed"]
    assert not differences(cloud.rows())


def test_a_drifted_account_of_a_budget_for_each_name_is_found_and_rebuilt(
    tenant: Tenant, cloud: MemoryCloud
) -> None:
    cap(tenant, "90", "each", scope="tag", scope_id="*", period="week")
    tenant.spend("2", agent_execution_id="run-1", tags=["blue", "a#b"])
    tenant.hold("1", agent_execution_id="run-1", tags=["a#b"])
    assert reconcile(tenant, "2026-11") == []
    row = next(
        one["pk"]["S"]
        for one in cloud.rows()["AccountsTable"]
        if "a%2523b" in one["pk"]["S"] and "spent" in one
    )
    cloud.client.execute(
        "UpdateItem",
        {
            "TableName": cloud.tables["AccountsTable"],
            "Key": {"pk": {"S": row}},
            "UpdateExpression": "ADD spent :more, committed :more",
            "ExpressionAttributeValues": {":more": {"N": "5"}},
        },
    )
    (found,) = reconcile(tenant, "2026-11")
    assert found["scope"] == "budget"
    assert reconcile(tenant, "2026-11", rebuild=True, **WHO)
    assert reconcile(tenant, "2026-11") == []
    assert not differences(cloud.rows())


@pytest.mark.parametrize("scope", ["user", "tag", "provider", "workflow_name", "labelled"])
def test_a_wrong_account_of_a_name_is_found_and_rebuilt(
    tenant: Tenant, cloud: MemoryCloud, scope: str
) -> None:
    names = {"user": "ana", "tags": ["a"], "provider": "openai", "workflow": "nightly"}
    tenant.spend("2", agent_execution_id="run-1", **names)
    rows = [one for one in cloud.rows()["AccountsTable"] if f"#{scope}#" in one["pk"]["S"]]
    (row,) = [one for one in rows if "spent" in one]
    cloud.database.forbidden -= {"PutItem"}
    off = {**row, "spent": {"N": "5"}, "committed": {"N": "5"}}
    table = cloud.tables["AccountsTable"]
    cloud.database.execute("PutItem", {"TableName": table, "Item": off})

    with at("2026-11-24T10:05:00Z", tick=False):
        (found,) = reconcile(tenant, "2026-11")
        reconcile(tenant, "2026-11", rebuild=True, by="olga", reason="a test")
        assert reconcile(tenant, "2026-11") == []

    assert found["scope"] == scope
    assert found["counters"] == {"spent": {"expected": "2", "found": "5"}}
    assert by_name(tenant.call("user_costs", month="2026-11").body) == {"ana": "2"}
