"""When copies are enough: far from every limit, and only if nothing has changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.policies import StoredPolicies
from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.adapters.system import SystemClock
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import (
    Account,
    WorkflowTerms,
    tenant_key,
    workflow_key,
)
from budget_monitor.usecases.reports.reader import Reader, has_default_terms
from tests.support.memory.fixture import MemoryCloud

ACME, FLOW = tenant_key("acme", "2026-11"), workflow_key("acme", "w1")


@pytest.mark.parametrize("strictly", [False, True])
def test_without_a_cache_both_ways_of_reading_give_the_store_s_numbers(
    memory_cloud: MemoryCloud, *, strictly: bool
) -> None:
    config, clock = Config.from_environment(), SystemClock()
    store = DynamoStore(config)
    policies = StoredPolicies(config, store, clock)
    reader = Reader(store, policies, clock, strictly=strictly)
    began = reader.origin.as_of
    assert reader.policy("acme").tenant_month.limit == Decimal(1000)
    assert reader.accounts([ACME]) == {ACME: Account(ACME)}
    assert reader.origin.cached is False
    assert timedelta() <= clock.now() - reader.origin.as_of
    assert reader.origin.as_of <= began


@pytest.mark.parametrize(
    ("account", "enough"),
    [
        (Account(FLOW), False),
        (Account(FLOW, seen=True), True),
        (Account(FLOW, seen=True, terms=WorkflowTerms(1)), False),
        (Account(FLOW, seen=True, terms=WorkflowTerms(0, Decimal(70))), False),
    ],
    ids=["unknown", "ordinary", "paused", "own limit"],
)
def test_a_paused_workflow_or_one_with_its_own_limit_is_read_from_the_store(
    account: Account, *, enough: bool
) -> None:
    assert has_default_terms(account) is enough
    assert has_default_terms(replace(account, seen=False)) is False
