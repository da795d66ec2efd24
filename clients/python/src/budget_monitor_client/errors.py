"""One exception class for each error code of the API, and for failures without a code."""

from __future__ import annotations

from typing import Any, ClassVar


class BudgetMonitorError(Exception):
    """A request failed. `code`, `message` and `field` are those of the API's answer.

    `field` is None where the answer names none; direct invocations never name one.
    """

    code: ClassVar[str | None] = None

    def __init__(
        self, message: str, field: str | None = None, request_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.request_id = request_id


class ValidationError(BudgetMonitorError):
    """A field is missing, malformed, unknown or out of range; `field` names it."""

    code = "VALIDATION_ERROR"


class MalformedJsonError(BudgetMonitorError):
    """The body is not a JSON object, or parsers could read it in different ways."""

    code = "MALFORMED_JSON"


class ForbiddenError(BudgetMonitorError):
    """The caller may not do this."""

    code = "FORBIDDEN"


class NotFoundError(BudgetMonitorError):
    """The tenant has nothing with this id."""

    code = "NOT_FOUND"


class ConflictError(BudgetMonitorError):
    """The current state does not allow the operation."""

    code = "CONFLICT"


class IdempotencyMismatchError(BudgetMonitorError):
    """The id was used before for other content; `field` names the first difference."""

    code = "IDEMPOTENCY_MISMATCH"


class TooLargeError(BudgetMonitorError):
    """The body is larger than the maximum."""

    code = "TOO_LARGE"


class UnknownPriceError(BudgetMonitorError):
    """The model has no price, so no cost can be computed."""

    code = "UNKNOWN_PRICE"


class TooManyHoldsError(BudgetMonitorError):
    """The tenant has too many open reservations; settle or release some."""

    code = "TOO_MANY_HOLDS"


class UnavailableError(BudgetMonitorError):
    """The service could not answer now. The client retries this before it raises it."""

    code = "UNAVAILABLE"


class TooManyRequestsError(UnavailableError):
    """The tenant sends more requests per second than the platform allows. Retried like above."""

    code = "TOO_MANY_REQUESTS"


class MethodNotAllowedError(BudgetMonitorError):
    """The path exists, but not with this method: client and service differ in version."""

    code = "METHOD_NOT_ALLOWED"


class NoAnswerError(UnavailableError):
    """There was no answer: time-out, broken connection, 5xx. The request may have succeeded.

    Send it again with the same ids; never assume that it was not carried out.
    """


class UnexpectedAnswerError(BudgetMonitorError):
    """The answer is not one of Budget Monitor's, for example because the address is wrong."""


class RefusedError(BudgetMonitorError):
    """A budget refuses the call. `decision` is the whole answer.

    Do not retry it in a loop: `reason_code` and `reason` say which limit refused it.
    """

    def __init__(self, decision: dict[str, Any]) -> None:
        super().__init__(str(decision["reason"]))
        self.decision = decision

    @property
    def reason_code(self) -> str:
        """Which kind of limit refuses, for example `TENANT_MONTH_EXCEEDED`."""
        return str(self.decision["reason_code"])

    @property
    def suggestion(self) -> dict[str, Any] | None:
        """A model and a number of output tokens that would fit now, or None."""
        found: dict[str, Any] | None = self.decision.get("suggestion")
        return found


CODED: dict[str, type[BudgetMonitorError]] = {
    one.code: one
    for one in (
        ValidationError,
        MalformedJsonError,
        ForbiddenError,
        NotFoundError,
        ConflictError,
        IdempotencyMismatchError,
        TooLargeError,
        UnknownPriceError,
        TooManyHoldsError,
        TooManyRequestsError,
        MethodNotAllowedError,
        UnavailableError,
    )
}
"""The exception class of each error code."""

NAMED: dict[str, type[BudgetMonitorError]] = {one.__name__: one for one in CODED.values()}
"""The exception class of each name that a direct invocation raises."""
