"""Predicates of conditions: functions of an item and the request's values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.memory.expressions.reader import Getter, Values
from tests.support.memory.values.values import ORDERED, SETS, Item, Value, length_of, sortable

Test = Callable[[Item, Values], bool]


def both(left: Test, right: Test) -> Test:
    """Return a predicate: both hold."""
    return lambda item, values: left(item, values) and right(item, values)


def either(left: Test, right: Test) -> Test:
    """Return a predicate: at least one holds."""
    return lambda item, values: left(item, values) or right(item, values)


def equal(left: Getter, right: Getter) -> Test:
    """Return a predicate: both values exist and are equal."""

    def test(item: Item, values: Values) -> bool:
        found = left(item, values)
        return found is not None and found == right(item, values)

    return test


def ordered(order: Callable[[Any, Any], bool], left: Getter, right: Getter) -> Test:
    """Return a predicate: both values have the same ordered type and are in this order."""

    def test(item: Item, values: Values) -> bool:
        one, other = left(item, values), right(item, values)
        if one is None or other is None or one.keys() != other.keys():
            return False
        return not one.keys().isdisjoint(ORDERED) and order(sortable(one), sortable(other))

    return test


def size(get: Getter) -> Getter:
    """Return a getter of the value's size()."""

    def length(item: Item, values: Values) -> Value | None:
        found = get(item, values)
        count = None if found is None else length_of(found)
        return None if count is None else {"N": str(count)}

    return length


def holds(whole: Value, part: Value) -> bool:
    """Return the result of contains()."""
    ((kind, content),) = whole.items()
    ((wanted, inner),) = part.items()
    if kind == "L":
        return part in content
    if kind in SETS:
        return wanted == kind[0] and inner in content
    return kind == wanted and kind in ("S", "B") and sortable(part) in sortable(whole)
