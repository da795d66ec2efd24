"""Key conditions: the part of a table or index that a query reads."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.support.memory.errors import invalid
from tests.support.memory.expressions.reader import Operand, Reader, Values
from tests.support.memory.values.values import ORDERED, sortable

Within = Callable[[Any], bool]

_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_COMPARED = {"=": operator.eq, **_ORDER}


@dataclass(frozen=True)
class Clause:
    """One condition on one key attribute."""

    name: str
    operator: str
    operands: tuple[Operand, ...]

    def check(self, kind: str, values: Values) -> None:
        """Raise DynamoError if a value is empty or has not the key's type."""
        for one in self.operands:
            value = one.get({}, values)
            if value is None or kind not in value:
                raise invalid(
                    "One or more parameter values were invalid: "
                    "Condition parameter type does not match schema type"
                )
            if value[kind] == "":
                raise invalid(
                    "One or more parameter values are not valid. The AttributeValue for a key "
                    f"attribute cannot contain an empty string value. Key: {self.name}"
                )

    def within(self, values: Values) -> Within:
        """Return a test of whether a key's sortable value satisfies the condition."""
        sides = [sortable(value) for one in self.operands if (value := one.get({}, values))]
        if self.operator == "BETWEEN":
            return lambda key: bool(sides[0] <= key <= sides[1])
        if self.operator == "begins_with":
            return lambda key: bool(key.startswith(sides[0]))
        compare = _COMPARED[self.operator]
        return lambda key: bool(compare(key, sides[0]))


class KeyConditionReader(Reader):
    """Parses key conditions joined by AND."""

    slot = "KeyConditionExpression"

    def read(self) -> tuple[Clause, ...]:
        """Parse the whole expression."""
        clauses = self._clauses()
        self.end()
        names = [one.name for one in clauses]
        if len(set(names)) < len(names):
            raise self.wrong("KeyConditionExpressions must only contain one condition per key")
        return tuple(clauses)

    def _clauses(self) -> list[Clause]:
        clauses = self._one()
        while self.word("AND"):
            clauses += self._one()
        if self.peek()[0] == "name" and self.peek()[1].upper() in ("OR", "NOT", "IN"):
            raise self.wrong("Invalid operator used in KeyConditionExpression: OR")
        return clauses

    def _one(self) -> list[Clause]:
        if self.sign("("):
            inner = self._clauses()
            self.expect(")")
            return inner
        if self.function() == "begins_with":
            return [self._begins_with()]
        if self.function():
            raise self.wrong("Invalid operator used in KeyConditionExpression")
        name = self._key()
        if self.word("BETWEEN"):
            low = self._value("BETWEEN")
            if not self.word("AND"):
                raise self.unexpected()
            high = self._value("BETWEEN")
            self.checks.append(lambda values: self._bounds(low, high, values))
            return [Clause(name, "BETWEEN", (low, high))]
        sign = self.sign("=", *_ORDER)
        if sign is None:
            raise self.wrong("Invalid operator used in KeyConditionExpression")
        return [Clause(name, sign, (self._value(sign),))]

    def _begins_with(self) -> Clause:
        self.take("name")
        self.expect("(")
        name = self._key()
        self.expect(",")
        start = self.value()
        if start.kind not in ("S", "B"):
            raise self.wrong_kind("begins_with", str(start.kind))
        self.expect(")")
        return Clause(name, "begins_with", (start,))

    def _key(self) -> str:
        path = self.path()
        if len(path) > 1:
            raise self.wrong("KeyConditionExpressions cannot have conditions on nested attributes")
        return str(path[0])

    def _value(self, sign: str) -> Operand:
        value = self.value()
        if sign != "=" and value.kind not in ORDERED:
            raise self.wrong_kind(sign, str(value.kind))
        return value

    def _bounds(self, low: Operand, high: Operand, values: Values) -> None:
        least, most = low.get({}, values), high.get({}, values)
        if low.kind != high.kind or least is None or most is None:
            raise self.wrong("The BETWEEN operator requires the same type for both bounds")
        if sortable(least) > sortable(most):
            raise self.wrong(
                "The BETWEEN operator requires upper bound to be greater than or equal to lower "
                "bound"
            )
