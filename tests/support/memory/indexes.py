"""Indexes: sorted lists that can also be read as of an earlier write."""

from __future__ import annotations

import bisect
import copy
from collections import deque
from typing import Any

from tests.support.memory.values.values import Item, Value, sortable

Place = tuple[Any, tuple[str, ...]]
"""Sort key of an item in its partition: its range key, then the table's key."""

REMEMBERED = 4096
"""Number of changes that an index can undo for a stale read."""


class Partition:
    """The items of one hash key, in order."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.items: dict[Place, Item] = {}

    def add(self, place: Place, item: Item) -> None:
        """Add or replace the item at the place."""
        if place not in self.items:
            bisect.insort(self.places, place)
        self.items[place] = item

    def remove(self, place: Place) -> None:
        """Remove the item."""
        if self.items.pop(place, None) is not None:
            del self.places[bisect.bisect_left(self.places, place)]

    def copy(self) -> Partition:
        """Return an independent copy of the items."""
        other = Partition()
        other.places, other.items = list(self.places), dict(self.items)
        return other


class Index:
    """The contents of one index."""

    def __init__(
        self, definition: dict[str, Any], keys: list[tuple[str, str]], table_keys: list[str]
    ) -> None:
        self.name: str = definition["IndexName"]
        self.keys = keys
        projection = definition["Projection"]
        self.shows_all = projection["ProjectionType"] == "ALL"
        names = (*table_keys, *(name for name, _ in keys), *projection.get("NonKeyAttributes", ()))
        self._shown = tuple(dict.fromkeys(names))
        self.cursor = {name for name, _ in keys}.union(table_keys)
        self._partitions: dict[str, Partition] = {}
        self._changes: deque[tuple[int, str, Place, Item | None]] = deque(maxlen=REMEMBERED)

    def copy(self) -> Index:
        """Return an independent copy of the items and changes."""
        other = copy.copy(self)
        partitions = {name: one.copy() for name, one in self._partitions.items()}
        vars(other).update(_partitions=partitions, _changes=self._changes.copy())
        return other

    def place_of(self, key: tuple[str, ...], item: Item) -> tuple[str, Place] | None:
        """Return the partition and place of an item; None if a key is missing."""
        values: list[Value] = []
        for name, kind in self.keys:
            value = item.get(name)
            if value is None or kind not in value:
                return None
            values.append(value)
        ((_, partition),) = values[0].items()
        return partition, (sortable(values[1]) if len(values) > 1 else "", key)

    def move(
        self, key: tuple[str, ...], before: Item | None, after: Item | None, write: int
    ) -> None:
        """Apply one write of the table."""
        was = self.place_of(key, before) if before else None
        now = self.place_of(key, after) if after else None
        if was == now and not self.shows_all and self._same(before, after):
            return
        if was and was != now:
            self._note(write, *was)
            self._partitions[was[0]].remove(was[1])
        if now and after:
            self._note(write, *now)
            self._partitions[now[0]].add(now[1], self._projected(after))

    def fill(self, rows: dict[tuple[str, ...], Item]) -> None:
        """Add many new rows at once, as if they had been there for long."""
        for key, item in rows.items():
            placed = self.place_of(key, item)
            if placed:
                kept = self._partitions.get(placed[0])
                if kept is None:
                    kept = self._partitions[placed[0]] = Partition()
                kept.items[placed[1]] = self._projected(item)
        for kept in self._partitions.values():
            if len(kept.items) > len(kept.places):
                kept.places = sorted(kept.items)

    def _same(self, before: Item | None, after: Item | None) -> bool:
        if before is None or after is None:
            return before is after
        return all(before.get(name) == after.get(name) for name in self._shown)

    def _projected(self, item: Item) -> Item:
        if self.shows_all:
            return item
        return {name: item[name] for name in self._shown if name in item}

    def _note(self, write: int, partition: str, place: Place) -> None:
        kept = self._partitions.setdefault(partition, Partition())
        self._changes.append((write, partition, place, kept.items.get(place)))

    def partition(self, value: str, *, as_of: int) -> Partition:
        """Return the items of a hash key as of the write with this number."""
        kept = self._partitions.get(value) or Partition()
        undone = kept
        for write, partition, place, before in reversed(self._changes):
            if write <= as_of:
                break
            if partition != value:
                continue
            if undone is kept:
                undone = kept.copy()
            if before is None:
                undone.remove(place)
            else:
                undone.add(place, before)
        return undone
