"""Count what requests cost in DynamoDB: requests, items, write units and bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, astuple, dataclass
from typing import Any

from tests.support.dynamodb.calls import Call, recorded_calls
from tests.support.dynamodb.write_units import counted_writes
from tests.support.memory.fixture import MemoryCloud

WRITE = "TransactWriteItems"
CHECK = "ConditionCheck"


@dataclass(frozen=True)
class Costs:
    """Counts of one request of a caller, or the sum of several."""

    requests: int = 0
    """Requests to DynamoDB."""
    failed: int = 0
    """Transactions among them that were refused; DynamoDB bills them."""
    items: int = 0
    """Items written or checked by the transactions that succeeded."""
    index: int = 0
    """Entries of indexes that were written or removed."""
    units: int = 0
    """Write units: 2 a KB of an item in a transaction, refused or not, 1 a KB of an index entry."""
    bytes: int = 0
    """Bytes of the requests' bodies."""

    def __add__(self, other: Costs) -> Costs:
        return Costs(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def as_json(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


def costs_of(cloud: MemoryCloud, act: Callable[[], Any]) -> Costs:
    """Return what the requests of the act cost; each row may be written once."""
    with counted_writes(cloud) as written, recorded_calls() as calls:
        act()
    done = [call for call in calls if call.operation == WRITE and call.succeeded]
    failed = [call for call in calls if call.operation == WRITE and not call.succeeded]
    checks = sum(CHECK in item for call in done for item in call.request["TransactItems"])
    refused = _items(failed)
    return Costs(
        requests=len(calls),
        failed=len(failed),
        items=_items(done),
        index=written.index_entries,
        units=written.units + 2 * (checks + refused),
        bytes=sum(call.size for call in calls),
    )


def total(parts: Iterable[Costs]) -> Costs:
    """Return the sum of the counts."""
    return sum(parts, Costs())


def _items(calls: Iterable[Call]) -> int:
    return sum(len(call.request["TransactItems"]) for call in calls)
