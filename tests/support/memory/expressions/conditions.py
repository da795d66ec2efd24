"""Compile conditions and filters to functions of an item and the request's values."""

from __future__ import annotations

import operator
from collections.abc import Callable

from tests.support.memory.expressions import predicates
from tests.support.memory.expressions.predicates import Test
from tests.support.memory.expressions.reader import (
    Getter,
    Operand,
    Placeholders,
    Reader,
    Values,
    getter,
    shown,
)
from tests.support.memory.values.values import KINDS, ORDERED, Item, sortable

_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_MAX_IN = 100


class ConditionReader(Reader):
    """Parses AND, OR, NOT, parentheses, comparisons, BETWEEN, IN and functions."""

    def __init__(self, text: str, placeholders: Placeholders) -> None:
        super().__init__(text, placeholders)
        self._closed = (0, 0)

    def read(self) -> Test:
        """Parse the whole expression."""
        test = self._any()
        self.end()
        return test

    def _any(self) -> Test:
        test = self._all()
        while self.word("OR"):
            test = predicates.either(test, self._all())
        return test

    def _all(self) -> Test:
        test = self._not()
        while self.word("AND"):
            test = predicates.both(test, self._not())
        return test

    def _not(self) -> Test:
        if not self.word("NOT"):
            return self._one()
        inner = self._not()
        return lambda item, values: not inner(item, values)

    def _one(self) -> Test:
        opened = self.at
        if self.sign("("):
            test = self._any()
            self.expect(")")
            if self._closed == (opened + 1, self.at - 1):
                raise self.wrong("The expression has redundant parentheses;")
            self._closed = (opened, self.at)
            return test
        name = self.function()
        if name and name != "size":
            return self._call(name)
        return self._comparison()

    def _comparison(self) -> Test:
        left = self._operand()
        sign = self.sign("=", "<>", *_ORDER)
        if sign:
            right = self._operand()
            self._distinct(sign, left, right)
            return self._compared(sign, left, right)
        if self.word("BETWEEN"):
            return self._between(left)
        if self.word("IN"):
            return self._one_of(left)
        raise self.unexpected()

    def _compared(self, sign: str, left: Operand, right: Operand) -> Test:
        if sign == "=":
            return predicates.equal(left.get, right.get)
        if sign == "<>":
            return lambda item, values: left.get(item, values) != right.get(item, values)
        self._orderable(sign, left, right)
        return predicates.ordered(_ORDER[sign], left.get, right.get)

    def _between(self, left: Operand) -> Test:
        low = self._operand()
        if not self.word("AND"):
            raise self.unexpected()
        high = self._operand()
        self._orderable("BETWEEN", left, low, high)
        if low.kind and high.kind:
            self.checks.append(lambda values: self._bounds(low, high, values))
        above = predicates.ordered(operator.ge, left.get, low.get)
        return predicates.both(above, predicates.ordered(operator.le, left.get, high.get))

    def _bounds(self, low: Operand, high: Operand, values: Values) -> None:
        if low.kind != high.kind:
            raise self.wrong(
                "The BETWEEN operator requires same data type for lower and upper bounds"
            )
        least, most = low.get({}, values), high.get({}, values)
        if least and most and sortable(least) > sortable(most):
            raise self.wrong(
                "The BETWEEN operator requires upper bound to be greater than or equal to "
                "lower bound"
            )

    def _one_of(self, left: Operand) -> Test:
        self.expect("(")
        choices = [self._operand().get]
        while self.sign(","):
            choices.append(self._operand().get)
        self.expect(")")
        if len(choices) > _MAX_IN:
            raise self.wrong(f"too many operands for IN; operator: IN, most: {_MAX_IN}")

        def test(item: Item, values: Values) -> bool:
            found = left.get(item, values)
            return found is not None and any(found == one(item, values) for one in choices)

        return test

    def _operand(self) -> Operand:
        name = self.function()
        if name is None:
            return self.value_or_path()
        if name != "size":
            raise self.wrong(f"The function is not allowed here; function: {name}")
        self.take("name")
        self.expect("(")
        inner = self.value_or_path()
        self.expect(")")
        return Operand(predicates.size(inner.get), f"size({inner.shown})", "N")

    def _call(self, name: str) -> Test:
        known: dict[str, Callable[[], Test]] = {
            "attribute_exists": self._exists,
            "attribute_not_exists": self._not_exists,
            "attribute_type": self._has_type,
            "begins_with": self._begins_with,
            "contains": self._contains,
        }
        if name not in known:
            if name in ("if_not_exists", "list_append"):
                reason = "The function is not allowed in a condition expression"
                raise self.wrong(f"{reason}; function: {name}")
            raise self.wrong(f"Invalid function name; function: {name}")
        self.take("name")
        self.expect("(")
        test = known[name]()
        self.expect(")")
        return test

    def _exists(self) -> Test:
        get = getter(self.path())
        return lambda item, values: get(item, values) is not None

    def _not_exists(self) -> Test:
        get = getter(self.path())
        return lambda item, values: get(item, values) is None

    def _has_type(self) -> Test:
        get, wanted = self._path_and_more()
        if wanted.kind != "S":
            raise self.wrong_kind("attribute_type", str(wanted.kind))
        self.checks.append(lambda values: self._known_type(wanted, values))

        def test(item: Item, values: Values) -> bool:
            found, kind = get(item, values), wanted.get(item, values)
            return found is not None and kind is not None and kind["S"] in found

        return test

    def _known_type(self, wanted: Operand, values: Values) -> None:
        kind = wanted.get({}, values)
        if kind and kind["S"] not in KINDS:
            raise self.wrong(f"Invalid attribute type name found; type: {kind['S']}")

    def _begins_with(self) -> Test:
        get, start = self._path_and_more()
        if start.kind not in (None, "S", "B"):
            raise self.wrong_kind("begins_with", str(start.kind))

        def test(item: Item, values: Values) -> bool:
            found, prefix = get(item, values), start.get(item, values)
            if found is None or prefix is None or found.keys() != prefix.keys():
                return False
            if found.keys().isdisjoint(("S", "B")):
                return False
            return bool(sortable(found).startswith(sortable(prefix)))

        return test

    def _contains(self) -> Test:
        get, part = self._path_and_more()

        def test(item: Item, values: Values) -> bool:
            found, wanted = get(item, values), part.get(item, values)
            return found is not None and wanted is not None and predicates.holds(found, wanted)

        return test

    def _path_and_more(self) -> tuple[Getter, Operand]:
        path = self.path()
        self.expect(",")
        more = self.value_or_path()
        self._distinct("function", Operand(getter(path), shown(path)), more)
        return getter(path), more

    def _distinct(self, name: str, left: Operand, right: Operand) -> None:
        if left.shown == right.shown:
            raise self.wrong(
                "The first operand must be distinct from the remaining operands for this operator "
                f"or function; operator: {name}, first operand: {left.shown}"
            )

    def _orderable(self, sign: str, *operands: Operand) -> None:
        for one in operands:
            if one.kind not in (None, *ORDERED):
                raise self.wrong_kind(sign, str(one.kind))
