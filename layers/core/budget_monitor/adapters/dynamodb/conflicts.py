"""Classify DynamoDB transaction failures: retry, condition failed, damaged row, or outage."""

import time
from collections.abc import Callable, Sequence
from random import random
from typing import TypeVar

from pynamodb.exceptions import (
    AttributeDeserializationError,
    AttributeNullError,
    PynamoDBException,
    TransactGetError,
    TransactWriteError,
)

from budget_monitor import deadline, tally
from budget_monitor.domain.errors import UnavailableError

T = TypeVar("T")

LONGEST_WAIT, SHORTEST_WAIT = 0.1, 0.003
"""Upper bounds of a random wait, in seconds: of a new unit of work, and of one near its end."""

_CANCELLED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"
_DAMAGED = "ValidationError"
_CONFLICT = "TransactionConflict"
_CONFLICTS = {
    _CONFLICT,
    "TransactionConflictException",
    "TransactionInProgressException",
}
_PASSING = _CONFLICTS | {
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
}


class ConditionFailedError(Exception):
    """Conditions of the transaction failed, and there was no transient reason.

    `places`: the positions of the items that refused, in the transaction's order.
    """

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(places)
        self.places = places


class DamagedRowError(Exception):
    """Rows have counters that are not numbers; `places` are their positions in the transaction."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(places)
        self.places = places


class PassingError(Exception):
    """A transient failure, such as a conflict: the same request may succeed in a moment."""


class ConflictError(PassingError):
    """Another writer holds items of the transaction: it is certain that nothing was written.

    `places`: the positions of these items, in the transaction's order.
    """

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(places)
        self.places = places


def persistently(attempt: Callable[[], T], *, but: tuple[type[PassingError], ...] = ()) -> T:
    """Return the attempt's result; transient failures except `but` are retried after a wait.

    Retries end with the unit of work; without one, this call is its own unit. Raises
    ConditionFailedError if a condition failed, and UnavailableError if conflicts did not end in
    time or the database failed. Source of the codes: the API reference of TransactWriteItems,
    "Errors" and "CancellationReasons".
    """
    if not deadline.begun():
        with deadline.unit_of_work():
            return persistently(attempt, but=but)
    while True:
        try:
            return classified(attempt)
        except but:
            raise
        except PassingError as fault:
            if deadline.left() <= 0:
                message = "conflicts with other writers did not end; try again"
                raise UnavailableError(message) from fault
        tally.add(tally.RETRIES)
        wait = longest_wait(deadline.left()) * (0.5 + random() / 2)  # noqa: S311 - no secret
        time.sleep(min(wait, max(deadline.left(), 0)))


def longest_wait(left: float) -> float:
    """Return the upper bound of the wait before a retry, with this much of the unit's time left.

    A request asks the more often the longer it has waited: 8 times as often when half of its time
    is over. A wait that grows with each attempt does the opposite: a request that loses early keeps
    losing.
    """
    share = max(left / deadline.BUDGET_SECONDS, 0)
    return max(LONGEST_WAIT * share**3, SHORTEST_WAIT)


def classified(attempt: Callable[[], T]) -> T:
    """Return the result of one attempt, or raise its classified failure.

    Raises ConditionFailedError, DamagedRowError, PassingError and UnavailableError.
    """
    try:
        return attempt()
    except (TransactWriteError, TransactGetError) as fault:
        codes = [reason.code if reason else None for reason in fault.cancellation_reasons]
        reasons = {code for code in codes if code}
        if _code(fault) == _CANCELLED and reasons == {_CONDITION}:
            places = [place for place, code in enumerate(codes) if code]
            raise ConditionFailedError(places) from fault
        if _code(fault) == _CANCELLED and _DAMAGED in reasons <= {_CONDITION, _DAMAGED}:
            places = [place for place, code in enumerate(codes) if code == _DAMAGED]
            raise DamagedRowError(places) from fault
        if _code(fault) == _CANCELLED and _CONFLICT in reasons <= {_CONDITION, _CONFLICT}:
            tally.add(tally.CONFLICTS)
            places = [place for place, code in enumerate(codes) if code == _CONFLICT]
            raise ConflictError(places) from fault
        raise _named(fault, reasons) from fault
    except (AttributeDeserializationError, AttributeNullError) as fault:
        message = "a stored row is damaged; reconcile finds and repairs it"
        raise UnavailableError(message, damaged=True) from fault
    except PynamoDBException as fault:
        raise _named(fault, set()) from fault


def _named(fault: PynamoDBException, reasons: set[str]) -> Exception:
    """Return PassingError for conflicts and throttling, UnavailableError for anything else."""
    found = {_code(fault), *reasons}
    if found & _CONFLICTS:
        tally.add(tally.CONFLICTS)
    if found & _PASSING:
        return PassingError(str(_code(fault)))
    return UnavailableError("the database did not serve the request; try again")


def _code(fault: PynamoDBException) -> str | None:
    # pynamodb's own property raises if the network failed and there is no response.
    response = getattr(fault.cause, "response", None) or {}
    code = response.get("Error", {}).get("Code")
    return None if code is None else str(code)
