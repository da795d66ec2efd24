"""Record which fields the handlers read, with the method of `Fields` and its limits."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from budget_monitor.entrypoints.door import direct, http
from budget_monitor.entrypoints.door.fields import Fields

Read = tuple[str, str, tuple[Any, ...], tuple[tuple[str, Any], ...]]
"""The method, the field's full name (without places in lists), and the method's limits."""

NO_READERS = {"path", "missing", "finish", "key_or", "gives", "is_given", "is_object"}
"""`key_or` reads by another reader."""
FIXED = {
    "tenant": "tenant_id",
    "optional_tenant": "tenant_id",
    "idempotency_key": "idempotency_key",
}
"""The readers of one field alone."""
READERS = [
    name
    for name, method in inspect.getmembers(Fields, inspect.isfunction)
    if not name.startswith("_") and name not in NO_READERS
]


class Reads:
    """The fields that were read, by operation."""

    def __init__(self) -> None:
        self.of: dict[str, set[Read]] = {}
        self._inside = False

    def note(self, fields: Any, reader: str, args: tuple[Any, ...], options: Any) -> None:
        """Record that an operation's handler read a field."""
        name, limits = (FIXED[reader], args) if reader in FIXED else (args[0], args[1:])
        full = fields.path_read + name
        said = {name: value for name, value in options.items() if name != "canonical"}
        read = (reader, full, limits, tuple(sorted(said.items())))
        self.of.setdefault(fields.operation_read, set()).add(read)

    def wrapped(self, reader: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return the reader with recording. Reads within a reader are not recorded."""

        def read(fields: Any, *args: Any, **options: Any) -> Any:
            if self._inside:
                return method(fields, *args, **options)
            self.note(fields, reader, args, options)
            self._inside = True
            try:
                found = method(fields, *args, **options)
            finally:
                self._inside = False
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, Fields):
                    name = f"{fields.path_read}{args[0]}."
                    vars(one).update(operation_read=fields.operation_read, path_read=name)
            return found

        return read


@contextmanager
def reads() -> Iterator[Reads]:
    """Record all reads within the block."""
    noted = Reads()
    with pytest.MonkeyPatch.context() as patch:
        for reader in READERS:
            patch.setattr(Fields, reader, noted.wrapped(reader, getattr(Fields, reader)))
        for door in (http, direct):
            patch.setattr(door, "route", _named(door.route))
        yield noted


def _named(route: Callable[..., Any]) -> Callable[..., Any]:
    def named(*args: Any) -> Any:
        operation, fields = route(*args)
        vars(fields).update(operation_read=operation.name, path_read="")
        return operation, fields

    return named
