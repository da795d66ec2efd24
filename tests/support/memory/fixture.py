"""`memory_cloud`: the project's tables in a database of the test's own, in this process.

Import the fixture to use it. A module whose tests shall all run on it also overrides `cloud`:

    from tests.support.memory.fixture import memory_cloud

    @pytest.fixture
    def cloud(memory_cloud): return memory_cloud
"""

from __future__ import annotations

import pytest

from tests.support.cloud import Cloud
from tests.support.dynamodb.tables import Rows
from tests.support.memory.database import MemoryDynamoDB

NOWHERE = "http://memory.invalid"
"""Endpoint of requests that the database does not answer: it does not exist."""


class MemoryCloud(Cloud):
    """The interface of Cloud on a MemoryDynamoDB, its `database`."""

    def __init__(self, database: MemoryDynamoDB, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = database
        super().__init__(database, monkeypatch)

    def rows(self) -> Rows:
        """Return all stored rows."""
        return {
            logical_id: sorted(self.database.rows(name), key=repr)
            for logical_id, name in self.tables.items()
        }

    def delete_tables(self) -> None:
        """Delete all tables."""
        for name in self.names():
            self.database.delete_table(TableName=name)


@pytest.fixture
def memory_cloud(
    botocore_set_up_once: None, clean_environment: None, monkeypatch: pytest.MonkeyPatch
) -> MemoryCloud:
    """The project's tables, empty, in memory. Every DynamoDB client of the process uses them."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    database = MemoryDynamoDB()
    database.install(monkeypatch)
    return MemoryCloud(database, monkeypatch)
