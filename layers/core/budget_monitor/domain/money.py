"""Exact money: decimals with at most 12 places below 1e12 USD, never a float."""

import re
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    Inexact,
    InvalidOperation,
    Overflow,
)

from budget_monitor.domain.errors import ValidationError

ZERO = Decimal(0)
PLACES = 12
CEILING = Decimal(10) ** 12
FLOAT_DIGITS = 15
"""A float keeps this many significant digits. A longer one may have been rounded already."""

EXACT = Context(
    prec=38,
    rounding=ROUND_HALF_EVEN,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow],
)
"""DynamoDB's precision. A sum that would need rounding raises Inexact."""

_ROUNDED = Context(prec=60, rounding=ROUND_HALF_EVEN)
_HUNDREDTH = Decimal("0.01")
SMALLEST = Decimal(1).scaleb(-PLACES)
"""The smallest difference between two amounts."""
_UNSIGNED = re.compile(r"[0-9]+(?:\.[0-9]+)?", re.ASCII)
_SIGNED = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)


def parse_amount(raw: object, field: str, *, signed: bool = False) -> Decimal:
    """Return the amount in USD, exactly as the caller wrote it.

    `raw` is one of:

    - a decimal string or an integer,
    - a Decimal (a JSON number over HTTP),
    - a float of at most 15 significant digits (a JSON number in a direct invocation).

    Raises ValidationError naming `field` for anything else, for more than 12 decimal places, for
    1e12 or more, and for a negative amount unless `signed`.
    """
    value = _number(raw, field, _SIGNED if signed else _UNSIGNED)
    if not value.is_finite():
        raise ValidationError(f"{field} must be a finite number", field)
    if value.copy_abs() >= CEILING:
        raise ValidationError(f"{field} must be below 1000000000000 USD", field)
    if value < 0 and not signed:
        raise ValidationError(f"{field} must not be negative", field)
    return _scaled(value, field)


def _number(raw: object, field: str, pattern: re.Pattern[str]) -> Decimal:
    if isinstance(raw, str) and pattern.fullmatch(raw):
        return Decimal(raw)
    if isinstance(raw, Decimal):
        return raw
    if isinstance(raw, int) and not isinstance(raw, bool):
        return Decimal(raw)
    if isinstance(raw, float):
        return _from_binary(raw, field)
    raise ValidationError(f'{field} must be an amount in USD, such as "0.25"', field)


def _from_binary(raw: float, field: str) -> Decimal:
    value = Decimal(repr(raw))
    if value.is_finite() and len(value.normalize().as_tuple().digits) > FLOAT_DIGITS:
        raise ValidationError(
            f"{field} has over {FLOAT_DIGITS} significant digits and may have been rounded on its "
            "way here: send it as a string",
            field,
        )
    return value


def _scaled(value: Decimal, field: str) -> Decimal:
    if value.is_zero():
        return ZERO
    digits = value.as_tuple()
    exponent = int(digits.exponent)
    trailing = len(digits.digits) - len("".join(map(str, digits.digits)).rstrip("0"))
    if exponent + trailing < -PLACES:
        raise ValidationError(f"{field} has more than {PLACES} decimal places", field)
    return value.quantize(Decimal(1).scaleb(-max(-exponent - trailing, 0)), context=_ROUNDED)


def render(value: Decimal) -> str:
    """Return the shortest decimal string without exponent: `0.000075`, `1000`, `-2.5`, `0`."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_places(value: Decimal, field: str) -> Decimal:
    """An amount that others computed, rounded half-even at 12 places. Raises ValidationError."""
    if not value.is_finite() or value.copy_abs() >= CEILING:
        raise ValidationError(f"{field} must be below 1000000000000 USD", field)
    return parse_amount(value.quantize(SMALLEST, context=_ROUNDED), field)


def percent(part: Decimal, whole: Decimal) -> str:
    """Return `part` of `whole` in percent: at most 2 decimals, half-even, no trailing zeros.

    If `whole` is zero: "0" if `part` is zero or less, else "100".
    """
    if whole == 0:
        return "100" if part > 0 else "0"
    share = _ROUNDED.divide(_ROUNDED.multiply(part, Decimal(100)), whole)
    return render(share.quantize(_HUNDREDTH, context=_ROUNDED))
