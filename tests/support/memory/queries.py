"""Query, on a table or on one of its indexes."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.memory.errors import ItemError, invalid
from tests.support.memory.expressions.keyconditions import Clause
from tests.support.memory.expressions.programs import Program, program, values_of
from tests.support.memory.expressions.reader import Values
from tests.support.memory.indexes import Index, Partition, Place
from tests.support.memory.reads import table_of
from tests.support.memory.tables import Table
from tests.support.memory.values.values import Item, checked_item, item_size
from tests.support.memory.writes import Answer, Tables

PAGE_BYTES = 1024 * 1024
_BAD_START = "The provided starting key is invalid"


@dataclass(frozen=True)
class Reading:
    """How this query is to be answered: the last write that its index has seen, and the page."""

    as_of: int
    page_size: int | None


def query(tables: Tables, request: dict[str, Any], reading: Reading) -> Answer:
    """Query."""
    values = values_of(request)
    read = program(request, values)
    if read.keys is None:
        raise invalid("Either the KeyConditions or KeyConditionExpression parameter must be set")
    table = table_of(tables, request["TableName"])
    index = _index(table, request)
    _check_request(request, index)
    clauses = _by_key(index, read.keys, values)
    places, partition = _candidates(table, index, clauses, values, reading)
    if not request.get("ScanIndexForward", True):
        places = places[::-1]
    if "ExclusiveStartKey" in request:
        places = _after(table, index, places, request)
    return _page(_Page(table, index, read, values), places, partition, _limit(request, reading))


def _index(table: Table, request: dict[str, Any]) -> Index:
    name = request.get("IndexName")
    if name is None:
        return table.by_key
    if name not in table.indexes:
        raise invalid(f"The table does not have the specified index: {name}")
    if request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    return table.indexes[name]


def _check_request(request: dict[str, Any], index: Index) -> None:
    limit = request.get("Limit")
    if limit is not None and limit < 1:
        raise invalid(
            "1 validation error detected: Value at 'Limit' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1"
        )
    wanted = request.get("Select")
    if wanted not in (None, "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"):
        raise AssertionError(f"Select {wanted} is not modelled")
    if wanted == "ALL_ATTRIBUTES" and not index.shows_all:
        raise invalid(
            "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not "
            f"supported for global secondary index {index.name} because its projection type is "
            "not ALL"
        )


def _limit(request: dict[str, Any], reading: Reading) -> int | None:
    limits = [one for one in (request.get("Limit"), reading.page_size) if one is not None]
    return min(limits, default=None)


def _by_key(index: Index, clauses: tuple[Clause, ...], values: Values) -> dict[str, Clause]:
    """The clause on each key of the index."""
    found = {clause.name: clause for clause in clauses}
    first = index.keys[0][0]
    if first not in found:
        raise invalid(f"Query condition missed key schema element: {first}")
    if found[first].operator != "=":
        raise invalid("Query key condition not supported")
    known = dict(index.keys)
    for name, clause in found.items():
        if name not in known:
            missed = index.keys[-1][0]
            raise invalid(f"Query condition missed key schema element: {missed}")
        clause.check(known[name], values)
    return found


def _candidates(
    table: Table, index: Index, clauses: dict[str, Clause], values: Values, reading: Reading
) -> tuple[list[Place], Partition]:
    name, kind = index.keys[0]
    wanted = clauses[name].operands[0].get({}, values) or {}
    if index is table.by_key and len(index.keys) == 1:
        partition = _row(table, (wanted[kind],))
    else:
        as_of = reading.as_of
        partition = index.partition(wanted[kind], as_of=as_of)
    if len(clauses) == 1:
        return list(partition.places), partition
    within = clauses[index.keys[1][0]].within(values)
    return [place for place in partition.places if within(place[0])], partition


def _row(table: Table, key: tuple[str, ...]) -> Partition:
    alone = Partition()
    if key in table.rows:
        alone.add(("", key), table.rows[key])
    return alone


def _after(table: Table, index: Index, places: list[Place], request: dict[str, Any]) -> list[Place]:
    start = checked_item(request["ExclusiveStartKey"])
    if start.keys() != index.cursor:
        raise invalid(_BAD_START)
    try:
        key = table.key_of({name: start[name] for name in table.key_names})
    except ItemError:
        raise invalid(_BAD_START) from None
    found = index.place_of(key, start)
    if found is None:
        raise invalid(_BAD_START)
    if request.get("ScanIndexForward", True):
        return places[bisect.bisect_right(places, found[1]) :]
    ahead = places[::-1]
    return ahead[: bisect.bisect_left(ahead, found[1])][::-1]


@dataclass(frozen=True)
class _Page:
    """The settings that decide how an item of the page is returned."""

    table: Table
    index: Index
    read: Program
    values: Values

    def cursor_of(self, item: Item) -> Item:
        """Where the next page starts."""
        return {name: item[name] for name in sorted(self.index.cursor)}

    def shown(self, item: Item) -> Iterator[Item]:
        """The item as asked for, or nothing where a filter leaves it out."""
        if self.read.filter is None or self.read.filter(item, self.values):
            yield self.read.projection.of(item) if self.read.projection else item


def _page(page: _Page, places: list[Place], partition: Partition, limit: int | None) -> Answer:
    items: list[Item] = []
    seen, size = 0, 0
    for place in places:
        item = partition.items[place]
        items.extend(page.shown(item))
        seen, size = seen + 1, size + item_size(item)
        # DynamoDB gives a cursor whenever it stopped by itself, also where nothing follows.
        if seen == limit or size > PAGE_BYTES:
            cursor = {"LastEvaluatedKey": page.cursor_of(item)}
            return {"Items": items, "Count": len(items), "ScannedCount": seen, **cursor}
    return {"Items": items, "Count": len(items), "ScannedCount": seen}
