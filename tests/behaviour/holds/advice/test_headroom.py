"""Headroom: the least that is left in each unit, without holding anything."""

from __future__ import annotations

from tests.support.builders import Tenant
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import WHO
from tests.support.rules.winding_down import limit


def test_headroom_is_the_least_that_is_left_in_each_unit(
    cloud: MemoryCloud, tenant: Tenant
) -> None:
    limit(tenant, limit_usd="10", limit_calls=5)
    limit(tenant, budget_id="ana", scope="user", scope_id="ana", limit_usd="3", limit_tokens=100)
    limit(tenant, budget_id="idle", scope="user", scope_id="bob", limit_usd="1")
    tenant.spend("1", user="ana", usage={"input_tokens": 30, "output_tokens": 10})
    asked = {"agent_execution_id": "run-1", "user": "ana"}
    left = tenant.call("headroom", **asked).body
    assert left["remaining"] == {
        "usd": "2",
        "tokens": 60,
        "input_tokens": None,
        "output_tokens": None,
        "calls": 4,
    }
    assert left["matched"] == ["execution", "ana", "cap", "tenant-month", "system-month"]
    assert tenant.check("2", **asked).body["remaining"] == left["remaining"]
    assert tenant.check("2", **asked).body["matched"] == left["matched"]
    alone = tenant.call("headroom", user="bob").body
    assert (alone["remaining"]["usd"], alone["remaining"]["tokens"]) == ("1", None)


def test_headroom_of_a_suspended_tenant_says_so(cloud: MemoryCloud, tenant: Tenant) -> None:
    tenant.call("suspend", **WHO)
    assert tenant.call("headroom", agent_execution_id="r").body["reason_code"] == "TENANT_SUSPENDED"


def test_a_granted_reserve_says_what_is_left_after_it(cloud: MemoryCloud, tenant: Tenant) -> None:
    limit(tenant, limit_usd="10", limit_calls=3)
    granted = tenant.reserve("4").body
    assert (granted["remaining"]["usd"], granted["remaining"]["calls"]) == ("6", 2)
    assert tenant.reserve("1", include_gates=False).body["remaining"] is None
    assert tenant.reserve("1", include_gates=False).body["matched"][0] == "execution"
