"""Classify DynamoDB transaction failures: retry, condition failed, damaged row, or outage."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pynamodb.exceptions import (
    AttributeDeserializationError,
    AttributeNullError,
    PynamoDBException,
    TransactGetError,
    TransactWriteError,
)
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    wait_random_exponential,
)

from budget_monitor import deadline, tally
from budget_monitor.domain.errors import UnavailableError

T = TypeVar("T")

_JITTER = wait_random_exponential(multiplier=0.02, max=1.0)

_CANCELLED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"
_DAMAGED = "ValidationError"
_CONFLICTS = {
    "TransactionConflict",
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


def persistently(attempt: Callable[[], T]) -> T:
    """Return the attempt's result; transient failures are retried with jitter.

    Retries end with the unit of work; without one, this call is its own unit. Raises
    ConditionFailedError if a condition failed, and UnavailableError if conflicts did not end in
    time or the database failed. Source of the codes: the API reference of TransactWriteItems,
    "Errors" and "CancellationReasons".
    """
    if not deadline.begun():
        with deadline.unit_of_work():
            return persistently(attempt)
    retrying = Retrying(
        retry=retry_if_exception_type(PassingError),
        wait=_pause,
        stop=lambda _: deadline.left() <= 0,
        reraise=True,
    )
    try:
        return retrying(lambda: classified(attempt))
    except PassingError as fault:
        raise UnavailableError("conflicts with other writers did not end; try again") from fault


def _pause(state: RetryCallState) -> float:
    """Return the seconds to wait; the last attempt is made when the time is over."""
    tally.add(tally.RETRIES)
    return min(_JITTER(state), max(deadline.left(), 0))


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
