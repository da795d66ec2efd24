"""Updates of accounts as DynamoDB takes them; test_writes.py runs them in a strict database."""

from decimal import Decimal
from typing import Any

import pytest

from budget_monitor.adapters.dynamodb.row_postings import Found, RowPosting
from budget_monitor.adapters.dynamodb.rows.account_updates import update_of
from budget_monitor.domain.accounting.accounts import AccountKey, Move, tenant_key

ACME = tenant_key("acme", "2026-11")
UNLISTED = AccountKey("acme", "late", "acme", "2026-11")


def update(account: AccountKey, posting: RowPosting) -> dict[str, Any]:
    return update_of("accounts", account, posting)


def test_a_move_adds_to_each_counter_that_changes_and_to_committed() -> None:
    found = update(ACME, RowPosting(Move(spent=Decimal("1.50"), entries=1), watched=True))
    assert found == {
        "TableName": "accounts",
        "Key": {"pk": {"S": str(ACME)}},
        "UpdateExpression": (
            "ADD #spent :0, #entries :1, #committed :2 "
            "SET #listing = :3, #ranking = :4, #watched = :5"
        ),
        "ExpressionAttributeNames": {
            f"#{name}": name
            for name in ("spent", "entries", "committed", "listing", "ranking", "watched")
        },
        "ExpressionAttributeValues": {
            ":0": {"N": "1.50"},
            ":1": {"N": "1"},
            ":2": {"N": "1.50"},
            ":3": {"S": "*#tenant#2026-11"},
            ":4": {"S": ACME.ranking},
            ":5": {"S": "yes"},
        },
    }


def test_a_move_of_zero_still_opens_the_account() -> None:
    assert update(UNLISTED, RowPosting(Move()))["UpdateExpression"] == "ADD #entries :0"


@pytest.mark.parametrize(
    ("posting", "condition"),
    [
        (
            RowPosting(Move(), committed_at_most=Decimal(0)),
            "(attribute_not_exists (#committed) OR #committed <= :0)",
        ),
        (RowPosting(Move(), committed_at_most=Decimal(-1)), "(#committed <= :0)"),
        (RowPosting(Move(), spent_at_least=Decimal(1)), "(#spent >= :0)"),
        (RowPosting(Move(), holds_below=3), "(attribute_not_exists (#holds) OR #holds < :0)"),
        (RowPosting(Move(), asserts_name=True), "(attribute_not_exists (#name))"),
        (RowPosting(Move(), found=Found(None)), "(attribute_not_exists (#level))"),
        (
            RowPosting(Move(), found=Found("4/10/under", or_new=True)),
            (
                "(#level = :0 OR "
                "(attribute_not_exists (#level) AND attribute_not_exists (#committed)))"
            ),
        ),
    ],
)
def test_an_absent_counter_is_zero_in_every_bound(posting: RowPosting, condition: str) -> None:
    assert update(UNLISTED, posting)["ConditionExpression"] == condition


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_exact_number_is_never_written(amount: Any) -> None:
    with pytest.raises(TypeError, match="not an exact number"):
        update(UNLISTED, RowPosting(Move(), shifted=amount))
