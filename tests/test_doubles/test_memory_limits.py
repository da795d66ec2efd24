"""The in-memory DynamoDB's limits, tokens, indexes and knobs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.memory import DynamoError, MemoryDynamoDB, at_random, behind, scripted
from tests.support.memory.requests import (
    CANCELLED,
    INVALID,
    KEY,
    put,
    refusal,
    row,
    transact,
    update,
)


def a_put(**item: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "rows", "Item": item}}


@pytest.mark.parametrize(
    "items",
    [
        [],
        [a_put(pk={"S": str(n)}) for n in range(101)],
        [a_put(pk={"S": "row"}), update("SET a = :v", v={"N": "1"})],
        [a_put(pk={"S": ""})],
        [a_put(pk={"S": "row"}, text={"S": "x" * 400 * 1024})],
        [a_put(pk={"S": "row"}, list={"S": ""}, place={"S": "1"})],
        [a_put(pk={"S": str(n)}, text={"S": "x" * 390 * 1024}) for n in range(11)],
        [a_put(pk={"S": "row"}, tags={"SS": []})],
        [a_put(pk={"S": "row"}, tags={"NS": ["1", "1.0"]})],
        [a_put(pk={"S": "row"}, nothing={"NULL": False})],
        [a_put(pk={"S": "row"}, both={"S": "x", "N": "1"})],
    ],
)
def test_a_transaction_beyond_the_limits_is_refused(
    database: MemoryDynamoDB, items: list[Any]
) -> None:
    assert refusal(database, *items) == INVALID


@pytest.mark.parametrize(
    "item",
    [
        a_put(pk={"N": "1"}),
        a_put(other={"S": "x"}),
        a_put(pk={"S": "k" * 2049}),
        a_put(pk={"S": "row"}, list={"N": "1"}),
        a_put(pk={"S": "row"}, place={"S": "p" * 1025}),
        update("SET place = :v", v={"N": "1"}),
        update("SET pk = :v", v={"S": "other"}),
        update("SET a.b = :v", v={"S": "no parent"}),
        update("SET a = absent"),
        update("REMOVE absent.part"),
        update("ADD n :v", key={"pk": {"S": "row"}, "more": {"S": "x"}}, v={"N": "1"}),
    ],
)
def test_what_the_schema_or_the_item_forbids_cancels(
    database: MemoryDynamoDB, item: dict[str, Any]
) -> None:
    assert transact(database, item) == ["ValidationError"]
    assert database.rows("rows") == []


def test_an_item_that_grows_too_large_cancels(database: MemoryDynamoDB) -> None:
    put(database, words={"S": "x" * 300 * 1024})

    assert transact(database, update("SET more = words")) == ["ValidationError"]


def test_a_token_is_good_for_ten_minutes_and_for_one_content(
    database: MemoryDynamoDB,
) -> None:
    now = 1000.0
    database.now = lambda: now
    one, two = update("ADD n :v", v={"N": "1"}), update("ADD n :v", v={"N": "2"})

    assert transact(database, one, under="t") == []
    now += 599
    assert transact(database, one, under="t") == []
    assert row(database)["n"] == {"N": "1"}
    with pytest.raises(DynamoError, match="IdempotentParameterMismatchException"):
        transact(database, two, under="t")
    now += 1
    assert transact(database, two, under="t") == []
    assert row(database)["n"] == {"N": "3"}


def test_a_cancelled_transaction_does_not_use_up_its_token(database: MemoryDynamoDB) -> None:
    grow = update("ADD n :v", v={"N": "1"})
    grow["Update"]["ConditionExpression"] = "attribute_exists(pk)"

    assert transact(database, grow, under="t") == ["ConditionalCheckFailed"]
    put(database)
    assert transact(database, grow, under="t") == []
    assert row(database)["n"] == {"N": "1"}


def test_conflicts_come_as_scripted_and_change_nothing(database: MemoryDynamoDB) -> None:
    database.conflicts = scripted(
        ["TransactionConflict", None, "ThrottlingError", "TransactionConflictException"]
    )
    grow = update("ADD n :v", v={"N": "1"})

    assert transact(database, grow) == ["TransactionConflict"]
    assert transact(database, grow) == []
    assert transact(database, grow) == ["ThrottlingError"]
    assert refusal(database, grow) == "TransactionConflictException"
    assert transact(database, grow) == []
    assert row(database)["n"] == {"N": "2"}


def test_a_conflict_stands_beside_what_the_other_conditions_say(
    database: MemoryDynamoDB,
) -> None:
    database.conflicts = at_random(seed=1, probability=1, codes=["TransactionConflict"])
    checks = [
        {"TableName": "rows", "Key": {"pk": {"S": str(n)}}, "ConditionExpression": condition}
        for n, condition in enumerate(["attribute_exists(pk)"] * 3)
    ]

    reasons = transact(database, *({"ConditionCheck": check} for check in checks))

    assert sorted(reasons) == [*["ConditionalCheckFailed"] * 2, "TransactionConflict"]


def listed(database: MemoryDynamoDB, condition: str = "", **more: Any) -> list[str]:
    """The places that a query of the list answers, page after page."""
    request = {
        "TableName": "rows",
        "IndexName": "by_list",
        "KeyConditionExpression": "#l = :l" + condition,
        "ExpressionAttributeNames": {"#l": "list", **more.pop("names", {})},
        "ExpressionAttributeValues": {":l": {"S": "x"}, **more.pop("values", {})},
        **more,
    }
    found = []
    while True:
        answer = database.execute("Query", request)
        found += [item["place"]["S"] for item in answer["Items"]]
        assert all(item.keys() == {"pk", "list", "place"} for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return found
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def fill(database: MemoryDynamoDB) -> None:
    for n in (3, 1, 4, 2, 5):
        put(database, str(n), list={"S": "x"}, place={"S": f"p{n}"}, more={"N": "1"})
    put(database, "unlisted", place={"S": "p6"})


@pytest.mark.parametrize("page_size", [None, 1, 2])
def test_a_query_pages_through_the_keys_in_order(
    database: MemoryDynamoDB, page_size: int | None
) -> None:
    fill(database)
    database.page_size = page_size
    names, low = {"#p": "place"}, {":a": {"S": "p2"}}
    both = {**low, ":b": {"S": "p4"}}

    assert listed(database) == ["p1", "p2", "p3", "p4", "p5"]
    assert listed(database, ScanIndexForward=False) == ["p5", "p4", "p3", "p2", "p1"]
    between = " AND #p BETWEEN :a AND :b"
    assert listed(database, between, names=names, values=both) == ["p2", "p3", "p4"]
    above = " AND #p > :a"
    assert listed(database, above, names=names, values=low, Limit=1) == ["p3", "p4", "p5"]
    start = " AND begins_with(#p, :a)"
    assert listed(database, start, names=names, values=low) == ["p2"]


def test_a_consistent_query_of_an_index_is_refused(database: MemoryDynamoDB) -> None:
    with pytest.raises(DynamoError, match="Consistent reads are not supported"):
        listed(database, ConsistentRead=True)


def test_a_stale_index_is_behind_by_that_many_writes(database: MemoryDynamoDB) -> None:
    fill(database)
    put(database, "3", list={"S": "x"}, place={"S": "p9"})
    database.execute("DeleteItem", {"TableName": "rows", "Key": {"pk": {"S": "1"}}})

    states: list[list[str]] = []
    for writes in range(5):
        database.stale_indexes = behind(writes)
        states.append(listed(database))

    assert states == [
        ["p2", "p4", "p5", "p9"],
        ["p1", "p2", "p4", "p5", "p9"],
        ["p1", "p2", "p3", "p4", "p5"],
        ["p1", "p2", "p3", "p4", "p5"],  # the one that has no list
        ["p1", "p2", "p3", "p4"],
    ]


def test_a_batch_read_leaves_keys_for_later(database: MemoryDynamoDB) -> None:
    put(database, "a")
    database.page_size = 1
    keys = [{"pk": {"S": name}} for name in ("a", "missing", "b")]

    answer = database.execute("BatchGetItem", {"RequestItems": {"rows": {"Keys": keys}}})

    assert answer["Responses"] == {"rows": [{"pk": {"S": "a"}}]}
    assert answer["UnprocessedKeys"] == {"rows": {"Keys": keys[1:]}}


@pytest.mark.parametrize("keys", [[KEY, KEY], [{"pk": {"S": str(n)}} for n in range(101)]])
def test_a_batch_of_too_many_keys_or_the_same_key_twice_is_refused(
    database: MemoryDynamoDB, keys: list[Any]
) -> None:
    with pytest.raises(DynamoError, match=INVALID):
        database.execute("BatchGetItem", {"RequestItems": {"rows": {"Keys": keys}}})


@pytest.mark.parametrize("operation", ["Scan", "BatchWriteItem", "PutItem"])
def test_forbidden_operations_fail_the_test(database: MemoryDynamoDB, operation: str) -> None:
    database.forbidden.add("PutItem")

    with pytest.raises(AssertionError, match="forbidden"):
        database.execute(operation, {"TableName": "rows"})
    assert database.calls == {operation: 1}


def test_a_read_of_several_items_may_conflict_too(database: MemoryDynamoDB) -> None:
    database.read_conflicts = scripted(["TransactionConflict"])
    read: Callable[[], Any] = lambda: database.execute(  # noqa: E731 - called twice
        "TransactGetItems", {"TransactItems": [{"Get": {"TableName": "rows", "Key": KEY}}]}
    )

    with pytest.raises(DynamoError, match=CANCELLED):
        read()
    assert read() == {"Responses": [{}]}
