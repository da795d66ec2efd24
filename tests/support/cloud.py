"""One set of tables and the environment that leads the functions to it."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import pytest  # noqa: TC002 - as everywhere, types are imported for real

from tests.support.dynamodb.tables import Rows, create_tables, read_rows
from tests.support.environment import function_environment, limits

CACHE = "CACHE_URL"
"""Empty in the template without a cache; a test that starts one says where it is."""


class Cloud:
    """The project's tables under names of their own; the environment points at them."""

    def __init__(self, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Create the tables and set the variables that the template gives a function."""
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

    def start_another_process(self) -> None:
        """From here on the functions remember nothing: as if other instances of them answered.

        A deployment counts as another one by its settings, so one that no test comes near moves.
        """
        self._processes += 1
        self._monkeypatch.setenv("MOST_HOLDS", str(1000 + self._processes))

    def rows(self) -> Rows:
        """Everything that is stored."""
        return read_rows(self.client, self.tables)

    def names(self) -> list[str]:
        """The names of the tables, which no answer may show."""
        return list(self.tables.values())

    def delete_tables(self) -> None:
        """Leave nothing behind in a shared emulator."""
        for name in self.names():
            with contextlib.suppress(self.client.exceptions.ClientError):
                self.client.delete_table(TableName=name)
