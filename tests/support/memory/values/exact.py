"""DynamoDB's numbers: 38 significant digits, 1E-130 to 9.99E+125, plain digits as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache

from tests.support.memory.errors import ItemError, invalid

DIGITS = 38
LARGEST, SMALLEST = 125, -130
OVERFLOW = (
    "Number overflow. Attempting to store a number with magnitude larger than supported range"
)
UNDERFLOW = (
    "Number underflow. Attempting to store a number with magnitude smaller than supported range"
)
TOO_EXACT = "Attempting to store more than 38 significant digits in a Number"

_WRITTEN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,18}))?", re.ASCII)
_EXACTLY = Context(prec=DIGITS, Emin=-9999, Emax=9999, traps=[Inexact, InvalidOperation])


@lru_cache(maxsize=1 << 16)
def canonical(text: str) -> str:
    """Return DynamoDB's text for the number. Raises a ValidationException if it is invalid."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise invalid(f"The parameter cannot be converted to a numeric value: {text}")
    if found[1] and abs(int(found[1])) > 10**6:  # Decimal itself would fail
        raise invalid(OVERFLOW if int(found[1]) > 0 else UNDERFLOW)
    value = Decimal(text)
    if reason := _unstorable(value):
        raise invalid(reason)
    return _text_of(value)


@lru_cache(maxsize=1 << 16)
def number(text: str) -> Decimal:
    """Return the value of a stored number."""
    return Decimal(text)


def added(left: str, right: str) -> str:
    """Return the exact sum of two stored numbers. Raises ItemError above 38 digits."""
    return _stored(_EXACTLY.add, left, right)


def subtracted(left: str, right: str) -> str:
    """Return the exact difference of two stored numbers; raises like `added`."""
    return _stored(_EXACTLY.subtract, left, right)


def _stored(work: Callable[[Decimal, Decimal], Decimal], left: str, right: str) -> str:
    try:
        value = work(number(left), number(right))
    except Inexact:
        raise ItemError(TOO_EXACT) from None
    if not SMALLEST <= value.adjusted() <= LARGEST and value:
        raise ItemError(OVERFLOW if value.adjusted() > 0 else UNDERFLOW)
    return _text_of(value)


def _unstorable(value: Decimal) -> str | None:
    """Zero is judged by the exponent that it is written with, as any other number."""
    if value.adjusted() > LARGEST:
        return OVERFLOW
    if value.adjusted() < SMALLEST:
        return UNDERFLOW
    digits = "".join(map(str, value.as_tuple().digits))
    return TOO_EXACT if len(digits.strip("0")) > DIGITS else None


def _text_of(value: Decimal) -> str:
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
