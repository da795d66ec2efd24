"""The page about costs has the counted requests, items and write units of each kind of budget."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.docs.pages import DOCS
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.dynamodb.write_units import counted_writes
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import GENEROUS, WHO, set_budget
from tests.support.times import at

PAGE = (DOCS / "operate" / "costs.md").read_text()
NOW, NOON, LATER = "2026-10-22T10:05:00Z", "2026-11-22T12:00:00Z", "2026-11-22T13:05:00Z"
RUN = {"workflow_execution_id": "flow", "workflow": "nightly", "agent": "writer", "model": "gpt-x"}
WRITER, EACH = {"scope": "agent", "scope_id": "writer"}, {"scope": "agent", "scope_id": "*"}
COUNTED = {"limit_tokens": 10**6, "limit_calls": 1000}
TENANT_MONTH = {"budget_id": "tenant-month", "scope": "tenant", "period": "month"}
PREPAID = {"scope": "tenant", "period": "total", "limit_usd": "0"}
GRANT = {"grant_id": "one", "amount_usd": "1000"}
KINDS: dict[str, tuple[dict[str, Any], ...]] = {
    "none further": (),
    "USD a day of one agent": ({**WRITER, "period": "day", "limit_usd": "9"},),
    "calls a minute of one agent": ({**WRITER, "period": "minute", "limit_calls": 9},),
    "tokens a day of one agent": ({**WRITER, "period": "day", "limit_tokens": 999},),
    "USD, tokens and calls a day of one agent": (
        {**WRITER, "period": "day", "limit_usd": "9", **COUNTED},
    ),
    "each agent by itself (`*`), USD a day": ({**EACH, "period": "day", "limit_usd": "9"},),
    "each agent by itself (`*`), tokens and calls a day": ({**EACH, "period": "day", **COUNTED},),
    "prepaid (`total`), with a grant in force": (PREPAID, GRANT),
    "prepaid, with a grant that expired": (PREPAID, GRANT, {**GRANT, "expires_at": NOON}),
    "the tenant's month with `rollover_usd`": (
        {**TENANT_MONTH, "limit_usd": "99", "rollover_usd": "9"},
    ),
}


@pytest.fixture
def cloud(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> MemoryCloud:
    """Each account is one row, and nothing is limited but by what the test sets."""
    memory_cloud.set_limits(**GENEROUS)
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    return memory_cloud


def decide(tenant: Tenant, steps: tuple[dict[str, Any], ...]) -> None:
    """Set the budget, and add its grants."""
    for number, fields in enumerate(steps):
        if "grant_id" in fields:
            named = {**fields, "budget_id": "more", "grant_id": f"grant-{number}"}
            tenant.call("add_grant", **named, **WHO).body  # noqa: B018 - must not fail
        else:
            given = {"budget_id": "more", "limit_usd": None, **fields}
            set_budget(tenant, given.pop("budget_id"), given.pop("limit_usd"), **given).body  # noqa: B018


def figures(cloud: MemoryCloud, tenant: Tenant) -> str:
    """Reads for the rules, then requests, items and write units of a reserve and a settlement."""
    hold = tenant.hold("0.01", agent_execution_id="run-1", **RUN)
    tenant.settle(hold, "0.01")
    cloud.start_another_process()
    with recorded_calls() as cold:
        tenant.hold("0.01", agent_execution_id="run-2", include_gates=False, **RUN)
    with counted_writes(cloud) as reserve, recorded_calls() as reserving:
        hold = tenant.hold("0.01", agent_execution_id="run-3", include_gates=False, **RUN)
    with counted_writes(cloud) as settle, recorded_calls() as settling:
        tenant.settle(hold, "0.01", include_gates=False)
    reads = len(cold) - len(reserving)
    parts = [(len(reserving), reserve), (len(settling), settle)]
    told = [f"{requests} | {one.items} | {one.units}" for requests, one in parts]
    return f"{reads} | {' | '.join(told)}"


@pytest.mark.parametrize("kind", KINDS)
def test_the_figures_of_each_kind_of_budget_are_counted(cloud: MemoryCloud, kind: str) -> None:
    tenant = Tenant(DirectDoor())
    with at(NOW, tick=False):
        decide(tenant, KINDS[kind])
    with at(LATER, tick=False):
        found = f"| {kind} | {figures(cloud, tenant)} |"

    assert found in PAGE, found


def test_the_index_entries_and_write_units_of_a_guarded_call_are_counted(
    cloud: MemoryCloud,
) -> None:
    tenant = Tenant(DirectDoor())
    tenant.settle(tenant.hold("1", agent_execution_id="run-1", **RUN), "0.5")
    with counted_writes(cloud) as reserve:
        hold = tenant.hold("1", agent_execution_id="run-2", include_gates=False, **RUN)
    with counted_writes(cloud) as settle:
        tenant.settle(hold, "0.5", include_gates=False)

    for one, large in ((reserve, ""), (settle, ", one of them of 2 KB,")):
        said = f"a transaction of {one.items} items{large} and {one.index_entries} index entries"
        assert f"{said}: {one.units} write units" in PAGE, said
        assert len(one.large) == bool(large)
