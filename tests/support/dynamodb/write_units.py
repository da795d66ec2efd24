"""The write units of what a block writes, by AWS's rules, and rows of many names put in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.memory.fixture import MemoryCloud
from tests.support.memory.indexes import Index
from tests.support.memory.tables import Key, Table
from tests.support.memory.values.values import Item, size_of

KB = 1024


@dataclass
class Written:
    """What was written within a block, each row in a transaction."""

    items: int = 0
    index_entries: int = 0
    large: list[str] = field(default_factory=list)
    """Keys of the rows above 1 KB."""
    units: int = 0


@contextmanager
def counted_writes(cloud: MemoryCloud) -> Iterator[Written]:
    """Count the rows that change within the block: 2 units a KB, and 1 a KB of an index entry."""
    tables = [cloud.database._tables[name] for name in cloud.names()]  # noqa: SLF001 - a test's
    before = [dict(one.rows) for one in tables]
    found = Written()
    yield found
    for table, rows in zip(tables, before, strict=True):
        for key, item in table.rows.items():
            if rows.get(key) is not item:
                _add(found, table, key, rows.get(key), item)


def _add(found: Written, table: Table, key: Key, before: Item | None, after: Item) -> None:
    size = max(_kilobytes(before or {}), _kilobytes(after))
    found.items += 1
    found.units += 2 * size
    if size > 1:
        found.large.append(key[0])
    entries = sum(_entries(index, key, before, after) for index in table.indexes.values())
    found.index_entries += entries
    found.units += entries


def _entries(index: Index, key: Key, before: Item | None, after: Item) -> int:
    """One for each entry that is taken out, and for each that is put in; they are below 1 KB."""
    was = index.place_of(key, before) if before else None
    now = index.place_of(key, after)
    if was == now:
        same = before is None or index._same(before, after)  # noqa: SLF001 - a test's
        return 0 if same or now is None else 1
    return (was is not None) + (now is not None)


def _kilobytes(item: Item) -> int:
    size = sum(len(name.encode()) + size_of(value) for name, value in item.items())
    return max(-(-size // KB), 1)


def put_copies(cloud: MemoryCloud, name: str, others: Iterable[str]) -> int:
    """Put a copy of each account that has this name for each other one; return how many.

    The rows are put into the table itself: a request for each would take minutes.
    """
    database, logical_id = cloud.database, cloud.tables["AccountsTable"]
    table, put = database._tables[logical_id], 0  # noqa: SLF001 - a test's
    models = [row for (pk,), row in table.rows.items() if name in pk]
    named = [(row, [key for key, one in row.items() if name in str(one)]) for row in models]
    for other in others:
        for model, keys in named:
            changed = {key: {"S": model[key]["S"].replace(name, other)} for key in keys}
            table.put((changed["pk"]["S"],), {**model, **changed}, database.writes)
            put += 1
    return put
