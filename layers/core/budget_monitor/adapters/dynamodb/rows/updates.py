"""Update expressions as DynamoDB takes them; pynamodb takes several times as long for them."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from pynamodb.constants import NUMBER, STRING

from budget_monitor.adapters.dynamodb.rows.attributes import ExactAttribute

_EXACT = ExactAttribute()


class Update:
    """An update expression and its condition, part by part.

    Every name has a placeholder: some of them are DynamoDB's reserved words.
    """

    def __init__(self) -> None:
        self._clauses = defaultdict[str, list[str]](list)
        self._conditions = list[str]()
        self._names = dict[str, str]()
        self._values = dict[str, dict[str, str]]()

    def add(self, name: str, change: Decimal | int) -> None:
        """Add to a number."""
        self._clauses["ADD"].append(f"{self._name(name)} {self._value(change)}")

    def set(self, name: str, value: str | int) -> None:
        """Set an attribute."""
        self._clauses["SET"].append(f"{self._name(name)} = {self._value(value)}")

    def set_once(self, name: str, value: str) -> None:
        """Set an attribute that has no value."""
        place = self._name(name)
        self._clauses["SET"].append(f"{place} = if_not_exists ({place}, {self._value(value)})")

    def remove(self, name: str) -> None:
        """Remove an attribute."""
        self._clauses["REMOVE"].append(self._name(name))

    def expect(
        self, name: str, comparison: str, value: Decimal | str | int, *, or_none: bool = False
    ) -> None:
        """Write only if the attribute compares so; `or_none`: or if it has no value."""
        place = self._name(name)
        same = f"{place} {comparison} {self._value(value)}"
        none = f"attribute_not_exists ({place}) OR "
        self._conditions.append(f"({none if or_none else ''}{same})")

    def expect_none(self, *names: str, unless: tuple[str, str] | None = None) -> None:
        """Write only if none of them has a value, `unless` this one equals this text."""
        none = " AND ".join(f"attribute_not_exists ({self._name(name)})" for name in names)
        if unless is None:
            self._conditions.append(f"({none})")
        else:
            name, value = unless
            same = f"{self._name(name)} = {self._value(value)}"
            self._conditions.append(f"({same} OR ({none}))")

    @property
    def is_empty(self) -> bool:
        """True if it changes nothing; DynamoDB refuses such an update."""
        return not self._clauses

    def of(self, table: str, pk: str) -> dict[str, Any]:
        """Return the item of a TransactWriteItems that updates this row."""
        return {"TableName": table, "Key": {"pk": {STRING: pk}}, **self._parts()}

    def _parts(self) -> dict[str, Any]:
        clauses = (f"{verb} {', '.join(them)}" for verb, them in self._clauses.items())
        found: dict[str, Any] = {
            "UpdateExpression": " ".join(clauses),
            "ExpressionAttributeNames": self._names,
        }
        if self._values:
            found["ExpressionAttributeValues"] = self._values
        if self._conditions:
            found["ConditionExpression"] = " AND ".join(self._conditions)
        return found

    def _name(self, name: str) -> str:
        place = f"#{name}"
        self._names[place] = name
        return place

    def _value(self, value: Decimal | str | int) -> str:
        place = f":{len(self._values)}"
        if isinstance(value, str):
            self._values[place] = {STRING: value}
        else:
            digits = str(value) if isinstance(value, int) else _EXACT.serialize(value)
            self._values[place] = {NUMBER: digits}
        return place
