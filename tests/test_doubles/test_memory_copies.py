"""A copy of a table in memory: the same rows and the same past, to be changed apart."""

from __future__ import annotations

from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.tables import Table

NAME = "orders"


def database() -> MemoryDynamoDB:
    """Orders by customer and number, and an index by state."""
    made = MemoryDynamoDB()
    made.create_table(
        TableName=NAME,
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "state")
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-state",
                "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    return made


def put(made: MemoryDynamoDB, number: str, state: str) -> None:
    item = {"pk": {"S": "acme"}, "sk": {"S": number}, "state": {"S": state}}
    made.execute("PutItem", {"TableName": NAME, "Item": item})


def in_state(made: MemoryDynamoDB, state: str) -> list[str]:
    found = made.execute(
        "Query",
        {
            "TableName": NAME,
            "IndexName": "by-state",
            "KeyConditionExpression": "#state = :state",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": {"S": state}},
        },
    )
    return [item["sk"]["S"] for item in found["Items"]]


def of_acme(made: MemoryDynamoDB) -> list[str]:
    found = made.execute(
        "Query",
        {
            "TableName": NAME,
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "acme"}},
        },
    )
    return [item["sk"]["S"] for item in found["Items"]]


def tables(made: MemoryDynamoDB) -> dict[str, Table]:
    return made._tables  # noqa: SLF001 - as the stage of the crash sweep sets them


def test_writes_to_a_table_change_no_copy_of_it_in_rows_or_in_either_index() -> None:
    made = database()
    put(made, "1", "open")
    before = tables(made)[NAME].copy()

    put(made, "1", "closed")
    put(made, "2", "open")

    assert of_acme(made) == ["1", "2"]
    assert (in_state(made, "open"), in_state(made, "closed")) == (["2"], ["1"])
    tables(made)[NAME] = before
    assert of_acme(made) == ["1"]
    assert (in_state(made, "open"), in_state(made, "closed")) == (["1"], [])
    put(made, "3", "open")
    assert of_acme(made) == ["1", "3"]
    assert in_state(made, "open") == ["1", "3"]


def test_a_copy_can_be_read_as_it_was_some_writes_ago() -> None:
    made = database()
    put(made, "1", "open")
    put(made, "2", "open")
    tables(made)[NAME] = tables(made)[NAME].copy()

    made.stale_indexes = lambda: 1

    assert in_state(made, "open") == ["1"]
