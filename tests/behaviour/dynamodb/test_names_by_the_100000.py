"""One rule for each name: a reserve is the same with 100,000 names as with 10."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.support.builders import Tenant, gate
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.dynamodb.write_units import counted_writes, put_copies
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, set_budget
from tests.support.thorough import size
from tests.support.times import at

if TYPE_CHECKING:
    import pytest

FEW, MANY = 10, size(3_000, 100_000)
MAX_OF_A_PAGE = 12
"""Requests of a page of names: the rules, one query, and a read for each 100 of a thousand."""
RUN = {"agent_execution_id": "run-1"}
LEAN = {**RUN, "include_gates": False}
Figures = dict[str, tuple[list[str], int, int]]


def name(number: int) -> str:
    return f"user-{number:06}"


def measured(cloud: MemoryCloud, tenant: Tenant, *users: str) -> list[Figures]:
    """The requests, written items and write units of each operation, for each user."""
    return [of_user(cloud, tenant, one) for one in users]


def of_user(cloud: MemoryCloud, tenant: Tenant, user: str) -> Figures:
    hold, labels = f"hold-{user}", {**LEAN, "user": user}
    operations: dict[str, Callable[[], Any]] = {
        "check": lambda: tenant.check("0.1", **RUN, user=user).body,
        "reserve": lambda: tenant.hold("0.1", reservation_id=hold, **labels),
        "settle": lambda: tenant.settle(hold, "0.1", include_gates=False),
        "record": lambda: tenant.spend("0.1", **labels),
    }
    found: Figures = {}
    for name_, operation in operations.items():
        with counted_writes(cloud) as written, recorded_calls() as calls:
            operation()
        found[name_] = (calls.operations, written.items, written.units)
    return found


def test_thousands_of_names_under_one_rule_cost_what_10_names_cost(
    memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory_cloud.set_limits(**GENEROUS)
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    tenant = Tenant(DirectDoor())
    with at("2026-11-22T10:05:00Z", tick=False):
        rule = {"scope": "user", "scope_id": "*", "period": "day"}
        set_budget(tenant, "each", "1", **rule).body  # noqa: B018 - must not fail
        for number in range(FEW):
            tenant.spend("0.5", **LEAN, user=name(number))
        few = measured(memory_cloud, tenant, name(1), name(FEW))

        put = put_copies(memory_cloud, name(0), map(name, range(FEW + 1, MANY)))
        assert put == 2 * (MANY - FEW - 1)  # the account of the rule, and the line in the breakdown
        many = measured(memory_cloud, tenant, name(MANY - 1), name(MANY))

        assert many == few
        assert few[0]["reserve"][0] == ["TransactWriteItems"]
        with recorded_calls() as page:
            tenant.call("budget_names", budget_id="each", limit=5).body  # noqa: B018
        assert len(page) <= MAX_OF_A_PAGE
        full = tenant.reserve("0.51", agent_execution_id="run-1", user=name(MANY - 2)).body
        assert (full["allowed"], full["budget_id"]) == (False, "each")
        assert gate(full, "each")["spent_usd"] == "0.5"
