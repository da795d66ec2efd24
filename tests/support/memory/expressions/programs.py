"""Compile a request's expressions together, and cache them by their texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tests.support.memory.errors import DynamoError, invalid
from tests.support.memory.expressions.conditions import ConditionReader
from tests.support.memory.expressions.keyconditions import Clause, KeyConditionReader
from tests.support.memory.expressions.predicates import Test
from tests.support.memory.expressions.projections import Projection, ProjectionReader
from tests.support.memory.expressions.reader import Placeholders, Values
from tests.support.memory.expressions.updates import Update, UpdateReader
from tests.support.memory.values.values import Value, checked

Kinds = tuple[tuple[str, str], ...]
Pairs = tuple[tuple[str, str], ...]

_LEGACY = {
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
}


class FilterReader(ConditionReader):
    """Parses filters: the same syntax as conditions."""

    slot = "FilterExpression"


@dataclass(frozen=True)
class Program:
    """The compiled expressions of a request."""

    keys: tuple[Clause, ...] | None
    condition: Test | None
    filter: Test | None
    update: Update | None
    projection: Projection | None
    checks: list[Callable[[Values], None]]


def values_of(request: Mapping[str, Any]) -> Values:
    """Return the request's values in canonical form."""
    given = request.get("ExpressionAttributeValues")
    if given is None:
        return {}
    if not given:
        raise invalid("ExpressionAttributeValues must not be empty")
    return {name: _value(name, one) for name, one in given.items()}


def _value(name: str, given: Any) -> Value:
    if name[:1] != ":":
        raise invalid(
            f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{name}"'
        )
    try:
        return checked(given)
    except DynamoError as error:
        if error.code != "ValidationException":
            raise
        prefix = "ExpressionAttributeValues contains invalid value: "
        raise invalid(f"{prefix}{error.message} for key {name}") from None


def program(request: Mapping[str, Any], values: Values) -> Program:
    """Return the compiled expressions of the request.

    Raises a ValidationException for invalid expressions and unused definitions.
    """
    if not _LEGACY.isdisjoint(request):
        raise AssertionError(f"the legacy parameters are not modelled: {set(request) & _LEGACY}")
    names = request.get("ExpressionAttributeNames")
    compiled = _compiled(
        request.get("ConditionExpression"),
        request.get("FilterExpression"),
        request.get("UpdateExpression"),
        request.get("ProjectionExpression"),
        request.get("KeyConditionExpression"),
        tuple(names.items()) if names is not None else None,
        tuple([(name, next(iter(value))) for name, value in values.items()]),
    )
    for check in compiled.checks:
        check(values)
    return compiled


@lru_cache(maxsize=1 << 14)
def _compiled(
    condition: str | None,
    filtering: str | None,
    update: str | None,
    projection: str | None,
    keys: str | None,
    names: Pairs | None,
    kinds: Kinds,
) -> Program:
    texts = (condition, filtering, update, projection, keys)
    placeholders = Placeholders(_names(names), dict(kinds))
    if (names is not None or kinds) and all(text is None for text in texts):
        what = "Values" if kinds else "Names"
        raise invalid(f"ExpressionAttribute{what} can only be specified when using expressions")
    checks: list[Callable[[Values], None]] = []

    def read(kind: Callable[[str, Placeholders], Any], text: str | None) -> Any:
        if text is None:
            return None
        reader = kind(text, placeholders)
        meaning = reader.read()
        checks.extend(reader.checks)
        return meaning

    meanings = Program(
        read(KeyConditionReader, keys),
        read(ConditionReader, condition),
        read(FilterReader, filtering),
        read(UpdateReader, update),
        read(ProjectionReader, projection),
        checks,
    )
    placeholders.check_all_used()
    return meanings


def _names(pairs: Pairs | None) -> dict[str, str]:
    if pairs is None:
        return {}
    if not pairs:
        raise invalid("ExpressionAttributeNames must not be empty")
    for alias, name in pairs:
        if alias[:1] != "#" or len(alias) == 1:
            reason = f'Syntax error; key: "{alias}"'
            raise invalid(f"ExpressionAttributeNames contains invalid key: {reason}")
        if not name:
            raise invalid(
                "ExpressionAttributeNames contains invalid value: Attribute name must not be "
                f"empty for key {alias}"
            )
    return dict(pairs)
