"""Read accounts from DynamoDB's own items.

A request reads about ten of them; pynamodb's row classes took half of its time for it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from pynamodb.constants import MAP, NUMBER, STRING
from pynamodb.exceptions import AttributeDeserializationError

from budget_monitor.adapters.dynamodb.rows.attributes import (
    AccountsAttribute,
    LevelAttribute,
    RowVersionAttribute,
    TermsAttribute,
)
from budget_monitor.domain.accounting.accounts import (
    DEFAULT_TERMS,
    NO_MOVE,
    Account,
    AccountKey,
    Move,
)
from budget_monitor.domain.money import ZERO

Item = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB answers it: each attribute's value by its type."""

_TERMS, _ACCOUNTS, _LEVEL = TermsAttribute(), AccountsAttribute(), LevelAttribute()
_VERSION = RowVersionAttribute()
T = TypeVar("T")


def _count(text: str) -> int:
    return int(Decimal(text))


_COUNTERS: Mapping[str, Callable[[str], Decimal | int]] = {
    **dict.fromkeys(("spent", "held", "workflow_spent"), Decimal),
    **dict.fromkeys(("holds", "entries", "tokens", "input_tokens", "output_tokens"), _count),
}
COUNTERS = tuple(_COUNTERS)
"""Attributes that only move by addition. An absent one is zero."""


def account_of(item: Item) -> Account:
    """The account of a stored item. Raises AttributeDeserializationError if it is damaged."""
    try:
        return _account(item)
    except (KeyError, ValueError, TypeError, ArithmeticError) as fault:
        raise AttributeDeserializationError("account", MAP) from fault


def _account(item: Item) -> Account:
    if "row_version" in item:
        _VERSION.deserialize(item["row_version"][NUMBER])
    counted: dict[str, Any] = {
        name: _COUNTERS[name](item[name][NUMBER]) for name in item if name in _COUNTERS
    }
    began = bool(counted)
    level = _parsed(item, "level", STRING, _LEVEL.deserialize)
    terms = _parsed(item, "terms", STRING, _TERMS.deserialize)
    return Account(
        key=AccountKey.parse(item["pk"][STRING]),
        totals=Move(**counted) if began else NO_MOVE,
        lineage=_parsed(item, "lineage", STRING, str),
        name=_parsed(item, "name", STRING, str),
        began_at=_parsed(item, "began_at", STRING, str),
        terms=terms or DEFAULT_TERMS,
        policy_version=_parsed(item, "policy_version", NUMBER, _count) or 0,
        level=level,
        committed=_parsed(item, "committed", NUMBER, Decimal) or ZERO,
        began=began,
        began_over=frozenset(_parsed(item, "began_over", STRING, _ACCOUNTS.deserialize) or ()),
        seen=began or level is not None or terms is not None,
    )


def _parsed(item: Item, name: str, kind: str, parse: Callable[[str], T]) -> T | None:
    return parse(item[name][kind]) if name in item else None
