"""Types of fields and answers, and how values are written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

Answer = dict[str, Any]
"""The JSON object of an answer. Amounts are decimal strings."""
Fields = Mapping[str, Any]
Amount = Decimal | int | str
"""USD. A float is refused: it loses cents."""
Time = datetime | str
"""A datetime with a time zone, or RFC 3339 text."""


class LeftOut(Enum):
    """The type of LEFT_OUT."""

    LEFT_OUT = "left out"


LEFT_OUT = LeftOut.LEFT_OUT
"""The default of fields for which None has a meaning, for example `limit_usd=None`: no limit."""


def to_json(value: object) -> str:
    """Return JSON text. Decimals are strings, times RFC 3339.

    Raises TypeError for what JSON cannot hold, and ValueError for NaN and times without a zone.
    """
    return json.dumps(value, default=_written, allow_nan=False, separators=(",", ":"))


def canonical(value: object) -> str:
    """Return JSON text that is the same for equal content, whatever the order of names."""
    return json.dumps(plain(value), default=_written, sort_keys=True, separators=(",", ":"))


def _written(value: object) -> object:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} needs a time zone")
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return an SDK's object as dicts and lists; dicts and lists as they are.

    Raises TypeError for an object that is none of an SDK's.
    """
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, (str, bytes, bool, int, float, Decimal, datetime)):
        return value
    if isinstance(value, Enum):
        return value.value
    for name in ("model_dump", "to_dict"):
        if hasattr(value, name):
            return plain(getattr(value, name)())
    raise TypeError(f"{type(value).__name__} is not understood: give a dict")
