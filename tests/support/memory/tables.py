"""Tables and their indexes: rows, keys and index contents."""

from __future__ import annotations

import copy
from typing import Any

from tests.support.memory.errors import DynamoError, ItemError, invalid
from tests.support.memory.indexes import Index
from tests.support.memory.values.values import Item, Value, encoded, size_of

Key = tuple[str, ...]

HASH_BYTES, RANGE_BYTES = 2048, 1024
NO_MATCH = "The provided key element does not match the schema"
_WRONG = "One or more parameter values were invalid: "
_NOT_VALID = "One or more parameter values are not valid. "


class Table:
    """One table. Its items are replaced, never modified."""

    def __init__(self, definition: dict[str, Any]) -> None:
        self.definition = definition
        self.name: str = definition["TableName"]
        kinds = {
            one["AttributeName"]: one["AttributeType"] for one in definition["AttributeDefinitions"]
        }
        self.key_names = _names_of(definition["KeySchema"])
        self.keys = [(name, kinds[name]) for name in self.key_names]
        self.rows: dict[Key, Item] = {}
        self.indexes: dict[str, Index] = {}
        for one in definition.get("GlobalSecondaryIndexes") or []:
            names = _names_of(one["KeySchema"])
            keys = [(name, kinds[name]) for name in names]
            self.indexes[one["IndexName"]] = Index(one, keys, self.key_names)
        whole = {"IndexName": "", "Projection": {"ProjectionType": "ALL"}}
        self.by_key = Index(whole, self.keys, self.key_names)
        self._keep_indexes()
        self.index_kinds = {key: kind for index in self._kept for key, kind in index.keys}

    def _keep_indexes(self) -> None:
        """List the indexes to update per write. Tables without a range key need only their rows."""
        self._kept = list(self.indexes.values()) + ([self.by_key] if len(self.keys) > 1 else [])

    def copy(self) -> Table:
        """Return an independent copy of the table; the items are shared."""
        other = copy.copy(self)
        other.rows = dict(self.rows)
        other.indexes = {name: index.copy() for name, index in self.indexes.items()}
        other.by_key = self.by_key.copy()
        other._keep_indexes()  # noqa: SLF001 - another Table
        return other

    def key_of(self, key: Any) -> Key:
        """Return a request's key. Raises ItemError if attributes are missing or extra."""
        if not isinstance(key, dict) or len(key) != len(self.keys):
            raise ItemError(NO_MATCH)
        found = []
        for name, kind in self.keys:
            value = key.get(name)
            if value is None or kind not in value:
                raise ItemError(NO_MATCH)
            found.append(value[kind])
        self._check_key(found)
        return tuple(found)

    def key_in(self, item: Item) -> Key:
        """Return the key of a whole item. Raises ItemError if it is invalid."""
        found = []
        for name, kind in self.keys:
            value = item.get(name)
            if value is None:
                raise ItemError(_WRONG + f"Missing the key {name} in the item")
            if kind not in value:
                actual = next(iter(value))
                raise ItemError(
                    _WRONG + f"Type mismatch for key {name} expected: {kind} actual: {actual}"
                )
            found.append(value[kind])
        self._check_key(found)
        return tuple(found)

    def _check_key(self, key: list[str]) -> None:
        limits = (HASH_BYTES, RANGE_BYTES)
        for (name, kind), text, most in zip(self.keys, key, limits, strict=False):
            if not text:
                what = "binary" if kind == "B" else "string"
                raise invalid(
                    f"{_NOT_VALID}The AttributeValue for a key attribute cannot contain an empty "
                    f"{what} value. Key: {name}"
                )
            if len(text) * 4 > most and _bytes(kind, text) > most:
                which = "hash" if most == HASH_BYTES else "range"
                raise ItemError(
                    f"{_WRONG}Size of {which}key has exceeded the maximum size limit of {most} "
                    "bytes"
                )

    def check_indexed(self, item: Item, *, by_update: bool = False) -> None:
        """Raise ItemError if an attribute is not valid as an index key."""
        for index in self._kept:
            for position, (name, kind) in enumerate(index.keys):
                value = item.get(name)
                if value is not None:
                    _check_index_key(index.name, name, kind, value, by_update=by_update)
                    most = RANGE_BYTES if position else HASH_BYTES
                    if len(value[kind]) * 4 > most and size_of(value) > most:
                        raise ItemError(f"{_WRONG}Size of {name} has exceeded {most} bytes")

    def put(self, key: Key, item: Item | None, write: int) -> None:
        """Replace or delete the item, as the write with this number."""
        before = self.rows.get(key)
        if item is None:
            self.rows.pop(key, None)
        else:
            self.rows[key] = item
        for index in self._kept:
            index.move(key, before, item, write)

    def fill(self, items: list[Item], write: int) -> None:
        """Put many valid items. The indexes show new ones as if they had been there for long."""
        rows = dict[Key, Item]()
        for item in items:
            key = self.key_in(item)
            if key in self.rows:
                self.put(key, item, write)
            else:
                rows[key] = item
        self.rows |= rows
        for index in self._kept:
            index.fill(rows)


def _names_of(schema: list[dict[str, str]]) -> list[str]:
    ordered = sorted(schema, key=lambda one: one["KeyType"] != "HASH")
    return [one["AttributeName"] for one in ordered]


def _bytes(kind: str, text: str) -> int:
    return size_of({kind: text}) if kind != "S" else len(encoded(text))


def _check_index_key(index: str, name: str, kind: str, value: Value, *, by_update: bool) -> None:
    if kind not in value:
        actual = next(iter(value))
        raise ItemError(
            f"{_WRONG}Type mismatch for Index Key {name} Expected: {kind} Actual: {actual} "
            f"IndexName: {index}"
        )
    if not value[kind]:
        raise _empty_index_key(index, name, kind, by_update=by_update)


def _empty_index_key(index: str, name: str, kind: str, *, by_update: bool) -> DynamoError:
    what = "binary" if kind == "B" else "string"
    empty = f"The AttributeValue for a key attribute cannot contain an empty {what} value."
    if by_update:
        return invalid(
            f"{_NOT_VALID}The update expression attempted to update a secondary index key to a "
            f"value that is not supported. {empty}"
        )
    return invalid(
        f"{_NOT_VALID}A value specified for a secondary index key is not supported. {empty} "
        f"IndexName: {index}, IndexKey: {name}"
    )
