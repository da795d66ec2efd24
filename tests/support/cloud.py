"""A set of tables, and the environment variables that make the functions use it."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from budget_monitor.config import Config
from tests.support.dynamodb.tables import Rows, create_tables, read_rows
from tests.support.environment import function_environment, limits

CACHE = "CACHE_URL"
"""Empty in the template without a cache. Tests that start a cache set it."""


class Cloud:
    """The project's tables under unique names. The environment variables name them."""

    def __init__(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Create the tables and set the functions' environment variables from the template."""
        self.client = client
        self.tables = create_tables(client)
        self._monkeypatch = monkeypatch
        self._processes = 0
        self.set_limits()

    def set_limits(
        self,
        execution: str | None = None,
        workflow: str | None = None,
        tenant: str | None = None,
        system: str | None = None,
        entry: str | None = None,
    ) -> None:
        """Deploy with other limits; what is not given has the template's default.

        Tests see the amounts of the system's gates, which the template hides from tenants.
        """
        chosen = limits(execution, workflow, tenant, system, entry) | {"ShowSystemAmounts": "true"}
        for name, value in function_environment(self.tables, **chosen).items():
            if name != CACHE or CACHE not in os.environ:
                self._monkeypatch.setenv(name, value)
        Config.from_environment.cache_clear()

    def start_another_process(self) -> None:
        """Clear the functions' caches, as if other instances answered from now on.

        Instances are cached by their settings, so this changes a setting that no test depends on.
        """
        self._processes += 1
        self._monkeypatch.setenv("MOST_HOLDS", str(1000 + self._processes))
        Config.from_environment.cache_clear()

    def rows(self) -> Rows:
        """Return all stored rows."""
        return read_rows(self.client, self.tables)

    def names(self) -> list[str]:
        """Return the tables' names, which no answer may contain."""
        return list(self.tables.values())

    def delete_tables(self) -> None:
        """Delete the tables, for emulators that tests share."""
        for name in self.names():
            with contextlib.suppress(self.client.exceptions.ClientError):
                self.client.delete_table(TableName=name)
