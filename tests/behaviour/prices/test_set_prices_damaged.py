"""A price that cannot be read grants nothing, loses no cost, and is nobody else's trouble."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.prices.pricing import OWN, RATES, USAGE, cost, put, record

NO_RATES: dict[str, Any] = dict.fromkeys(RATES)
DAMAGE: dict[str, dict[str, Any]] = {
    "a price that is no number": {"input_usd_per_million": "abc"},
    "a negative price": {"input_usd_per_million": "-1"},
    "a discount over 100 %": NO_RATES | {"discount_percent": "101"},
    "prices and a discount": {"discount_percent": "5"},
    "a model that is a number": {"model": 5},
    "a provider in a list": {"provider": ["us"]},
    "a provider of nothing": {"provider": []},
    "no moment": {"from": "soon"},
}
RUN: dict[str, Any] = {"agent_execution_id": "run-1", "model": OWN}
UNAVAILABLE = "UNAVAILABLE"


def damage(cloud: MemoryCloud, tenant: Tenant, fields: dict[str, Any]) -> None:
    """Change the one price in the rules of the tenant as nobody may."""
    cloud.database.forbidden -= {"PutItem"}
    table = cloud.tables["BudgetsTable"]
    rows = cloud.database.rows(table)
    (row,) = [row for row in rows if row["pk"]["S"] == f"{tenant.id}#rules#"]
    body = json.loads(row["body"]["S"])
    body["prices"][0] |= fields
    item = {**row, "body": {"S": json.dumps(body)}}
    cloud.database.execute("PutItem", {"TableName": table, "Item": item})
    cloud.start_another_process()


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_price_grants_nothing_and_loses_no_cost(
    direct_tenant: Tenant, cloud: MemoryCloud, what: str
) -> None:
    tenant, other = direct_tenant, Tenant(direct_tenant.door)
    put(tenant, OWN, **RATES)
    held = tenant.hold("1", **RUN)
    damage(cloud, tenant, DAMAGE[what])

    before = cloud.rows()
    for asked in ({"estimated_cost_usd": "1"}, {"estimated_usage": {"calls": 1}}):
        assert tenant.call("reserve", **RUN, **asked).error == UNAVAILABLE
        assert tenant.call("check", **RUN, **asked).error == UNAVAILABLE
    assert record(tenant, OWN).error == UNAVAILABLE
    assert tenant.call("settle", reservation_id=held, usage=USAGE).error == UNAVAILABLE
    for answer in (
        put(tenant, OWN, **RATES),
        tenant.call("list_prices"),
        tenant.call("list_prices", model=OWN),
    ):
        assert answer.error == UNAVAILABLE
    assert cloud.rows() == before

    tenant.spend("0.5", **RUN)
    assert tenant.settle(held, "0.25").body["entry"]["cost_usd"] == "0.25"
    put(other, OWN, **RATES)
    assert cost(other, OWN) == "0.006"
