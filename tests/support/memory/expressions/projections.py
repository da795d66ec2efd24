"""Projections: the requested part of an item."""

from __future__ import annotations

from typing import Any

from tests.support.memory.expressions.reader import Placeholders, Reader, shown
from tests.support.memory.values.documents import Path, at_path
from tests.support.memory.values.values import Item, Value


class Projection:
    """The requested paths."""

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths

    def of(self, item: Item) -> Item:
        """Return the requested part of the item."""
        tree: dict[str | int, Any] = {}
        for path in self._paths:
            found = at_path(item, path)
            if found is not None:
                _branch(tree, path)[path[-1]] = found
        return {str(name): _value(node) for name, node in tree.items()}


class _Node(dict[str | int, Any]):
    """A level of a document of which a part is requested."""


def _branch(tree: dict[str | int, Any], path: Path) -> dict[str | int, Any]:
    for part in path[:-1]:
        tree = tree.setdefault(part, _Node())
    return tree


def _value(node: Any) -> Value:
    if not isinstance(node, _Node):
        return dict(node)
    if all(isinstance(part, int) for part in node):
        return {"L": [_value(node[part]) for part in sorted(node)]}
    return {"M": {name: _value(inner) for name, inner in node.items()}}


class ProjectionReader(Reader):
    """Parses paths separated by commas."""

    slot = "ProjectionExpression"

    def __init__(self, text: str, placeholders: Placeholders) -> None:
        super().__init__(text, placeholders)

    def read(self) -> Projection:
        """Parse the whole expression."""
        paths = [self.path()]
        while self.sign(","):
            paths.append(self.path())
        self.end()
        for position, one in enumerate(paths):
            for other in paths[:position]:
                if one[: len(other)] == other or other[: len(one)] == one:
                    named = f"path one: {shown(other)}, path two: {shown(one)}"
                    raise self.wrong(
                        "Two document paths overlap with each other; "
                        f"must remove or rewrite one of these paths; {named}"
                    )
        return Projection(paths)
