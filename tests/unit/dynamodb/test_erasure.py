"""Rows without people: rewritten in transactions of at most 25 items; twice is once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.dynamodb.erasure import RowEraser
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.alerts.alerts import BLOCKED, Alert
from budget_monitor.domain.costs.ledger import Entry
from budget_monitor.domain.rules.rulebook import rules_key
from budget_monitor.domain.transactions import Transaction
from tests.support.builders import Tenant
from tests.support.doors.doors import DirectDoor
from tests.support.dynamodb.calls import recorded_calls
from tests.support.exports.bucket import ExportsInMemory
from tests.support.memory.fixture import MemoryCloud
from tests.support.rules.governing import set_budget
from tests.support.times import at

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ANN: dict[str, Any] = {"agent_execution_id": "run", "user": "ann", "tags": ["blue"]}


@pytest.fixture
def tenant(memory_cloud: MemoryCloud, monkeypatch: pytest.MonkeyPatch) -> Tenant:
    ExportsInMemory().install(monkeypatch)
    return Tenant(DirectDoor())


@pytest.fixture
def eraser(tenant: Tenant) -> RowEraser:
    return RowEraser(Config.from_environment())


def stored(tenant: Tenant, *names: str) -> list[Entry]:
    return list(DynamoStore(Config.from_environment()).entries(tenant.id, names).values())


def keys(cloud: MemoryCloud, table: str) -> set[str]:
    return {row["pk"]["S"] for row in cloud.rows()[table]}


def test_an_entry_loses_its_names_and_its_accounts_of_them_and_keeps_2_usd(
    memory_cloud: MemoryCloud, tenant: Tenant, eraser: RowEraser
) -> None:
    with at("2026-11-22T10:00:00Z", tick=False):
        set_budget(tenant, "anns", "9", scope="user", scope_id="ann", period="month")
        cost = tenant.spend("2", **ANN)
    accounts = keys(memory_cloud, "AccountsTable")

    eraser.entries(stored(tenant, cost))

    (entry,) = stored(tenant, cost)
    assert (entry.labels.user, entry.labels.tags, entry.amount) == (None, (), Decimal(2))
    gone = accounts - keys(memory_cloud, "AccountsTable")
    scopes = sorted(one.removeprefix(f"{tenant.id}#").split("#")[0] for one in gone)
    assert scopes == ["budget", "tag", "user"]
    assert all("ann" in one or "blue" in one for one in gone)
    before = memory_cloud.rows()
    eraser.entries(stored(tenant, cost))
    assert memory_cloud.rows() == before


def test_an_ended_reservation_loses_its_names_with_the_entry_that_settled_it(
    memory_cloud: MemoryCloud, tenant: Tenant, eraser: RowEraser
) -> None:
    ended, still_open = (tenant.hold("1", **ANN) for _ in range(2))
    cost = tenant.settle(ended, "1").body["entry"]["entry_id"]
    eraser.entries(stored(tenant, cost))
    holds = {
        row["pk"]["S"].split("#")[-1]: "ann" in str(row)
        for row in memory_cloud.rows()["ReservationsTable"]
    }
    assert (holds[ended], holds[still_open]) == (False, True)


def test_60_entries_are_rewritten_in_transactions_of_at_most_25_items(
    tenant: Tenant, eraser: RowEraser
) -> None:
    names = [tenant.spend("0.1", **ANN) for _ in range(60)]
    found = stored(tenant, *names)
    with recorded_calls() as calls:
        eraser.entries(found)
    writes = [len(one.request["TransactItems"]) for one in calls if one.wrote]
    assert writes == [25, 25, 12]  # the last two are the accounts of her name and tag
    assert {one.labels.user for one in stored(tenant, *names)} == {None}


def test_the_history_loses_who_and_why_and_the_rules_stay_as_they_are(
    memory_cloud: MemoryCloud, tenant: Tenant, eraser: RowEraser
) -> None:
    set_budget(tenant, "cap", "5", scope="tenant", period="day", by="ann", reason="Ann asked")
    key, store = rules_key(tenant.id), DynamoStore(Config.from_environment())
    rules = store.documents([key])[key]

    eraser.document(key)

    assert store.documents([key])[key] == rules
    (change,) = store.changes(key, [1])
    assert (change["by"], change["reason"]) == ("erased", "erased")
    assert change["after"]["limit_usd"] == "5"


def test_the_change_that_erases_keeps_who_and_why(tenant: Tenant, eraser: RowEraser) -> None:
    assert tenant.call("delete_tenant", by="olga", reason="contract ended").error is None
    eraser.document(rules_key(tenant.id))
    (change,) = DynamoStore(Config.from_environment()).changes(rules_key(tenant.id), [1])
    assert (change["by"], change["reason"]) == ("olga", "contract ended")


def test_a_document_that_does_not_exist_is_no_write(tenant: Tenant, eraser: RowEraser) -> None:
    with recorded_calls() as calls:
        eraser.document(rules_key(tenant.id))
        eraser.entries([])
    assert not [one for one in calls if one.wrote]


def test_the_named_alerts_of_the_tenant_are_deleted_and_no_others(
    tenant: Tenant, eraser: RowEraser
) -> None:
    store = DynamoStore(Config.from_environment())
    alerts = [Alert(tenant.id, BLOCKED, (str(n),), NOON, "tenant", tenant.id) for n in range(2)]
    alerts.append(replace(alerts[0], tenant_id="globex"))
    for one in alerts:
        assert store.commit(Transaction(alerts=(one,)))
    eraser.alerts(tenant.id, [alerts[0].alert_id, "unknown"])
    found = store.alerts.read((one.tenant_id, one.alert_id) for one in alerts)
    assert [one.alert for one in found] == alerts[1:]
