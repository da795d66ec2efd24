"""What can be said instead of an answer: one class for each error code of the API."""

from collections.abc import Mapping


class BudgetMonitorError(Exception):
    """A request that is not answered, with the reason in words that are safe to show.

    In a direct invocation the class name is the error's name, so that a state machine's `Catch`
    matches it; over HTTP `code` and `status` are rendered. The message never holds a table name,
    a stack or another tenant's data.
    """

    code = "ERROR"
    status = 500

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers that belong to this error."""
        return {}


class ValidationError(BudgetMonitorError):
    """A field is missing, malformed, unknown or out of range; `field` names it."""

    code, status = "VALIDATION_ERROR", 400


class MalformedJsonError(BudgetMonitorError):
    """The HTTP body is not one JSON object that means the same to every reader."""

    code, status = "MALFORMED_JSON", 400


class ForbiddenError(BudgetMonitorError):
    """The one who asks may not decide this."""

    code, status = "FORBIDDEN", 403


class NotFoundError(BudgetMonitorError):
    """No such thing in this tenant; another tenant's thing is no such thing."""

    code, status = "NOT_FOUND", 404


class ConflictError(BudgetMonitorError):
    """The state of the thing forbids it."""

    code, status = "CONFLICT", 409


class IdempotencyMismatchError(BudgetMonitorError):
    """The id was used before for other content; `field` names the first difference."""

    code, status = "IDEMPOTENCY_MISMATCH", 409


class TooLargeError(BudgetMonitorError):
    """The HTTP body is larger than is read."""

    code, status = "TOO_LARGE", 413


class UnknownPriceError(BudgetMonitorError):
    """A cost cannot be computed, and an unknown price is never taken for zero."""

    code, status = "UNKNOWN_PRICE", 422


class TooManyHoldsError(BudgetMonitorError):
    """The tenant has as many open reservations as it may have; settle or release some."""

    code, status = "TOO_MANY_HOLDS", 429


class UnavailableError(BudgetMonitorError):
    """A dependency failed or conflicts would not end; nothing was half done. Try again."""

    code, status = "UNAVAILABLE", 503
    RETRY_AFTER_SECONDS = 1

    def __init__(self, message: str, field: str | None = None, *, damaged: bool = False) -> None:
        super().__init__(message, field)
        self.damaged = damaged
        """Whether a row was reached and cannot be read: trying again does not help."""

    @property
    def headers(self) -> Mapping[str, str]:
        """How long to wait before the same request is worth sending again."""
        return {"retry-after": str(self.RETRY_AFTER_SECONDS)}


class ConfigurationError(Exception):
    """The function was deployed without something that it needs; names what is missing."""
