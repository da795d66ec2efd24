"""Parse JSON strictly: exact numbers, no duplicate keys, no NaN, bounded nesting."""

import base64
import binascii
import json
from decimal import Decimal
from typing import Any, NoReturn

from budget_monitor.domain.errors import MalformedJsonError, TooLargeError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32


def parse_body(body: object, *, is_base64: bool = False) -> dict[str, Any]:
    """The JSON object in an HTTP body; no body is an empty object. Numbers become Decimals.

    Raises TooLargeError over 256 KB, and MalformedJsonError for anything but one object without
    duplicate keys, NaN, Infinity or nesting over 32.
    """
    if not isinstance(body, str | None):
        raise MalformedJsonError("the body must be a text")
    raw = _bytes(body or "", is_base64=is_base64)
    if len(raw) > MAX_BYTES:
        raise TooLargeError(f"the body is over {MAX_BYTES // 1024} KB; send less at once")
    if not raw.strip():
        return {}
    try:
        parsed = json.loads(
            raw.decode("utf-8"),
            parse_float=Decimal,
            parse_int=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_unique,
        )
    except RecursionError as fault:
        raise _too_deep() from fault
    except (ValueError, ArithmeticError) as fault:
        raise MalformedJsonError("the body is not valid JSON") from fault
    if not isinstance(parsed, dict):
        raise MalformedJsonError("the body must be a JSON object")
    if nested_over(parsed, MAX_DEPTH):
        raise _too_deep()
    return parsed


def _bytes(body: str, *, is_base64: bool) -> bytes:
    try:
        return base64.b64decode(body, validate=True) if is_base64 else body.encode("utf-8")
    except (binascii.Error, ValueError) as fault:
        raise MalformedJsonError("the body is not valid base64 or UTF-8") from fault


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedJsonError(f"the body contains {name}, which is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedJsonError("the body has an object with a duplicate key")
    return found


def nested_over(value: object, most: int) -> bool:
    """True if objects and lists, empty ones too, are nested more than `most` deep."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(most):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _too_deep() -> MalformedJsonError:
    return MalformedJsonError(f"the body is nested over {MAX_DEPTH} deep")
