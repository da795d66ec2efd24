"""Lists of accounts: in pages, and by spend."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from budget_monitor.adapters.dynamodb.store import DynamoStore
from budget_monitor.config import Config
from budget_monitor.domain.accounting.accounts import MODEL, USER, AccountKey, Move, listing
from budget_monitor.domain.transactions import Posting, Transaction
from tests.support.memory.fixture import MemoryCloud
from tests.unit.dynamodb.test_writes import ENTRY

SMALL, LARGE, MIDDLE = (
    AccountKey("acme", MODEL, name, "2026-11") for name in ("a-small", "b-large", "c-middle")
)
MODELS, USERS = listing("acme", MODEL, "2026-11"), listing("acme", USER, "2026-11")


@pytest.fixture
def store(memory_cloud: MemoryCloud) -> DynamoStore:
    store = DynamoStore(Config.from_environment())
    for account, amount in ((SMALL, 1), (LARGE, 3), (MIDDLE, 2)):
        posting = Posting(Move(spent=Decimal(amount), entries=1))
        entry = replace(ENTRY, entry_id=account.scope_id)
        postings = {account: posting, account._replace(scope=USER): posting}
        assert store.commit(Transaction(postings, entries=(entry,)))
    return store


def test_three_models_are_listed_in_two_pages(store: DynamoStore) -> None:
    assert store.listed(MODELS) == [SMALL, LARGE, MIDDLE]
    first = store.listed_page(MODELS, 2, None)
    rest = store.listed_page(MODELS, 2, first.resume_at)
    assert (first.accounts, rest.accounts, rest.resume_at) == ([SMALL, LARGE], [MIDDLE], None)


def test_three_users_by_spend_are_those_of_3_2_and_1_usd(store: DynamoStore) -> None:
    first = store.ranked(USERS, 2)
    assert ([one.scope_id for _, one in first.items], first.more) == (["b-large", "c-middle"], True)
    rest = store.ranked(USERS, 2, after=first.items[-1][0])
    assert ([one.scope_id for _, one in rest.items], rest.more) == (["a-small"], False)
