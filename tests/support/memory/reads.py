"""Reads by key: one item, many items, or many items in a transaction."""

from __future__ import annotations

from typing import Any

from tests.support.memory.errors import DynamoError, ItemError, cancelled, invalid, not_found
from tests.support.memory.expressions.programs import Program, program
from tests.support.memory.tables import Key, Table
from tests.support.memory.transactions import MAX_BYTES, MAX_ITEMS, check_apart
from tests.support.memory.values.values import Item, checked_item, item_size, most_size
from tests.support.memory.writes import Answer, Tables

MAX_KEYS = 100
BATCH_BYTES = 16 * 1024 * 1024
_TOO_MANY = "Too many items requested for the BatchGetItem call"


def table_of(tables: Tables, name: str) -> Table:
    """Return the table. Raises DynamoError if it does not exist."""
    found = tables.get(name)
    if found is None:
        raise not_found()
    return found


def _program(request: dict[str, Any]) -> Program:
    read = program(request, {})
    if read.condition or read.update or read.keys or read.filter:
        raise AssertionError("a read by key has a projection at most")
    return read


def _shown(read: Program, item: Item) -> Item:
    return read.projection.of(item) if read.projection else item


def get_item(tables: Tables, request: dict[str, Any]) -> Answer:
    """GetItem."""
    read = _program(request)
    key = checked_item(request["Key"])
    table = table_of(tables, request["TableName"])
    item = table.rows.get(table.key_of(key))
    return {} if item is None else {"Item": _shown(read, item)}


def transact_get_items(tables: Tables, request: dict[str, Any]) -> Answer:
    """TransactGetItems."""
    asked = request.get("TransactItems") or []
    if not 1 <= len(asked) <= MAX_ITEMS:
        raise invalid(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            "Member must have length between 1 and 100"
        )
    reads = [_read(tables, one["Get"]) for one in asked]
    if any(isinstance(key, ItemError) for _, _, key in reads):
        raise cancelled([_reason(key) for _, _, key in reads])
    check_apart([(table, key) for _, table, key in reads if isinstance(key, tuple)])
    found = [table.rows.get(key) for _, table, key in reads if isinstance(key, tuple)]
    read_items = [item for item in found if item]
    if sum(map(most_size, read_items)) > MAX_BYTES < sum(map(item_size, read_items)):
        raise cancelled([_reason(ItemError("the transaction exceeds 4 MB"))] * len(found))
    return {
        "Responses": [
            {} if item is None else {"Item": _shown(read, item)}
            for (read, _, _), item in zip(reads, found, strict=True)
        ]
    }


def _read(tables: Tables, asked: dict[str, Any]) -> tuple[Program, Table, Key | ItemError]:
    read = _program(asked)
    key = checked_item(asked["Key"])
    table = table_of(tables, asked["TableName"])
    try:
        return read, table, table.key_of(key)
    except ItemError as fault:
        return read, table, fault


def _reason(fault: object) -> dict[str, Any]:
    if isinstance(fault, DynamoError):
        return {"Code": "ValidationError", "Message": fault.message}
    return {"Code": "None"}


def batch_get_item(tables: Tables, request: dict[str, Any], page_size: int | None) -> Answer:
    """BatchGetItem: at most `page_size` keys are read, the others are returned as unprocessed.

    Items are returned in reverse key order, because DynamoDB guarantees no order.
    """
    asked = request.get("RequestItems") or {}
    if not asked or any(not one.get("Keys") for one in asked.values()):
        raise invalid("1 validation error detected: requestItems must not be empty")
    if sum(len(one["Keys"]) for one in asked.values()) > MAX_KEYS:
        raise invalid(_TOO_MANY)
    budget = _Budget(page_size or MAX_KEYS)
    answer: Answer = {"Responses": {}, "UnprocessedKeys": {}}
    for name, one in asked.items():
        items, left = _batch_of(table_of(tables, name), one, budget)
        answer["Responses"][name] = items[::-1]
        if left:
            answer["UnprocessedKeys"][name] = {**one, "Keys": left}
    return answer


class _Budget:
    """The remaining size of one answer."""

    def __init__(self, keys: int) -> None:
        self._keys, self._most = keys, 0
        self._taken: list[Item] = []

    def take(self, item: Item | None) -> bool:
        """Count the item and return True if it fits."""
        if self._keys < 1:
            return False
        if item:
            most = self._most + most_size(item)
            if most > BATCH_BYTES < sum(map(item_size, [*self._taken, item])):
                return False
            self._most = most
            self._taken.append(item)
        self._keys -= 1
        return True


def _batch_of(
    table: Table, asked: dict[str, Any], budget: _Budget
) -> tuple[list[Item], list[Item]]:
    read = _program({name: value for name, value in asked.items() if name != "Keys"})
    keys = [table.key_of(checked_item(key)) for key in asked["Keys"]]
    if len(set(keys)) < len(keys):
        raise invalid("Provided list of item keys contains duplicates")
    items: list[Item] = []
    for position, key in enumerate(keys):
        item = table.rows.get(key)
        if not budget.take(item):
            return items, asked["Keys"][position:]
        if item is not None:
            items.append(_shown(read, item))
    return items, []
