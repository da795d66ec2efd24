"""Parse single fields, one function for each kind. Errors name the field."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from budget_monitor.domain import names
from budget_monitor.domain.accounting.labels import ID
from budget_monitor.domain.costs.ledger import (
    REPRICE_PREFIX,
    SETTLEMENT_PREFIX,
    TRUE_COST_PREFIX,
    TRUE_DRAW_PREFIX,
)
from budget_monitor.domain.errors import ValidationError
from budget_monitor.domain.money import render
from budget_monitor.entrypoints.door.json_body import MAX_DEPTH, nested_over

_DIGITS = re.compile(r"[0-9]{1,13}", re.ASCII)
NAME_LENGTH, ARN_LENGTH = 256, 2048
_PRINCIPAL = re.compile(r"arn:[a-z-]+:(iam|sts)::[0-9*]*:\S+|jwt:\S.*")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

_DECOMPOSED = 4
"""Maximum of characters sent per character of the name in NFC."""
_DIGITS_MOST = 30
_FORBIDDEN_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
"""Control characters, lone surrogates, line and paragraph separators."""


RESERVED_PREFIXES = {SETTLEMENT_PREFIX: "settlements", REPRICE_PREFIX: "repricings"}
"""Prefixes of ids that only this service makes, and their purpose."""


_NO_ZONES = {"localtime", "Factory", "posixrules"}
"""Files in the folder of time zones that are not time zones."""


class QueryText(str):
    """A value from a query string. Numbers are written in digits there."""

    __slots__ = ()


def printable(name: str, most: int = 64) -> str:
    """A caller's name of a field or path, safe and short enough for an error message."""
    return "".join(c if c.isprintable() else "?" for c in name[:most])


def parse_id(raw: object, field: str) -> str:
    """An id: 1-128 of `A-Za-z0-9._:-`, beginning with a letter or digit."""
    if isinstance(raw, str) and ID.fullmatch(raw):
        return raw
    raise ValidationError(
        f"{field} must be 1-128 of A-Z a-z 0-9 . _ : -, beginning with a letter or digit", field
    )


def refuse_taken(found: str | None, field: str) -> None:
    """Raise ValidationError for an id with one of our own prefixes."""
    for prefix, owners in RESERVED_PREFIXES.items():
        if found is not None and found.startswith(prefix):
            raise ValidationError(
                f"{field} must not begin with {prefix}, which {owners} use", field
            )


def parse_entry_id(raw: object, field: str) -> str:
    """The id of an existing entry: a caller's, or our prefix and a reservation's."""
    for prefix in (TRUE_COST_PREFIX, TRUE_DRAW_PREFIX, SETTLEMENT_PREFIX):
        if isinstance(raw, str) and raw.startswith(prefix):
            return prefix + parse_id(raw.removeprefix(prefix), field)
    return parse_id(raw, field)


def parse_text(raw: object, field: str, most: int) -> str:
    """A text of 1 to `most` characters without control characters or line breaks."""
    if not isinstance(raw, str) or not 1 <= len(raw) <= most:
        raise ValidationError(f"{field} must be a text of 1-{most} characters", field)
    if any(unicodedata.category(character) in _FORBIDDEN_CATEGORIES for character in raw):
        raise ValidationError(f"{field} must not have control characters or line breaks", field)
    return raw


def parse_name(raw: object, field: str) -> str:
    """A name of 1-256 characters in NFC, trimmed and without invisible characters."""
    if not isinstance(raw, str) or len(raw) > names.LENGTH * _DECOMPOSED:
        raise ValidationError(f"{field} must be a text of 1-{names.LENGTH} characters", field)
    name = names.one_spelling(raw)
    if not 1 <= len(name) <= names.LENGTH:
        raise ValidationError(f"{field} must be a text of 1-{names.LENGTH} characters", field)
    unseen = names.unseen(name)
    if unseen is not None:
        raise ValidationError(
            f"{field} must not have invisible characters, such as U+{ord(unseen):04X}",
            field,
        )
    return name


def parse_arn(raw: object, field: str) -> str:
    """An ARN of at most 2048 ASCII characters: part of a key, which DynamoDB bounds in bytes."""
    text = parse_text(raw, field, ARN_LENGTH)
    if not text.startswith("arn:") or not text.isascii():
        raise ValidationError(f"{field} must be an ARN of ASCII characters", field)
    return text


def parse_tags(raw: object, field: str, most: int) -> tuple[str, ...]:
    """Names, each once, in the order given. A query joins them by commas."""
    if isinstance(raw, QueryText):
        raw = raw.split(",")
    if not isinstance(raw, list) or len(raw) > most:
        raise ValidationError(f"{field} must be a list of at most {most} texts", field)
    tags = [parse_name(tag, f"{field}[{index}]") for index, tag in enumerate(raw)]
    return tuple(dict.fromkeys(tags))


