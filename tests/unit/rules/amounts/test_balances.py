"""Balances: what expired grants and ended months leave in a limit is written once and stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

import pytest

from budget_monitor.domain.accounting.accounts import Account, AccountKey, Move
from budget_monitor.domain.calendars import Calendar
from budget_monitor.domain.documents import DocumentKey
from budget_monitor.domain.rules.budgets import Budget
from budget_monitor.domain.rules.grants import Balance, Grant
from budget_monitor.domain.rules.policy import budget_account
from budget_monitor.domain.rules.rollovers import Rollover
from budget_monitor.domain.transactions import Transaction
from budget_monitor.ports import Document, Store
from budget_monitor.usecases.rules.balances import Balances
from tests.support.rules.policies import PLAIN

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
UTC_DAYS = Calendar()
TEN = Grant("a", Decimal(10), "maria", "paid", NOON, expires_at=NOON + timedelta(hours=1))
FIVE = Grant("b", Decimal(5), "maria", "paid", NOON)
PREPAID = Budget("prepaid", "tenant", Decimal(0), period="total", balance=Balance((TEN, FIVE)))
MONTHLY = Budget("cap", "tenant", Decimal(100), rollover=Rollover(Decimal(30), "2026-09"))


class Facts:
    """Accounts that have spent, and the facts that were written down."""

    def __init__(self) -> None:
        self.spent = dict[AccountKey, Decimal]()
        self.written = dict[DocumentKey, Document]()
        self.reads = 0

    def accounts(self, keys: Iterable[AccountKey]) -> Mapping[AccountKey, Account]:
        self.reads += 1
        found = {one: Move(spent=self.spent.get(one, Decimal(0))) for one in keys}
        return {one: Account(one, totals) for one, totals in found.items()}

    def documents(self, names: Iterable[DocumentKey]) -> Mapping[DocumentKey, Document]:
        return {one: self.written[one] for one in names if one in self.written}

    def commit(self, transaction: Transaction) -> bool:
        change = transaction.document_change
        assert change is not None
        if change.document in self.written:
            return False
        self.written[change.document] = Document(change.version, change.body)
        return True


def balances(facts: Facts, *, keeps: bool = True) -> Balances:
    return Balances(cast("Store", facts), keeps=keeps)


def limit(facts: Facts, at: datetime, *, keeps: bool = True) -> Decimal | None:
    found = balances(facts, keeps=keeps).budget(PREPAID, "acme", UTC_DAYS, at)
    return found.at(at, "total").limit


def test_a_grant_of_10_leaves_the_4_that_were_spent_of_it_whatever_is_spent_later() -> None:
    facts, account = Facts(), budget_account(PREPAID, "acme", "total")
    facts.spent[account] = Decimal(4)
    assert limit(facts, NOON) == 15
    assert facts.written == {}
    after = NOON + timedelta(hours=1)
    assert limit(facts, after) == 9
    facts.spent[account] = Decimal(8)
    assert limit(facts, after) == 9
    assert (len(facts.written), facts.reads) == (1, 1)


def test_a_function_that_moves_nothing_computes_the_same_and_writes_nothing() -> None:
    facts = Facts()
    facts.spent[budget_account(PREPAID, "acme", "total")] = Decimal(4)
    assert limit(facts, NOON + timedelta(hours=1), keeps=False) == 9
    assert facts.written == {}


def test_a_fact_that_another_process_wrote_first_is_the_one_that_counts() -> None:
    first, late = Facts(), Facts()
    account, after = budget_account(PREPAID, "acme", "total"), NOON + timedelta(hours=1)
    first.spent[account], late.spent[account] = Decimal(4), Decimal(7)
    limit(first, after)

    class Overtaken(Facts):
        def commit(self, transaction: Transaction) -> bool:
            self.written = first.written
            return super().commit(transaction)

    overtaken = Overtaken()
    overtaken.spent = late.spent
    assert limit(overtaken, after) == 9


@pytest.mark.parametrize(
    ("september", "october", "carried"),
    [(0, 0, 30), (80, 100, 20), (100, 95, 5), (120, 150, 0), (70, 130, 0), (70, 125, 5)],
)
def test_a_month_carries_at_most_30_of_what_is_left_of_100_and_of_its_own_carry(
    september: int, october: int, carried: int
) -> None:
    facts = Facts()
    for month, spent in (("2026-09", september), ("2026-10", october)):
        facts.spent[budget_account(MONTHLY, "acme", month)] = Decimal(spent)
    found = balances(facts).budget(MONTHLY, "acme", UTC_DAYS, NOON)
    assert found.carried["2026-11"] == carried
    assert found.at(NOON, "2026-11").limit == 100 + carried


def test_a_months_remainder_is_fixed_first_at_its_end_and_for_good_after_its_grace() -> None:
    facts, account = Facts(), budget_account(MONTHLY, "acme", "2026-10")
    facts.spent[budget_account(MONTHLY, "acme", "2026-09")] = Decimal(100)
    facts.spent[account] = Decimal(80)
    for day, spent, carried in ((1, 80, 20), (2, 85, 20), (5, 90, 10), (6, 99, 10)):
        facts.spent[account] = Decimal(spent)
        now = datetime(2026, 11, day, 12, tzinfo=UTC)
        found = balances(facts).budget(MONTHLY, "acme", UTC_DAYS, now)
        assert found.carried["2026-11"] == carried, day


def test_a_budget_without_grants_or_rollover_is_left_as_it_is_without_a_read() -> None:
    facts = Facts()
    plain = Budget("cap", "tenant", Decimal(5))
    assert balances(facts).budget(plain, "acme", UTC_DAYS, NOON) is plain
    no_limit = replace(MONTHLY, limit=None)
    assert balances(facts).budget(no_limit, "acme", UTC_DAYS, NOON) is no_limit
    assert facts.reads == 0


def test_a_policy_is_fresh_until_the_next_grant_expires() -> None:
    later = replace(TEN, grant_id="c", expires_at=NOON + timedelta(hours=5))
    both = replace(PREPAID, balance=Balance((later, TEN, FIVE)))
    rules = replace(PLAIN, custom=(both, MONTHLY))
    found = balances(Facts()).policy(rules, "acme", NOON)
    assert found.fresh_until == TEN.expires_at
    assert [one.budget_id for one in found.custom] == ["prepaid", "cap"]
    after = balances(Facts()).policy(rules, "acme", NOON + timedelta(hours=1))
    assert after.fresh_until == later.expires_at
    assert balances(Facts()).policy(PLAIN, "acme", NOON).fresh_until is None
