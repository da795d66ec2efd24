"""Read accounts from DynamoDB's own items.

A request reads about ten of them; pynamodb's row classes took half of its time for it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from pynamodb.constants import MAP, NUMBER, STRING
from pynamodb.exceptions import AttributeDeserializationError

from budget_monitor.adapters.dynamodb.rows.attributes import (
    AccountsAttribute,
    LevelAttribute,
    RowVersionAttribute,
    TermsAttribute,
)
from budget_monitor.domain.accounting.accounts import NO_MOVE, Account, AccountKey, Move

Item = Mapping[str, Mapping[str, Any]]
"""An item as DynamoDB answers it: each attribute's value by its type."""

_TERMS, _ACCOUNTS, _LEVEL = TermsAttribute(), AccountsAttribute(), LevelAttribute()
_VERSION = RowVersionAttribute()


def _count(text: str) -> int:
    return int(Decimal(text))


_COUNTERS: Mapping[str, Callable[[str], Decimal | int]] = {
    **dict.fromkeys(("spent", "held", "workflow_spent"), Decimal),
    **dict.fromkeys(("holds", "entries", "tokens", "input_tokens", "output_tokens"), _count),
}
COUNTERS = tuple(_COUNTERS)
"""Attributes that only move by addition. An absent one is zero."""
_OTHERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    **dict.fromkeys(("lineage", "name", "began_at"), (STRING, str)),
    "terms": (STRING, _TERMS.deserialize),
    "level": (STRING, _LEVEL.deserialize),
    "began_over": (STRING, lambda text: frozenset(_ACCOUNTS.deserialize(text))),
    "committed": (NUMBER, Decimal),
    "policy_version": (NUMBER, _count),
}
"""Type and parser of each other attribute of an account."""


def account_of(item: Item) -> Account:
    """The account of a stored item. Raises AttributeDeserializationError if it is damaged."""
    try:
        return _account(item)
    except (KeyError, ValueError, TypeError, ArithmeticError) as fault:
        raise AttributeDeserializationError("account", MAP) from fault


def _account(item: Item) -> Account:
    if "row_version" in item:
        _VERSION.deserialize(item["row_version"][NUMBER])
    counted, others = dict[str, Any](), dict[str, Any]()
    for name, value in item.items():
        if name in _COUNTERS:
            counted[name] = _COUNTERS[name](value[NUMBER])
        elif name in _OTHERS:
            kind, parse = _OTHERS[name]
            others[name] = parse(value[kind])
    return Account(
        key=AccountKey.parse(item["pk"][STRING]),
        totals=Move(**counted) if counted else NO_MOVE,
        began=bool(counted),
        seen=bool(counted) or "level" in others or "terms" in others,
        **others,
    )
