"""Five tables restored to one moment: what the books say, what is asked again, what is repaired."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor, Door
from tests.support.dynamodb.tables import create_tables
from tests.support.environment import function_environment
from tests.support.histories.ledger_audit import differences
from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.tables import Table
from tests.support.reconcile.reconciling import REBUILD, reconcile
from tests.support.times import at
from tests.support.workflows.waiting import Waits

Backup = dict[str, Table]
RUN = {"agent_execution_id": "run-1", "agent": "writer", "model": "gpt-x"}
WHEN = "2026-11-22T10:05:00Z"


@pytest.fixture
def cloud(memory_cloud: MemoryCloud, waits: Waits) -> Iterator[MemoryCloud]:
    with at(WHEN):
        yield memory_cloud


@pytest.fixture
def door(cloud: MemoryCloud) -> Door:
    return DirectDoor()


def backup(cloud: MemoryCloud) -> Backup:
    """Every table as it is at this moment."""
    tables = cloud.database._tables  # noqa: SLF001 - what the service copies
    return {name: copy.deepcopy(tables[table]) for name, table in cloud.tables.items()}


def restore(cloud: MemoryCloud, patch: pytest.MonkeyPatch, saved: Backup) -> None:
    """Make new tables of the saved rows, and deploy with their names; the old ones are left."""
    before, cloud.tables = cloud.tables, create_tables(cloud.client)
    assert not set(before.values()) & set(cloud.tables.values())
    for name, table in saved.items():
        new = cloud.database._tables[cloud.tables[name]]  # noqa: SLF001 - as above
        for key, item in table.rows.items():
            new.put(key, item, 0)
    for variable, value in function_environment(cloud.tables).items():
        patch.setenv(variable, value)
    cloud.start_another_process()


def worked(tenant: Tenant) -> str:
    """A cost, an open hold and a settled one; gives the open hold's id."""
    tenant.spend("1.25", entry_id="cost-1", **RUN)
    tenant.settle(tenant.hold("2", **RUN), "1.5")
    return tenant.hold("3", **RUN)


def test_tables_of_one_moment_add_up_and_take_up_work_where_it_was(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = worked(tenant)
    saved, usage = backup(cloud), tenant.usage()
    tenant.spend("7", entry_id="cost-2", **RUN)
    tenant.settle(hold, "2.5")

    restore(cloud, monkeypatch, saved)

    assert differences(cloud.rows()) == []
    assert {**tenant.usage(), "as_of": None} == {**usage, "as_of": None}
    found = reconcile()
    assert (found["differences"], found["skipped"], found["failed"]) == ([], [], [])
    assert tenant.record("1.25", entry_id="cost-1", **RUN).body["entry"]["replayed"] is True
    assert tenant.record("7", entry_id="cost-2", **RUN).body["entry"]["replayed"] is False
    assert tenant.settle(hold, "2.5").body["reservation"]["state"] == "settled"
    assert tenant.usage()["spent_usd"] == "12.25"
    assert differences(cloud.rows()) == []


def of_two_moments(cloud: MemoryCloud, tenant: Tenant, later: str) -> Backup:
    """As if a transaction was under way: one table has it already, the others do not yet."""
    worked(tenant)
    saved: dict[str, Any] = backup(cloud)
    tenant.spend("7", entry_id="cost-2", **RUN)
    saved[later] = backup(cloud)[later]
    return saved


@pytest.mark.parametrize("later", ["LedgerTable", "AccountsTable"])
def test_a_transaction_that_only_one_table_has_is_named_and_never_repaired_by_a_guess(
    tenant: Tenant, cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch, later: str
) -> None:
    """Such a month looks like one whose lists lag. The runbook says: restore another second."""
    restore(cloud, monkeypatch, of_two_moments(cloud, tenant, later))
    assert differences(cloud.rows()) != []
    before = cloud.rows()["AccountsTable"]

    found = reconcile(tenant_id=tenant.id, **REBUILD)

    named = {one["scope"] for one in (*found["skipped"], *found["differences"])}
    assert "tenant" in named
    assert found["rebuilt"] is False
    assert cloud.rows()["AccountsTable"] == before