def parse_principals(raw: object, field: str, most: int) -> tuple[str, ...]:
    """ARNs of IAM or STS, or `jwt:` and the subject of a token; each once."""
    if not isinstance(raw, list) or len(raw) > most:
        raise ValidationError(f"{field} must be a list of at most {most} texts", field)
    found = [parse_text(one, f"{field}[{index}]", ARN_LENGTH) for index, one in enumerate(raw)]
    for index, one in enumerate(found):
        if not _PRINCIPAL.fullmatch(one):
            here = f"{field}[{index}]"
            raise ValidationError(
                f"{here} must be an ARN of IAM or STS, or jwt: and the subject of a token", here
            )
    return tuple(dict.fromkeys(found))


def parse_count(raw: object, field: str, least: int, most: int) -> int:
    """A whole number within the bounds."""
    if isinstance(raw, QueryText) and _DIGITS.fullmatch(raw):
        raw = int(raw)
    if isinstance(raw, int | float | Decimal) and _is_whole(raw, least, most):
        return int(raw)
    raise ValidationError(f"{field} must be a whole number from {least} to {most}", field)


def parse_counts(raw: object, field: str, most: int, highest: int) -> tuple[int, ...]:
    """Whole numbers from 1, without duplicates, in ascending order."""
    if not isinstance(raw, list) or len(raw) > most:
        raise ValidationError(f"{field} must be a list of at most {most} whole numbers", field)
    found = {parse_count(one, f"{field}[{index}]", 1, highest) for index, one in enumerate(raw)}
    return tuple(sorted(found))


def parse_time_zone(raw: object, field: str) -> str:
    """The name of an IANA time zone. `localtime` and `Factory` are none."""
    if isinstance(raw, str) and raw not in _NO_ZONES and raw in _zones():
        return raw
    raise ValidationError(f'{field} must be an IANA time zone, such as "Europe/Berlin"', field)


@cache
def _zones() -> frozenset[str]:
    """The names in the time zone database, which are read from its folders."""
    from zoneinfo import available_timezones  # noqa: PLC0415 - lean imports

    return frozenset(available_timezones())


def _is_whole(raw: float | Decimal, least: int, most: int) -> bool:
    # NaN fails every comparison, so it never reaches int().
    return not isinstance(raw, bool) and least <= raw <= most and raw == int(raw)


def parse_flag(raw: object, field: str) -> bool:
    """True or false, and nothing similar; in a query, these two words."""
    if isinstance(raw, QueryText) and raw in {"true", "false"}:
        return raw == "true"
    if isinstance(raw, bool):
        return raw
    raise ValidationError(f"{field} must be true or false", field)


def parse_choice(raw: object, field: str, choices: Sequence[str]) -> str:
    """One of the words."""
    if isinstance(raw, str) and raw in choices:
        return raw
    raise ValidationError(f"{field} must be one of: {', '.join(choices)}", field)


def parse_opaque(raw: object, field: str) -> str:
    """A text from an earlier answer."""
    if isinstance(raw, str) and raw:
        return raw
    raise ValidationError(f"{field} must be a text from an earlier answer", field)


def parse_object(raw: object, field: str) -> Mapping[str, Any]:
    """An object of JSON."""
    if isinstance(raw, dict):
        return raw
    raise ValidationError(f"{field} must be an object", field)


def parse_list(raw: object, field: str, most: int) -> list[Any]:
    """A list of 1 to `most` items."""
    if isinstance(raw, list) and 1 <= len(raw) <= most:
        return raw
    raise ValidationError(f"{field} must be a list of 1 to {most} items", field)


def parse_document(raw: object, field: str, most: int) -> dict[str, Any]:
    """A JSON object as it is stored: numbers that are not whole become texts."""
    if nested_over(raw, MAX_DEPTH):
        raise ValidationError(f"{field} must not be nested over {MAX_DEPTH} deep", field)
    try:
        stored = _stored(parse_object(raw, field)).encode("utf-8")
    except (TypeError, ValueError) as fault:
        raise ValidationError(f"{field} must be an object of JSON", field) from fault
    if len(stored) > most:
        raise ValidationError(
            f"{field} must not be over {most} bytes: its usage object alone is enough", field
        )
    document: dict[str, Any] = json.loads(stored, parse_float=str)
    return document


def _stored(document: object) -> str:
    """The document as JSON; raises ValueError for NaN, Infinity and absurdly long numbers."""
    return json.dumps(_exact(document), allow_nan=False, ensure_ascii=False)


def _exact(value: object) -> object:
    """The document with whole numbers as numbers and others as texts, however they were parsed."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return _number(Decimal(repr(value))) if isinstance(value, float) else _number(value)


def _number(value: object) -> object:
    if not isinstance(value, Decimal):
        return value
    if (
        not value.is_finite()
        or max(len(value.as_tuple().digits), abs(value.adjusted())) > _DIGITS_MOST
    ):
        raise ValueError
    return int(value) if value == value.to_integral_value() else render(value)


def parse_day(raw: object, field: str) -> date:
    """A day such as `2026-11-22`."""
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        with suppress(ValueError):
            return date.fromisoformat(raw)
    raise ValidationError(f"{field} must be a day such as 2026-11-22", field)
