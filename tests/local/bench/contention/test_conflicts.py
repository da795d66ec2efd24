"""The model of conflicts: a transaction locks its items, and another one on them is cancelled."""

from __future__ import annotations

from functools import partial
from typing import Any

from local.bench.contention.conflicts import TRIP_SECONDS, ConflictingDynamoDB
from local.bench.contention.virtual_time import VirtualClock
from tests.support.memory.errors import DynamoError

LOCK = 0.01


def played(*places: list[str], read: list[str] | None = None) -> list[tuple[str, float]]:
    """Write rows of these keys at once; return what came of each transaction, and when."""
    clock = VirtualClock()
    database, seen = ConflictingDynamoDB(clock, LOCK), list[tuple[str, float]]()
    key = [{"AttributeName": "pk", "KeyType": "HASH"}]
    kinds = [{"AttributeName": "pk", "AttributeType": "S"}]
    database.create_table(TableName="rows", KeySchema=key, AttributeDefinitions=kinds)

    def caller(operation: str, items: list[dict[str, Any]]) -> None:
        try:
            database.execute(operation, {"TransactItems": items})
            seen.append(("done", round(clock.now, 6)))
        except DynamoError as error:
            codes = [one["Code"] for one in error.extra["CancellationReasons"]]
            seen.append((" ".join(codes), round(clock.now, 6)))

    def item(pk: str) -> dict[str, Any]:
        return {"TableName": "rows", "Item": {"pk": {"S": pk}}}

    tasks = [
        lambda p=p: caller("TransactWriteItems", [{"Put": item(k)} for k in p]) for p in places
    ]
    if read:
        gets = [{"Get": {"TableName": "rows", "Key": {"pk": {"S": k}}}} for k in read]
        tasks.append(partial(caller, "TransactGetItems", gets))
    clock.run(tasks)
    return seen


def test_two_transactions_on_other_items_are_both_written_after_12_ms() -> None:
    assert played(["a"], ["b"]) == [("done", LOCK + TRIP_SECONDS)] * 2


def test_a_transaction_that_meets_a_locked_item_is_cancelled_at_once_and_names_the_item() -> None:
    cancelled, written = played(["a", "b"], ["c", "b"])
    assert cancelled == ("None TransactionConflict", TRIP_SECONDS)
    assert written == ("done", LOCK + TRIP_SECONDS)


def test_a_transactional_read_of_a_locked_item_is_cancelled() -> None:
    cancelled, _ = played(["a"], read=["b", "a"])
    assert cancelled == ("None TransactionConflict", TRIP_SECONDS)
