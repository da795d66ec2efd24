"""A model of DynamoDB's transaction conflicts: items are locked while a transaction is written."""

from __future__ import annotations

from collections import Counter
from typing import Any

from greenlet import getcurrent, greenlet

from local.bench.contention.virtual_time import VirtualClock
from tests.support.memory.database import MemoryDynamoDB
from tests.support.memory.errors import cancelled
from tests.support.memory.writes import Answer

WRITE, READ = "TransactWriteItems", "TransactGetItems"
CONFLICT = {"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}
TRIP_SECONDS = 0.002
"""Time that a request and its answer take on the network, together."""

Place = tuple[str, str]


class ConflictingDynamoDB(MemoryDynamoDB):
    """The strict in-memory database on virtual time, optimistic as DynamoDB is.

    - A transaction locks its items from its arrival until it is written, or refused.
    - A transaction that meets a locked item is cancelled at once, for a conflict. It locks nothing.
    - A transactional read of a locked item is cancelled too. Other reads never wait.
    """

    def __init__(self, clock: VirtualClock, lock_seconds: float) -> None:
        super().__init__()
        self._clock, self._seconds = clock, lock_seconds
        self._held = set[Place]()
        self.attempts: Counter[greenlet] = Counter()
        """Transactional writes of each caller."""

    def execute(self, operation: str, request: dict[str, Any]) -> Answer:
        """Return the answer to one request, after its virtual time. Raises DynamoError."""
        self._clock.sleep(TRIP_SECONDS / 2)
        try:
            if operation == WRITE:
                self.attempts[getcurrent()] += 1
                return self._written(request)
            if operation == READ:
                self._check_free(_places(request))
            return super().execute(operation, request)
        finally:
            self._clock.sleep(TRIP_SECONDS / 2)

    def _written(self, request: dict[str, Any]) -> Answer:
        places = _places(request)
        self._check_free(places)
        self._held |= set(places)
        try:
            self._clock.sleep(self._seconds)
            return super().execute(WRITE, request)
        finally:
            self._held -= set(places)

    def _check_free(self, places: list[Place]) -> None:
        if not self._held.isdisjoint(places):
            free = {"Code": "None"}
            raise cancelled([CONFLICT if one in self._held else free for one in places])


def _places(request: dict[str, Any]) -> list[Place]:
    """The table and the key of each item of a transaction."""
    items = [next(iter(one.values())) for one in request["TransactItems"]]
    return [(one["TableName"], (one.get("Key") or one["Item"])["pk"]["S"]) for one in items]
