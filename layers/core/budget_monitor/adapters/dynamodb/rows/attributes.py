"""Exact attributes, and rows bound to their tables."""

import json
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from types import new_class
from typing import TypeVar

from pynamodb.attributes import Attribute, JSONAttribute
from pynamodb.connection import Connection
from pynamodb.constants import NUMBER, STRING
from pynamodb.exceptions import AttributeDeserializationError
from pynamodb.models import Model

from budget_monitor.domain.accounting.accounts import AccountKey, WorkflowTerms
from budget_monitor.domain.accounting.stripes import Level
from budget_monitor.domain.periods import parse_instant


class ExactAttribute(Attribute[Decimal]):
    """A DynamoDB number that stays the decimal that it is; pynamodb's own goes through float."""

    attr_type = NUMBER

    def serialize(self, value: Decimal) -> str:
        """Digits without exponent. Raises TypeError for anything but a finite Decimal."""
        if not isinstance(value, Decimal) or not value.is_finite():
            raise TypeError(f"not an exact number: {value!r}")
        return format(value, "f")

    def deserialize(self, value: str) -> Decimal:
        """The number, to the last digit."""
        return Decimal(value)


class CountAttribute(Attribute[int]):
    """A whole number."""

    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        """Digits."""
        return str(int(value))

    def deserialize(self, value: str) -> int:
        """The whole number."""
        return int(Decimal(value))


class TermsAttribute(Attribute[WorkflowTerms]):
    """What people decided about a run, as text."""

    attr_type = STRING

    def serialize(self, value: WorkflowTerms) -> str:
        """The terms' text."""
        return str(value)

    def deserialize(self, value: str) -> WorkflowTerms:
        """The terms. Raises AttributeDeserializationError."""
        try:
            return WorkflowTerms.parse(value)
        except (ValueError, ArithmeticError) as fault:
            raise AttributeDeserializationError("terms", STRING) from fault


class LevelAttribute(Attribute[str]):
    """What the rows of an account agree on, as text."""

    attr_type = STRING

    def deserialize(self, value: str) -> str:
        """The level's text. Raises AttributeDeserializationError for what is no level."""
        try:
            return str(Level.parse(value))
        except (ValueError, ArithmeticError) as fault:
            raise AttributeDeserializationError("level", STRING) from fault


class AccountsAttribute(Attribute[tuple[AccountKey, ...]]):
    """Names of accounts, as a list in JSON."""

    attr_type = STRING

    def serialize(self, value: tuple[AccountKey, ...]) -> str:
        """The names' text."""
        return json.dumps([str(account) for account in value], ensure_ascii=False)

    def deserialize(self, value: str) -> tuple[AccountKey, ...]:
        """The names. Raises AttributeDeserializationError."""
        try:
            return tuple(AccountKey.parse(name) for name in json.loads(value))
        except (ValueError, TypeError, AttributeError) as fault:
            raise AttributeDeserializationError("accounts", STRING) from fault


class DocumentAttribute(JSONAttribute):
    """A JSON document as text, each character once; pynamodb's own makes twelve bytes of some."""

    def serialize(self, value: object) -> str:
        """The document's text."""
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def stored_instant(text: str) -> datetime:
    """An instant that a row keeps."""
    return parse_instant(text, "stored instant")


R = TypeVar("R", bound=Model)


def bind(row: type[R], table: str, connection: Connection) -> type[R]:
    """A row class of its own for this table, over a connection that all tables share."""
    meta = type("Meta", (), {"table_name": table, "region": connection.region})
    namespace = {"Meta": meta, "__module__": row.__module__}
    bound: type[R] = new_class(row.__name__, (row,), exec_body=lambda body: body.update(namespace))
    own = bound._get_connection()  # noqa: SLF001 - it has no public name
    with suppress(ValueError):  # two kinds of rows share a table, whose keys are the same
        connection.add_meta_table(own.get_meta_table())
    own.connection = connection
    return bound
