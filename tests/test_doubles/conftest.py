"""The fixture of the tests of the in-memory DynamoDB."""

from __future__ import annotations

import pytest

from tests.support.memory import MemoryDynamoDB
from tests.support.memory.requests import one_table


@pytest.fixture
def database() -> MemoryDynamoDB:
    """One table with one index."""
    return one_table()
