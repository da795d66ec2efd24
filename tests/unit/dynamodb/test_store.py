"""Accounts as sums of their rows, and a snapshot of everything that a settlement needs."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import Account, Move, system_key, tenant_key
from budget_monitor.domain.documents import DocumentChange, DocumentKey
from budget_monitor.domain.transactions import Posting, Transaction
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY, HELD

SYSTEM = system_key("2026-11")
RULES = DocumentKey("acme", "rules")


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


def spend(store: DynamoStore, amount: str, count: int) -> None:
    for number in range(count):
        posting = Posting(Move(spent=Decimal(amount), entries=1))
        entry = replace(ENTRY, entry_id=f"c{number}")
        assert store.commit(Transaction({SYSTEM: posting}, entries=(entry,)))


def test_twenty_costs_on_16_stripes_add_up(store: DynamoStore, memory_cloud: MemoryCloud) -> None:
    spend(store, "0.25", 20)
    stripes = [row for row in memory_cloud.rows()["AccountsTable"] if "*" in row["pk"]["S"]]
    assert len(stripes) > 4
    account = store.accounts([SYSTEM])[SYSTEM]
    assert (account.totals.spent, account.totals.entries) == (Decimal(5), 20)
    assert store.recent([SYSTEM]).accounts[SYSTEM] == account
    assert store.recent([SYSTEM]).origin.cached is False


def test_another_process_finds_all_stripes_without_being_configured_for_them(
    store: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    spend(store, "0.25", 20)
    monkeypatch.setenv("SYSTEM_STRIPES", "1")
    other = DynamoStore(Config.from_environment())
    assert other.accounts([SYSTEM])[SYSTEM].totals.spent == Decimal(5)


def test_an_unknown_account_is_all_zeros(store: DynamoStore) -> None:
    globex = tenant_key("globex", "2026-11")
    assert store.accounts([globex, globex]) == {globex: Account(globex)}


def test_a_snapshot_has_a_reservation_an_entry_and_a_document(store: DynamoStore) -> None:
    change = DocumentChange(RULES, 1, {"owner": None}, {"by": "maria"})
    assert store.commit(Transaction(opens=HELD, entries=(ENTRY,), document_change=change))
    seen = store.snapshot(
        [SYSTEM], reservation=("acme", "r1"), entry=("acme", "cost-1"), document=RULES
    )
    assert (seen.reservation, seen.entry) == (HELD, ENTRY)
    assert seen.document is not None
    assert (seen.document.version, seen.document.body) == (1, {"owner": None})
    nothing = store.snapshot([SYSTEM], reservation=("acme", "r2"), entry=("acme", "c"))
    assert (nothing.reservation, nothing.entry, nothing.document) == (None, None, None)
