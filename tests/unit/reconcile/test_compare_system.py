"""The system's month and the sum of its tenants: a difference needs two equal looks."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import Move, system_key, tenant_key
from budget_monitor.domain.transactions import Posting, Transaction
from budget_monitor.usecases.reconcile.compare_system import (
    MOVING,
    ONCE,
    UNLISTED,
    SystemComparison,
)
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY

MONTH = "2026-11"
SYSTEM = system_key(MONTH)


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    return DynamoStore(Config.from_environment())


def post(store: DynamoStore, key: Any, amount: str, entries: int, name: str) -> None:
    posting = Posting(Move(spent=Decimal(amount), entries=entries))
    entry = replace(ENTRY, entry_id=name)
    assert store.commit(Transaction({key: posting}, entries=(entry,)))


def book(store: DynamoStore, tenant: str, amount: str) -> None:
    post(store, tenant_key(tenant, MONTH), amount, 1, f"{tenant}-own")
    post(store, SYSTEM, amount, 1, f"{tenant}-system")


def test_a_sum_that_is_equal_takes_one_look(store: DynamoStore) -> None:
    book(store, "acme", "1.5")
    book(store, "globex", "2.25")
    comparison = SystemComparison(store, MONTH)
    assert comparison.is_pending
    comparison.look()
    assert not comparison.is_pending
    report = comparison.report()
    assert (report.accounts, report.differences, report.complete) == (1, [], True)


def test_a_cent_too_much_is_a_difference_after_two_looks(store: DynamoStore) -> None:
    book(store, "acme", "1.5")
    post(store, SYSTEM, "0.01", 0, "drift")
    comparison = SystemComparison(store, MONTH)
    comparison.look()
    (skipped,) = comparison.report().skipped
    assert (skipped.reason, comparison.is_pending) == (ONCE, True)
    comparison.look()
    (found,) = comparison.report().differences
    assert not comparison.is_pending
    assert (found.found.spent, found.expected.spent) == (Decimal("1.51"), Decimal("1.5"))


def test_an_entry_too_much_may_be_of_a_tenant_that_is_not_listed(store: DynamoStore) -> None:
    book(store, "acme", "1.5")
    post(store, SYSTEM, "1", 1, "unlisted")
    comparison = SystemComparison(store, MONTH)
    comparison.look()
    comparison.look()
    report = comparison.report()
    assert [one.reason for one in report.skipped] == [UNLISTED]
    assert (report.differences, report.complete) == ([], False)


def test_an_account_that_changes_between_all_three_looks_is_skipped(store: DynamoStore) -> None:
    comparison = SystemComparison(store, MONTH)
    for number in range(3):
        post(store, SYSTEM, "0.01", 0, f"drift-{number}")
        assert comparison.is_pending
        comparison.look()
    assert not comparison.is_pending
    assert [one.reason for one in comparison.report().skipped] == [MOVING]
