"""Cursors: where a list goes on, readable by us alone and only for the list that gave it."""

import base64
import binascii
import json
from hashlib import sha256

from budget_monitor.domain.errors import ValidationError


def write_cursor(position: str | None, *query: str | None) -> str | None:
    """The cursor of a position in the list that this query reads, or None at the end."""
    if position is None:
        return None
    text = json.dumps([_mark(query), position])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, *query: str | None) -> str | None:
    """The position, or None to begin. Raises ValidationError for another list's cursor."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        mark, position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError) as fault:
        raise _foreign() from fault
    if mark != _mark(query) or not isinstance(position, str):
        raise _foreign()
    return position


def _mark(query: tuple[str | None, ...]) -> str:
    return sha256(json.dumps(query).encode()).hexdigest()[:16]


def _foreign() -> ValidationError:
    return ValidationError("cursor must be one that this very list gave", "cursor")
