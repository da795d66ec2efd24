"""The project's tables in memory, for a process that measures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.cloud import CACHE
from tests.support.environment import CREDENTIALS
from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.fixture import NOWHERE, MemoryCloud


@contextmanager
def memory_cloud(database: MemoryDynamoDB | None = None, **variables: str) -> Iterator[MemoryCloud]:
    """Yield empty tables with the template's limits, and these environment variables.

    Every DynamoDB client of the process uses them until the block ends.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [one for one in os.environ if one.startswith("AWS_") or one == CACHE]:
            patch.delenv(name)
        for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": NOWHERE}.items():
            patch.setenv(name, value)
        used = database or MemoryDynamoDB()
        used.install(patch)
        cloud = MemoryCloud(used, patch)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield cloud
