"""The counts of a usage object, each with its path and its meaning."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeGuard

from budget_monitor.adapters.usage_objects.names import (
    CONTAINERS,
    HARMLESS,
    Meaning,
    meaning,
    snake,
)

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_LISTS = re.compile(r"(prompt|candidates|cache|toolUsePrompt|response)TokensDetails")
"""Google's parts: they are lists."""
_NAMED_BY = ("modality", "ttl", "type")
"""Fields that distinguish the elements of a list."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """One count: its path, its value, and its meaning if known."""

    path: Path
    count: int | Decimal
    meaning: Meaning | None

    @property
    def name(self) -> str:
        """The path in one text."""
        return ".".join(self.path)


def numbers(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The same with texts that are numbers as such: headers say all in texts."""
    if isinstance(value, dict):
        return {name: numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbers(inner) for inner in value]
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value) if "." in value else int(value)
    return value


def is_count(value: object) -> TypeGuard[int | Decimal]:
    """True if it is a number; true and false are none."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def has_negative(value: object) -> bool:
    """True if a named number in it is negative; plain lists of numbers are no counts."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        named = isinstance(value, dict)
        return any(has_negative(one) for one in inner if named or isinstance(one, dict | list))
    return isinstance(value, int | Decimal) and value < 0


def leaves(usage: Mapping[str, Any], path: Path = ()) -> Iterator[Leaf]:
    """Return every count in the object. Raises ValueError if a known name has no number."""
    for name, value in usage.items():
        here = (*path, name)
        if isinstance(value, Mapping):
            if _LISTS.fullmatch(name):
                raise ValueError(f"its {name} is not a list")
            yield from leaves(value, here)
        elif isinstance(value, list):
            yield from _elements(value, here)
        elif is_count(value):
            yield Leaf(here, value, meaning(here))
        elif value is not None:
            _refuse_damage(here, value)


def _elements(values: list[Any], path: Path) -> Iterator[Leaf]:
    known = meaning(path)
    if known and _named_as_count(path) and snake(path[-1]) not in CONTAINERS:
        raise ValueError(f"its {path[-1]} is not a number")
    for number, one in enumerate(values):
        if isinstance(one, Mapping):
            by = next((field for field in _NAMED_BY if field in one), None)
            label = one[by] if by else str(number)
            if not isinstance(label, str | None):
                raise ValueError(f"its {path[-1]} names no {by}")  # noqa: TRY004 - damage of data
            rest = {name: inner for name, inner in one.items() if name != by}
            yield from leaves(rest, (*path, label or str(number)))


def _refuse_damage(path: Path, value: object) -> None:
    """Raise ValueError for a text or a truth where a count or its parts should be."""
    known = meaning(path)
    counted = known is not None and known.unit != HARMLESS and not isinstance(value, str)
    if snake(path[-1]) in CONTAINERS or counted or (known and _named_as_count(path)):
        raise ValueError(f"its {path[-1]} is not a number")


def _named_as_count(path: Path) -> bool:
    plain = snake(path[-1])
    return plain.endswith(("tokens", "seconds", "_count", "searches", "requests"))
