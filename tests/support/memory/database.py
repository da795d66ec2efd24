"""The database: tables, one lock, and all operations by name."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support.memory import reads, wire
from tests.support.memory.errors import DynamoError, not_found
from tests.support.memory.knobs import Injection, Lag, fresh, never
from tests.support.memory.queries import Reading, query
from tests.support.memory.tables import Table
from tests.support.memory.transactions import (
    REASONS,
    Tokens,
    injected_error,
    prepared,
    read_writes,
)
from tests.support.memory.values.values import Item, outward_item
from tests.support.memory.writes import Answer, single

FORBIDDEN = {
    "Scan",
    "BatchWriteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "BatchExecuteStatement",
}


class MemoryDynamoDB:
    """A strict DynamoDB in this process; see the package's docstring for its use."""

    def __init__(self, *, now: Callable[[], float] = time.time) -> None:
        self.now = now
        self.conflicts: Injection = never
        self.read_conflicts: Injection = never
        self.stale_indexes: Lag = fresh
        self.page_size: int | None = None
        self.forbidden = set(FORBIDDEN)
        self.calls: Counter[str] = Counter()
        self.writes = 0
        self._tables: dict[str, Table] = {}
        self._tokens = Tokens()
        self._lock = threading.RLock()
        self._chance = random.Random(0)  # noqa: S311 - a test's
        self._operations: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "TransactWriteItems": self._transact_write_items,
            "TransactGetItems": self._transact_get_items,
            "GetItem": lambda request: reads.get_item(self._tables, request),
            "BatchGetItem": self._batch_get_item,
            "Query": self._query,
            "PutItem": lambda request: self._write("Put", request),
            "UpdateItem": lambda request: self._write("Update", request),
            "DeleteItem": lambda request: self._write("Delete", request),
            "CreateTable": lambda request: self.create_table(**request),
            "DeleteTable": lambda request: self.delete_table(**request),
            "DescribeTable": self._describe_table,
        }

    def create_table(self, **definition: Any) -> Answer:
        """Create a table, with the parameters of boto3's client."""
        with self._lock:
            if definition["TableName"] in self._tables:
                raise DynamoError("ResourceInUseException", "Table already exists")
            table = Table(definition)
            self._tables[table.name] = table
            return {"TableDescription": self._description(table)}

    def delete_table(self, TableName: str) -> Answer:  # noqa: N803 - as boto3 names it
        """Delete a table and its items."""
        with self._lock:
            table = self._tables.pop(TableName, None)
            if table is None:
                raise not_found()
            return {"TableDescription": self._description(table)}

    def rows(self, table: str) -> list[Item]:
        """Return all items of the table in a fixed order."""
        with self._lock:
            found = [outward_item(item) for item in self._tables[table].rows.values()]
        return sorted(found, key=repr)

    def update_item(self, **request: Any) -> Answer:
        """Change a row directly, with the parameters of boto3's client."""
        with self._lock:
            return self._write("Update", request)

    def put_rows(self, table: str, items: list[Item]) -> None:
        """Put valid items without the cost of requests: for tests with many rows."""
        with self._lock:
            self.writes += 1
            self._tables[table].fill(items, self.writes)

    def execute(self, operation: str, request: dict[str, Any]) -> Answer:
        """Return the answer to one request. It shares items with the store. Raises DynamoError."""
        with self._lock:
            self.calls[operation] += 1
            if operation in self.forbidden:
                raise AssertionError(f"{operation} is forbidden by design")
            if operation not in self._operations:
                raise AssertionError(f"{operation} is not modelled")
            return self._operations[operation](request)

    def install(self, monkeypatch: pytest.MonkeyPatch, endpoint: str | None = None) -> None:
        """Answer all DynamoDB requests of this process, or only those to the endpoint."""
        wire.install(self, monkeypatch, endpoint)

    @contextmanager
    def installed(self, endpoint: str | None = None) -> Iterator[MemoryDynamoDB]:
        """Install the database for the duration of the block."""
        with pytest.MonkeyPatch.context() as patch:
            self.install(patch, endpoint)
            yield self

    def _transact_write_items(self, request: dict[str, Any]) -> Answer:
        token, now = request.get("ClientRequestToken"), self.now()
        writes = read_writes(self._tables, request)
        content = request["TransactItems"]
        if self._tokens.is_replay(token, content, now):
            return {}
        results = prepared(writes, self.conflicts(), self._chance.randrange)
        self.writes += 1
        for write, after in zip(writes, results, strict=True):
            if write.kind != "ConditionCheck":
                write.table.put(write.key, after, self.writes)
        self._tokens.keep(token, content, now)
        return {}

    def _transact_get_items(self, request: dict[str, Any]) -> Answer:
        injected = self.read_conflicts()
        if injected in REASONS:
            reasons = [{"Code": injected}] + [{"Code": "None"}] * (
                len(request["TransactItems"]) - 1
            )
            raise DynamoError("TransactionCanceledException", injected, CancellationReasons=reasons)
        if injected:
            raise injected_error(injected)
        return reads.transact_get_items(self._tables, request)

    def _batch_get_item(self, request: dict[str, Any]) -> Answer:
        return reads.batch_get_item(self._tables, request, self.page_size)

    def _query(self, request: dict[str, Any]) -> Answer:
        lag = self.stale_indexes() if "IndexName" in request else 0
        return query(self._tables, request, Reading(self.writes - lag, self.page_size))

    def _write(self, kind: str, request: dict[str, Any]) -> Answer:
        self.writes += 1
        return single(kind)(self._tables, request, self.writes)

    def _describe_table(self, request: dict[str, Any]) -> Answer:
        table = self._tables.get(request["TableName"])
        if table is None:
            raise not_found()
        return {"Table": self._description(table)}

    @staticmethod
    def _description(table: Table) -> Answer:
        indexes = table.definition.get("GlobalSecondaryIndexes") or []
        return {
            **table.definition,
            "TableStatus": "ACTIVE",
            "ItemCount": len(table.rows),
            "GlobalSecondaryIndexes": [{**one, "IndexStatus": "ACTIVE"} for one in indexes],
        }
