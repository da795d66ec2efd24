"""Transactions: all or nothing, each token once, and a reason for every item."""

from __future__ import annotations

import marshal
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tests.support.memory.errors import (
    ConditionFailedError,
    DynamoError,
    ItemError,
    cancelled,
    invalid,
)
from tests.support.memory.tables import Table
from tests.support.memory.values.values import Item, item_size
from tests.support.memory.writes import Answer, Tables, Write

MAX_ITEMS = 100
MAX_BYTES = 4 * 1024 * 1024
WINDOW_SECONDS = 600
MAX_TOKENS = 50_000
"""Older tokens are dropped above this number, to limit memory in long tests."""

KINDS = ("ConditionCheck", "Put", "Delete", "Update")
REASONS = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
"""Cancellation codes of single items. Other codes cancel or fail the whole request."""

_MESSAGES = {"TransactionConflict": "Transaction is ongoing for the item"}
Content = list[dict[str, Any]]
_NONE = {"Code": "None"}


class Tokens:
    """The requests of each ClientRequestToken of the last ten minutes."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def is_replay(self, token: str | None, content: Content, now: float) -> bool:
        """True if the request was executed before. Raises DynamoError for other content."""
        while self._known and next(iter(self._known.values()))[0] + WINDOW_SECONDS <= now:
            self._known.popitem(last=False)
        if token is None or token not in self._known:
            return False
        if marshal.loads(self._known[token][1]) != content:  # noqa: S302 - what `keep` wrote
            raise DynamoError(
                "IdempotentParameterMismatchException",
                "Request token already in use for another request with a different payload",
            )
        return True

    def keep(self, token: str | None, content: Content, now: float) -> None:
        """Store the token of an executed request."""
        if token is not None:
            self._known[token] = (now, marshal.dumps(content, 2))
            if len(self._known) > MAX_TOKENS:
                self._known.popitem(last=False)


def read_writes(tables: Tables, request: dict[str, Any]) -> list[Write]:
    """Return the items of a TransactWriteItems, each validated."""
    items = request.get("TransactItems") or []
    _check_count(items)
    writes = []
    for item in items:
        if len(item) != 1 or next(iter(item)) not in KINDS:
            raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
        ((kind, asked),) = item.items()
        if kind == "Update" and "UpdateExpression" not in asked:
            raise invalid("UpdateExpression must not be null")
        writes.append(Write(tables, kind, asked))
    return writes


def _check_count(items: list[Any]) -> None:
    if not 1 <= len(items) <= MAX_ITEMS:
        rule = "less than or equal to 100" if items else "greater than or equal to 1"
        raise invalid(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            f"Member must have length {rule}"
        )


def check_apart(places: list[tuple[Table, tuple[str, ...]]]) -> None:
    """Raise DynamoError if an item occurs twice."""
    if len({(table.name, key) for table, key in places}) < len(places):
        raise invalid("Transaction request cannot include multiple operations on one item")


def prepared(writes: list[Write], injected: str | None, pick: Callable[[int], int]) -> list[Item]:
    """Return the new value of each item. Raises the cancellation or the injected error."""
    if injected is not None and injected not in REASONS:
        raise injected_error(injected)
    if any(write.fault for write in writes):
        raise cancelled([_reason(write.fault) for write in writes])
    check_apart([(write.table, write.key) for write in writes])
    results: list[Any] = []
    faults: list[DynamoError | None] = []
    for write in writes:
        try:
            write.check_condition()
            results.append(write.after())
            faults.append(None)
        except (ConditionFailedError, ItemError) as fault:
            faults.append(fault)
    if injected or any(faults):
        reasons = [_reason(fault) for fault in faults]
        if injected:
            reasons[pick(len(reasons))] = _named(injected)
        raise cancelled(reasons)
    _check_total(writes, results)
    return results


def _check_total(writes: list[Write], results: list[Item | None]) -> None:
    if len(writes) * 400 * 1024 > MAX_BYTES:
        sizes = (item_size(after or one.before or {}) for one, after in _pairs(writes, results))
        if sum(sizes) > MAX_BYTES:
            raise invalid("The aggregate size of the items in the transaction exceeds 4 MB")


def _pairs(writes: list[Write], results: list[Item | None]) -> list[tuple[Write, Item | None]]:
    return list(zip(writes, results, strict=True))


def _reason(fault: DynamoError | None) -> Answer:
    if fault is None:
        return _NONE
    if isinstance(fault, ItemError):
        return {"Code": "ValidationError", "Message": fault.message}
    return {"Code": "ConditionalCheckFailed", "Message": fault.message, **fault.extra}


def _named(code: str) -> Answer:
    return {"Code": code, "Message": _MESSAGES.get(code, code)}


def injected_error(code: str) -> DynamoError:
    """Return the injected error of a whole request."""
    return DynamoError(code, code, 500 if code == "InternalServerError" else 400)
