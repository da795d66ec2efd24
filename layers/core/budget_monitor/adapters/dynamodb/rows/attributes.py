"""Exact attribute types, and binding of row classes to tables."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from types import new_class
from typing import Any, TypeVar

from pynamodb.attributes import Attribute, JSONAttribute
from pynamodb.connection import Connection
from pynamodb.constants import NUMBER, STRING
from pynamodb.exceptions import AttributeDeserializationError
from pynamodb.models import Model

from budget_monitor.domain.accounting.accounts import AccountKey, WorkflowTerms
from budget_monitor.domain.accounting.stripes import Level
from budget_monitor.domain.periods import parse_instant


class ExactAttribute(Attribute[Decimal]):
    """A DynamoDB number as an exact Decimal; pynamodb's own type uses float."""

    attr_type = NUMBER

    def serialize(self, value: Decimal) -> str:
        """Return digits without exponent. Raises TypeError unless it is a finite Decimal."""
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"not an exact number: {value!r}")
        return format(value, "f")

    def deserialize(self, value: str) -> Decimal:
        """Return the exact number."""
        return Decimal(value)


class CountAttribute(Attribute[int]):
    """A whole number."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """Return the digits."""
        return str(int(value))

    def deserialize(self, value: str) -> int:
        """Return the whole number."""
        return int(Decimal(value))


ROW_VERSION = 1
"""Version of the format of rows in this code. A row without a version has version 1.

Code that gives a row another meaning writes a higher version. Then instances of this code that
still run beside it refuse the row instead of misreading it.
"""


class RowVersionAttribute(CountAttribute):
    """The version of a row's form; a newer one than this code knows is a damaged row."""

    def deserialize(self, value: str) -> int:
        """Return the version. Raises AttributeDeserializationError for a newer one."""
        found = super().deserialize(value)
        if found > ROW_VERSION:
            raise AttributeDeserializationError("row_version", NUMBER)
        return found


class TermsAttribute(Attribute[WorkflowTerms]):
    """Workflow terms as text."""

    attr_type = STRING

    def serialize(self, value: WorkflowTerms) -> str:
        """Return the terms as text."""
        return str(value)

    def deserialize(self, value: str) -> WorkflowTerms:
        """Return the terms. Raises AttributeDeserializationError."""
        try:
            return WorkflowTerms.parse(value)
        except (ValueError, ArithmeticError) as fault:
            raise AttributeDeserializationError("terms", STRING) from fault


class LevelAttribute(Attribute[str]):
    """Level of an account's rows, as text."""

    attr_type = STRING

    def deserialize(self, value: str) -> str:
        """Return the level's text. Raises AttributeDeserializationError if it is damaged."""
        try:
            return str(Level.parse(value))
        except (ValueError, ArithmeticError) as fault:
            raise AttributeDeserializationError("level", STRING) from fault


class AccountsAttribute(Attribute[tuple[AccountKey, ...]]):
    """Keys of accounts as a JSON list."""

    attr_type = STRING

    def serialize(self, value: tuple[AccountKey, ...]) -> str:
        """Return the keys as text."""
        return json.dumps([str(account) for account in value], ensure_ascii=False)

    def deserialize(self, value: str) -> tuple[AccountKey, ...]:
        """Return the keys. Raises AttributeDeserializationError."""
        try:
            return tuple(AccountKey.parse(name) for name in json.loads(value))
        except (ValueError, TypeError, AttributeError) as fault:
            raise AttributeDeserializationError("accounts", STRING) from fault


_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class DocumentAttribute(JSONAttribute):
    """JSON as UTF-8 text. pynamodb's own escapes characters, up to 12 bytes for one."""

    def serialize(self, value: object) -> str:
        """Return the document as text."""
        return _COMPACT.encode(value)


def stored_instant(text: str) -> datetime:
    """Return the instant of a stored text."""
    return parse_instant(text, "stored instant")


def item_of(row: type[Model], values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a row with these attributes as DynamoDB takes it; None: the attribute is absent.

    A row object of pynamodb would take five times as long.
    """
    kinds = row.get_attributes()
    return {
        name: {kinds[name].attr_type: kinds[name].serialize(value)}
        for name, value in values.items()
        if value is not None
    }


R = TypeVar("R", bound=Model)


def bind(row: type[R], table: str, connection: Connection) -> type[R]:
    """Return a copy of the row class for this table, on the shared connection."""
    meta = type("Meta", (), {"table_name": table, "region": connection.region})
    namespace = {"Meta": meta, "__module__": row.__module__}
    bound: type[R] = new_class(row.__name__, (row,), exec_body=lambda body: body.update(namespace))
    own = bound._get_connection()  # noqa: SLF001 - there is no public method
    with suppress(ValueError):  # two row classes share a table and have the same keys
        connection.add_meta_table(own.get_meta_table())
    own.connection = connection
    return bound
