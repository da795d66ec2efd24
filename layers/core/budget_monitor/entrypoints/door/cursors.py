"""Cursors: opaque positions in a list, valid only for the query that returned them."""

import base64
import binascii
import json
import re
from hashlib import sha256

from budget_monitor.domain.errors import ValidationError

ENTRY = re.compile(r"([0-9T:.-]{26}Z#){2}[A-Za-z0-9._:-]{1,160}", re.ASCII)
"""The position of an entry in a list."""
TENANT = re.compile(r"-?[0-9]{1,26}(\.[0-9]{1,12})?#[A-Za-z0-9._:-]{1,128}", re.ASCII)
"""The position of a tenant among the largest."""
VERSION = re.compile(r"[0-9]{1,12}", re.ASCII)
"""The document version; the next page has older ones."""
MOMENT = re.compile(r"[0-9T:.-]{26}Z#[A-Za-z0-9._:-]{1,128}", re.ASCII)
"""The position of a reservation in a list: its creation time and id."""


def write_cursor(position: str | None, *query: str | None) -> str | None:
    """The cursor of a position in this query's list, or None at the end."""
    if position is None:
        return None
    text = json.dumps([_mark(query), position])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str | None, position_of: re.Pattern[str], *query: str | None) -> str | None:
    """The position, or None for the first page. Refuses the cursor of another query."""
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        mark, position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, TypeError, RecursionError) as fault:
        raise _foreign() from fault
    if mark != _mark(query) or not isinstance(position, str) or not position_of.fullmatch(position):
        raise _foreign()
    return position


def _mark(query: tuple[str | None, ...]) -> str:
    return sha256(json.dumps(query).encode()).hexdigest()[:16]


def _foreign() -> ValidationError:
    return ValidationError("cursor must be one that an answer to the same query returned", "cursor")
