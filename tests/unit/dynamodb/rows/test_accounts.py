"""Rows of accounts: absent counters are zero, and each attribute reaches its field."""

from decimal import Decimal

from budget_monitor.adapters.dynamodb.rows.accounts import AccountRow
from budget_monitor.domain.accounting.accounts import (
    Account,
    Move,
    WorkflowTerms,
    tenant_key,
    workflow_key,
)

ACME, FLOW = tenant_key("acme", "2026-11"), workflow_key("acme", "w1")


def test_a_row_without_counters_is_an_account_that_never_began() -> None:
    account = AccountRow(str(FLOW), terms=WorkflowTerms(1)).to_domain()
    assert account == Account(FLOW, terms=WorkflowTerms(1), seen=True)
    assert not account.began


def test_stored_counters_reach_the_totals_and_absent_ones_are_zero() -> None:
    row = AccountRow(str(ACME), spent=Decimal("1.25"), committed=Decimal("1.5"), holds=2)
    account = row.to_domain()
    assert account.totals == Move(spent=Decimal("1.25"), holds=2)
    assert (account.committed, account.began, account.seen) == (Decimal("1.5"), True, True)
    assert account.policy_version == 0


def test_a_run_keeps_its_lineage_name_level_and_the_accounts_that_it_began_over() -> None:
    row = AccountRow(
        str(FLOW),
        lineage="in#w1",
        name="etl",
        level="4/10/under",
        policy_version=7,
        began_over=(ACME,),
    )
    account = row.to_domain()
    assert (account.lineage, account.name, account.level) == ("in#w1", "etl", "4/10/under")
    assert (account.policy_version, account.began_over) == (7, frozenset({ACME}))
