"""Attribute values: canonical form, size and comparison.

In canonical form equal values are equal dicts, so `=` is Python's own.
"""

from __future__ import annotations

import base64
import binascii
import marshal
from collections.abc import Callable
from typing import Any

from tests.support.memory.errors import DynamoError, invalid
from tests.support.memory.values.exact import canonical, number

Value = dict[str, Any]
Item = dict[str, Value]

DEEPEST = 32
ORDERED = ("S", "N", "B")
SETS = ("SS", "NS", "BS")
KINDS = (*ORDERED, *SETS, "BOOL", "NULL", "L", "M")
_WRONG = "One or more parameter values were invalid: "


def checked(value: Any, depth: int = 1) -> Value:
    """Return the value in canonical form. Raises a ValidationException if it is invalid."""
    if type(value) is not dict or len(value) != 1:
        raise invalid(_one_type(value))
    ((kind, content),) = value.items()
    if kind == "S" and type(content) is str:
        if not content.isascii():
            encoded(content)
        return value
    if kind == "N" and type(content) is str:
        text = canonical(content)
        return value if text == content else {"N": text}
    if depth > DEEPEST:
        raise invalid("Nesting Levels have exceeded supported limits")
    check = _CHECKS.get(kind)
    if check is None:
        raise invalid(_one_type(value))
    return {kind: check(content, depth)}


def _one_type(value: Any) -> str:
    if isinstance(value, dict) and len(value) > 1:
        return (
            "Supplied AttributeValue has more than one datatypes set, "
            "must contain exactly one of the supported datatypes"
        )
    return "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"


def encoded(text: str) -> bytes:
    """Return the text as UTF-8. Raises DynamoError if it contains half a surrogate pair."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise DynamoError("SerializationException", "the text is not Unicode") from None


def _text(content: Any, _: int) -> str:
    raise DynamoError("SerializationException", f"{type(content).__name__} is not a string")


def _binary(content: Any, _: int) -> str:
    try:
        raw = content if isinstance(content, bytes) else base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise DynamoError("SerializationException", "the binary is not base64") from None
    return base64.b64encode(raw).decode()


def _truth(content: Any, _: int) -> bool:
    if not isinstance(content, bool):
        raise DynamoError("SerializationException", "a BOOL is true or false")
    return content


def _null(content: Any, _: int) -> bool:
    if content is not True:
        raise invalid(_WRONG + "Null attribute value types must have the value of true")
    return True


def _list(content: Any, depth: int) -> list[Value]:
    return [checked(one, depth + 1) for one in content]


def _map(content: Any, depth: int) -> Item:
    return {name: checked(one, depth + 1) for name, one in content.items()}


def _set_of(kind: str, member: Callable[[Any], str]) -> Callable[[Any, int], list[str]]:
    def check(content: Any, _: int) -> list[str]:
        if not content:
            raise invalid(_WRONG + f"An {kind} set  may not be empty")
        members = [member(one) for one in content]
        if len(set(members)) < len(members):
            raise invalid(_WRONG + "Input collection contains duplicates.")
        return sorted(members)

    return check


def _member(kind: str) -> Callable[[Any], str]:
    return lambda one: str(checked({kind: one})[kind])


_CHECKS: dict[str, Callable[[Any, int], Any]] = {
    "S": _text,
    "N": _text,
    "B": _binary,
    "BOOL": _truth,
    "NULL": _null,
    "L": _list,
    "M": _map,
    "SS": _set_of("string", _member("S")),
    "NS": _set_of("number", _member("N")),
    "BS": _set_of("binary", _member("B")),
}


def checked_item(item: Any) -> Item:
    """Return the item with every attribute in canonical form."""
    if not isinstance(item, dict):
        raise DynamoError("SerializationException", "an item is a structure")
    if "" in item:
        raise invalid("Empty attribute name")
    return {name: checked(value) for name, value in item.items()}


def size_of(value: Value) -> int:
    """Return the size of an attribute's value in bytes, as DynamoDB counts it."""
    ((kind, content),) = value.items()
    return _SIZES[kind](content)


def _text_size(text: str) -> int:
    return len(text) if text.isascii() else len(encoded(text))


def _number_size(text: str) -> int:
    """One byte for each two digits on either side of the point, and one more, or two below zero."""
    whole, _, fraction = text.lstrip("-").partition(".")
    whole, fraction = whole.lstrip("0"), fraction.rstrip("0")
    pairs = "0" * (len(whole) % 2) + whole + fraction + "0" * (len(fraction) % 2)
    if not fraction:
        pairs = pairs.rstrip("0")
    if not whole:
        fraction = pairs.lstrip("0")
        pairs = fraction
    return 1 + (len(pairs) + 1) // 2 + text.startswith("-")


def _binary_size(text: str) -> int:
    return len(base64.b64decode(text))


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": _text_size,
    "N": _number_size,
    "B": _binary_size,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "L": lambda members: 3 + sum(1 + size_of(one) for one in members),
    "M": lambda members: 3 + len(members) + item_size(members),
    "SS": lambda members: sum(map(_text_size, members)),
    "NS": lambda members: sum(map(_number_size, members)),
    "BS": lambda members: sum(map(_binary_size, members)),
}


def item_size(item: Item) -> int:
    """Return the size of an item in bytes: names and values."""
    total = 0
    for name, value in item.items():
        total += len(name) if name.isascii() else len(encoded(name))
        text = value.get("S")
        total += len(text) if text is not None and text.isascii() else size_of(value)
    return total


def most_size(item: Item) -> int:
    """A number of bytes that is never below the item's size, and fast to compute."""
    return len(marshal.dumps(item, 2))


def is_over(item: Item, most: int) -> bool:
    """True if the item is larger than the given number of bytes."""
    return most_size(item) > most and item_size(item) > most


def sortable(value: Value) -> Any:
    """Return the sort key of a string, number or binary. UTF-8 order is code point order."""
    ((kind, content),) = value.items()
    if kind == "N":
        return number(content)
    return base64.b64decode(content) if kind == "B" else content


def length_of(value: Value) -> int | None:
    """Return the result of size(); None for a number, boolean or null."""
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode("utf-16-le")) // 2
    if kind == "B":
        return len(base64.b64decode(content))
    return None if kind in ("N", "BOOL", "NULL") else len(content)


def outward(value: Value) -> Value:
    """Return a copy as the SDK parses it: binaries are bytes."""
    ((kind, content),) = value.items()
    if kind == "B":
        return {kind: base64.b64decode(content)}
    if kind == "BS":
        return {kind: [base64.b64decode(one) for one in content]}
    if kind == "L":
        return {kind: [outward(one) for one in content]}
    if kind == "M":
        return {kind: outward_item(content)}
    return {kind: list(content) if kind in SETS else content}


def outward_item(item: Item) -> Item:
    """Return a copy of the item as the SDK parses it."""
    return {name: outward(value) for name, value in item.items()}
