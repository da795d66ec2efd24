"""Telling a lost race from a lost bet: which failures of a transaction are worth trying again."""

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

from budget_monitor import deadline
from budget_monitor.domain.errors import UnavailableError

T = TypeVar("T")

_JITTER = wait_random_exponential(multiplier=0.02, max=1.0)

_CANCELLED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"
_DAMAGED = "ValidationError"
_PASSING = {
    "TransactionConflict",
    "ThrottlingError",
    "ProvisionedThroughputExceeded",
    "TransactionConflictException",
    "TransactionInProgressException",
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "InternalServerError",
}


class ConditionFailedError(Exception):
    """Conditions of the transaction do not hold, and nothing transient stands beside them.

    `places` are those of the items that said no, in the transaction's order.
    """

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(places)
        self.places = places


class DamagedRowError(Exception):
    """Rows hold what no number can be added to; `places` are theirs, in the transaction's order."""

    def __init__(self, places: Sequence[int]) -> None:
        super().__init__(places)
        self.places = places


class PassingError(Exception):
    """Others are in the way just now; the same may go well in a moment."""


def persistently(attempt: Callable[[], T]) -> T:
    """The attempt's result, tried again with jitter while others are in its way.

    It waits as long as its unit of work may; outside of one it is one. Raises ConditionFailedError
    when a condition says no, and UnavailableError when conflicts would not end in time or the
    database failed. Source of the codes: the API reference of TransactWriteItems, "Errors" and
    "CancellationReasons".
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
        raise UnavailableError("other writers would not give way in time; try again") from fault


def _pause(state: RetryCallState) -> float:
    """How long to wait for the others; the last attempt is made when the time is up."""
    return min(_JITTER(state), max(deadline.left(), 0))


def classified(attempt: Callable[[], T]) -> T:
    """The result of one attempt, its failures by kind.

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
        said = "a stored row is damaged; reconcile finds and mends it"
        raise UnavailableError(said, damaged=True) from fault
    except PynamoDBException as fault:
        raise _named(fault, set()) from fault


def _named(fault: PynamoDBException, reasons: set[str]) -> Exception:
    """Conflicts and throttles pass; anything else is an outage."""
    if {_code(fault), *reasons} & _PASSING:
        return PassingError(str(_code(fault)))
    return UnavailableError("the ledger's database did not serve the request; try again")


def _code(fault: PynamoDBException) -> str | None:
    # pynamodb's own reading of it fails where the network did and there is no response.
    response = getattr(fault.cause, "response", None) or {}
    code = response.get("Error", {}).get("Code")
    return None if code is None else str(code)
