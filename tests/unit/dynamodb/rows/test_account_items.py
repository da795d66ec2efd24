"""Items of accounts: absent counters are zero, and each attribute reaches its field."""

from decimal import Decimal
from typing import Any

import pytest
from pynamodb.exceptions import AttributeDeserializationError

from budget_monitor.adapters.dynamodb.rows.account_items import account_of
from budget_monitor.domain.accounting.accounts import (
    Account,
    Move,
    WorkflowTerms,
    tenant_key,
    workflow_key,
)

ACME, FLOW = tenant_key("acme", "2026-11"), workflow_key("acme", "w1")


def item(account: object, **attributes: Any) -> dict[str, Any]:
    numbers = {k: {"N": str(v)} for k, v in attributes.items() if not isinstance(v, str)}
    texts = {k: {"S": v} for k, v in attributes.items() if isinstance(v, str)}
    return {"pk": {"S": str(account)}, **numbers, **texts}


def test_a_row_without_counters_is_an_account_that_never_began() -> None:
    account = account_of(item(FLOW, terms="1/"))
    assert account == Account(FLOW, terms=WorkflowTerms(1), seen=True)
    assert not account.began


def test_stored_counters_reach_the_totals_and_absent_ones_are_zero() -> None:
    account = account_of(item(ACME, spent=Decimal("1.25"), committed=Decimal("1.5"), holds=2))
    assert account.totals == Move(spent=Decimal("1.25"), holds=2)
    assert (account.committed, account.began, account.seen) == (Decimal("1.5"), True, True)
    assert account.policy_version == 0


def test_a_run_keeps_its_lineage_name_level_and_the_accounts_that_it_began_over() -> None:
    given = {"lineage": "in#w1", "name": "etl", "level": "4/10/under", "policy_version": 7}
    account = account_of(item(FLOW, began_over=f'["{ACME}"]', **given))
    assert (account.lineage, account.name, account.level) == ("in#w1", "etl", "4/10/under")
    assert (account.policy_version, account.began_over) == (7, frozenset({ACME}))


@pytest.mark.parametrize(
    "damage",
    [
        {"spent": "a text"},
        {"committed": "1"},
        {"holds": "two"},
        {"terms": "no terms"},
        {"level": "high"},
        {"began_over": "{"},
        {"lineage": 1},
        {"row_version": 2},
    ],
    ids=str,
)
def test_a_damaged_row_is_never_read_as_an_account(damage: dict[str, Any]) -> None:
    with pytest.raises(AttributeDeserializationError):
        account_of(item(ACME, **damage))
