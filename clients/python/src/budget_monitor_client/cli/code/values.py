"""Compare values of the file with those of the service: amounts by value, names by their text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

_AMOUNTS = ("_usd", "_usd_per_million", "_percent")
_LIMITS = ("limit_usd", "limit_tokens", "limit_calls")


def normal(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a value such that equal ones mean the same: `"1"`, `1` and `"1.00"` of an amount.

    Raises nothing: what is no amount stays as it is, and the service refuses it.
    """
    if name == "link" and value is False:
        return None
    if isinstance(value, Mapping):
        inner = {key: normal(_inner(name, key), one) for key, one in value.items()}
        kept = {key: one for key, one in inner.items() if one is not None}
        return kept["total"] if name == "limit_tokens" and kept.keys() == {"total"} else kept
    if isinstance(value, (list, tuple)):
        return _list(name, value)
    if _is_amount(name) and isinstance(value, (str, int)) and not isinstance(value, bool):
        try:
            return Decimal(value)
        except InvalidOperation:
            return value
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def _list(name: str, value: Any) -> list[Any] | None:  # noqa: ANN401 - JSON
    found = [normal(name, one) for one in value]
    if name == "downgrade" and not found:
        return None
    if name == "to":
        return list(dict.fromkeys(found))
    if name == "thresholds":
        return sorted(set(found), key=str)
    return sorted(found, key=_written) if name == "context_tiers" else found


def _written(value: object) -> str:
    return json.dumps(value, default=str, sort_keys=True)


def _inner(name: str, key: str) -> str:
    """Counts of kinds of tokens are numbers as their limit is."""
    return name if name == "limit_tokens" else key


def _is_amount(name: str) -> bool:
    return name.endswith(_AMOUNTS) or name in _LIMITS or name in {"percent", "month_starts_on"}
