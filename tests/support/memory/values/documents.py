"""Read and change documents in an item along a path, always on copies."""

from __future__ import annotations

from typing import Any

from tests.support.memory.errors import ItemError
from tests.support.memory.values.values import Item, Value

Path = tuple[str | int, ...]

_NO_PARENT = "The document path provided in the update expression is invalid for update"


def at_path(item: Item, path: Path) -> Value | None:
    """Return the value at a path, or None."""
    found: Value | None = item.get(str(path[0]))
    for part in path[1:]:
        if found is None:
            return None
        found = _inside(found, part)
    return found


def _inside(value: Value, part: str | int) -> Value | None:
    if isinstance(part, str):
        inner: Value | None = value.get("M", {}).get(part)
        return inner
    members: list[Value] = value.get("L", [])
    return members[part] if part < len(members) else None


def with_value(item: Item, path: Path, value: Value) -> Item:
    """Return the item with the value at the path. Raises ItemError if the parent is missing."""
    changed = _changed({"M": item}, path, value)["M"]
    return dict(changed)


def without(item: Item, path: Path) -> Item:
    """Return the item without the value at the path; raises like `with_value`."""
    changed = _changed({"M": item}, path, None)["M"]
    return dict(changed)


def _changed(parent: Value, path: Path, value: Value | None) -> Value:
    part, rest = path[0], path[1:]
    kind = "M" if isinstance(part, str) else "L"
    if kind not in parent:
        raise ItemError(_NO_PARENT)
    if rest:
        inner = _inside(parent, part)
        if inner is None:
            raise ItemError(_NO_PARENT)
        return {kind: _replaced(parent[kind], part, _changed(inner, rest, value))}
    return {kind: _replaced(parent[kind], part, value)}


def _replaced(container: Any, part: str | int, value: Value | None) -> Any:
    """Return a changed copy of the map or list. Past a list's end, append the value."""
    copy = container.copy()
    if isinstance(part, str):
        if value is None:
            copy.pop(part, None)
        else:
            copy[part] = value
    elif value is None:
        del copy[part : part + 1]
    else:
        copy[part : part + 1] = [value]
    return copy
