"""Backfilled costs keep the invariant: every account equals its entries, and reconcile agrees."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from tests.support.builders import Tenant
from tests.support.costs.backfilling import backfill, cost
from tests.support.doors.doors import DirectDoor
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.reconcile.reconciling import reconcile
from tests.support.thorough import first
from tests.support.times import at

NOW = "2026-11-22T10:05:00Z"


@pytest.mark.unlimited
@pytest.mark.usefixtures("waits")
@pytest.mark.parametrize("seed", first(1, range(2)))
def test_accounts_equal_their_entries_after_120_backfilled_costs_and_reconcile_agrees(
    cloud: MemoryCloud, seed: int
) -> None:
    chance, tenant = random.Random(seed), Tenant(DirectDoor())  # noqa: S311 - a history, no secret
    with at(NOW):
        tenant.call("set_tenant", time_zone="America/Los_Angeles", by="jo", reason="test")
        ids = list[str]()
        for number in range(12):
            costs = [
                cost(
                    str(Decimal(chance.randint(1, 10**6)) / 10**6),
                    f"2026-{chance.randint(6, 10):02}-{chance.randint(1, 28):02}"
                    f"T{chance.randint(0, 23):02}:30:00Z",
                    agent_execution_id=f"run-{chance.randint(0, 5)}",
                    agent=chance.choice(["writer", "reader"]),
                    user=chance.choice(["ana", "bo"]),
                    tags=["blue"],
                    tokens=chance.randint(0, 99),
                    entry_id=f"old-{number}-{place}",
                )
                for place in range(10)
            ]
            ids += [one["entry_id"] for one in backfill(tenant, *costs)]
            tenant.spend("0.5", agent_execution_id=f"run-{chance.randint(0, 5)}")
            tenant.adjust(chance.choice(ids), "0.000001")

    assert differences(cloud.rows()) == []
    with at("2026-11-22T12:00:00Z"):
        for month in ("2026-06", "2026-08", "2026-10", "2026-11"):
            found = reconcile(tenant_id=tenant.id, month=month)
            assert found["differences"] == [], month
            assert found["accounts"] > 5, month
        assert reconcile(month="2026-10")["differences"] == []
