"""Short forms of requests to one table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.errors import DynamoError

KEY = {"pk": {"S": "row"}}
INVALID, CANCELLED = "ValidationException", "TransactionCanceledException"


def one_table() -> MemoryDynamoDB:
    """Create one table with one index."""
    database = MemoryDynamoDB()
    names = ("pk", "list", "place")
    database.create_table(
        TableName="rows",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_list",
                "KeySchema": [
                    {"AttributeName": "list", "KeyType": "HASH"},
                    {"AttributeName": "place", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return database


def put(database: MemoryDynamoDB, pk: str = "row", **attributes: Any) -> None:
    """Store an item."""
    item = {"pk": {"S": pk}, **attributes}
    database.execute("PutItem", {"TableName": "rows", "Item": item})


def update(expression: str, key: Any = None, **values: Any) -> dict[str, Any]:
    """Return an Update of the test row, for a transaction."""
    item = {"TableName": "rows", "Key": key or KEY, "UpdateExpression": expression}
    if values:
        item["ExpressionAttributeValues"] = {f":{name}": one for name, one in values.items()}
    return {"Update": item}


def transact(database: MemoryDynamoDB, *items: Any, under: str | None = None) -> list[str]:
    """Execute a transaction. Return its cancellation reasons; empty on success."""
    request = {"TransactItems": list(items)} | ({"ClientRequestToken": under} if under else {})
    try:
        database.execute("TransactWriteItems", request)
    except DynamoError as error:
        if error.code != CANCELLED:
            raise
        return [reason["Code"] for reason in error.extra["CancellationReasons"]]
    return []


def refusal(database: MemoryDynamoDB, *items: Any) -> str:
    """Return the error code of the refused request."""
    with pytest.raises(DynamoError) as caught:
        transact(database, *items)
    return caught.value.code


def holds(database: MemoryDynamoDB, condition: str, **values: Any) -> bool:
    """True if the condition holds for the test row."""
    item: dict[str, Any] = {"TableName": "rows", "Key": KEY, "ConditionExpression": condition}
    if values:
        item["ExpressionAttributeValues"] = {f":{name}": one for name, one in values.items()}
    return not transact(database, {"ConditionCheck": item})


def row(database: MemoryDynamoDB) -> dict[str, Any]:
    """Return the test row."""
    (found,) = database.rows("rows")
    return found


def plain(value: Any) -> Any:
    """Return the answer without unordered parts."""
    if isinstance(value, dict):
        return {name: _plain(name, inner) for name, inner in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def _plain(name: str, inner: Any) -> Any:
    if name in ("SS", "NS", "BS"):
        return sorted(inner)
    # ministack keeps the text of a sum as Python writes it; that ours is right is tested apart
    return Decimal(inner) if name == "N" and isinstance(inner, str) else plain(inner)
