"""One item of a write: its request, its condition and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.support.memory.errors import ConditionFailedError, ItemError, invalid, not_found
from tests.support.memory.expressions.programs import program, values_of
from tests.support.memory.tables import Key, Table
from tests.support.memory.values.values import Item, checked_item, is_over

ITEM_BYTES = 400 * 1024
_SIZE = "Item size {}has exceeded the maximum allowed size"

Tables = Mapping[str, Table]


class Write:
    """A Put, Update, Delete or ConditionCheck, parsed and validated.

    `fault` is a schema violation. Raises DynamoError for an invalid request.
    """

    def __init__(self, tables: Tables, kind: str, request: dict[str, Any]) -> None:
        self.kind = kind
        self.values = values_of(request)
        self.program = program(request, self.values)
        self._check_shape()
        self.given = checked_item(request["Item" if kind == "Put" else "Key"])
        if kind == "Put" and is_over(self.given, ITEM_BYTES):
            raise invalid(_SIZE.format(""))
        table = tables.get(request["TableName"])
        if table is None:
            raise not_found()
        self.table = table
        self.wants_old = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        self.key: Key = ()
        self.fault: ItemError | None = None
        try:
            self._check_schema()
        except ItemError as fault:
            self.fault = fault

    def _check_shape(self) -> None:
        if self.program.filter or self.program.keys or self.program.projection:
            raise AssertionError("a write has no filter, key condition or projection")
        if self.kind == "ConditionCheck" and self.program.condition is None:
            raise invalid("ConditionExpression must not be null")
        if self.program.update and self.kind != "Update":
            raise AssertionError(f"a {self.kind} has no UpdateExpression")

    def _check_schema(self) -> None:
        if self.kind == "Put":
            self.key = self.table.key_in(self.given)
            self.table.check_indexed(self.given)
            return
        self.key = self.table.key_of(self.given)
        if self.program.update:
            for name in self.table.key_names:
                if name in self.program.update.touched:
                    raise ItemError(
                        "One or more parameter values were invalid: Cannot update attribute "
                        f"{name}. This attribute is part of the key"
                    )

    @property
    def before(self) -> Item | None:
        """Return the current item."""
        return self.table.rows.get(self.key)

    def check_condition(self) -> None:
        """Raise ConditionFailedError if the condition fails."""
        before = self.before
        if self.program.condition and not self.program.condition(before or {}, self.values):
            raise ConditionFailedError(before if self.wants_old else None)

    def after(self) -> Item | None:
        """Return the item after the write. Raises ItemError if it is impossible."""
        before = self.before
        if self.kind == "Put":
            return self.given
        if self.kind == "ConditionCheck":
            return before
        if self.kind == "Delete":
            return None
        after = dict(before or self.given)
        update = self.program.update
        if update:
            after = update.applied(after, self.values)
            if is_over(after, ITEM_BYTES):
                raise ItemError(_SIZE.format("to update "))
            if not update.touched.isdisjoint(self.table.index_kinds):
                self.table.check_indexed(after, by_update=True)
        return after


Answer = dict[str, Any]
Single = Callable[[Tables, dict[str, Any], int], Answer]

_RETURNED = {
    "Put": ("NONE", "ALL_OLD"),
    "Delete": ("NONE", "ALL_OLD"),
    "Update": ("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"),
}


def single(kind: str) -> Single:
    """PutItem, UpdateItem or DeleteItem."""

    def write_one(tables: Tables, request: dict[str, Any], number: int) -> Answer:
        wanted = request.get("ReturnValues", "NONE")
        if wanted not in _RETURNED[kind]:
            raise invalid(f"ReturnValues can only be {' or '.join(_RETURNED[kind])}")
        write = Write(tables, kind, request)
        if write.fault:
            raise write.fault
        write.check_condition()
        before, after = write.before, write.after()
        write.table.put(write.key, after, number)
        return _returned(write, wanted, before, after)

    return write_one


def _returned(write: Write, wanted: str, before: Item | None, after: Item | None) -> Answer:
    if wanted == "NONE":
        return {}
    shown = (after if wanted.endswith("NEW") else before) or {}
    if wanted.startswith("UPDATED"):
        touched = write.program.update.touched if write.program.update else ()
        shown = {name: value for name, value in shown.items() if name in touched}
    return {"Attributes": shown} if shown else {}
