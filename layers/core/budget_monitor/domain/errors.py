"""The errors of the API: one class for each error code."""

from collections.abc import Mapping, Sequence


class BudgetMonitorError(Exception):
    """A request failed; the message is safe to show to the caller.

    In a direct invocation the class name is the error's name, so a state machine's `Catch` can
    match it. Over HTTP `code` and `status` are rendered. The message never contains a table name,
    a stack trace or another tenant's data.
    """

    code = "ERROR"
    status = 500

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    @property
    def headers(self) -> Mapping[str, str]:
        """HTTP headers of this error's response."""
        return {}


class ValidationError(BudgetMonitorError):
    """A field is missing, malformed, unknown or out of range; `field` names it."""

    code, status = "VALIDATION_ERROR", 400


class MalformedJsonError(BudgetMonitorError):
    """The HTTP body is not a JSON object, or parsers could read it in different ways."""

    code, status = "MALFORMED_JSON", 400


class ForbiddenError(BudgetMonitorError):
    """The caller is not allowed to make this change."""

    code, status = "FORBIDDEN", 403


class NotFoundError(BudgetMonitorError):
    """The id is unknown in this tenant. Ids of other tenants count as unknown."""

    code, status = "NOT_FOUND", 404


class MethodNotAllowedError(BudgetMonitorError):
    """The path exists, but not with this method. The header `Allow` has its methods."""

    code, status = "METHOD_NOT_ALLOWED", 405

    def __init__(
        self, message: str, field: str | None = None, *, allowed: Sequence[str] = ()
    ) -> None:
        super().__init__(message, field)
        self._allowed = tuple(allowed)

    @property
    def headers(self) -> Mapping[str, str]:
        """`Allow`: the methods of this path."""
        return {"allow": ", ".join(self._allowed)}


class ConflictError(BudgetMonitorError):
    """The current state does not allow the operation."""

    code, status = "CONFLICT", 409


class IdempotencyMismatchError(BudgetMonitorError):
    """The id was used before for other content; `field` names the first difference."""

    code, status = "IDEMPOTENCY_MISMATCH", 409


class TooLargeError(BudgetMonitorError):
    """The HTTP body is larger than the maximum."""

    code, status = "TOO_LARGE", 413


class UnknownPriceError(BudgetMonitorError):
    """The model has no price, so no cost can be computed. It is never booked at zero."""

    code, status = "UNKNOWN_PRICE", 422


class TooManyHoldsError(BudgetMonitorError):
    """The tenant has reached its maximum of open reservations; settle or release some."""

    code, status = "TOO_MANY_HOLDS", 429


class TooManyRequestsError(BudgetMonitorError):
    """The tenant sends more requests per second than it may. Nothing was done."""

    code, status = "TOO_MANY_REQUESTS", 429
    RETRY_AFTER_SECONDS = 1

    @property
    def headers(self) -> Mapping[str, str]:
        """`Retry-After`: seconds to wait before the same request is sent again."""
        return {"retry-after": str(self.RETRY_AFTER_SECONDS)}


class UnavailableError(BudgetMonitorError):
    """A dependency failed, or write conflicts did not end in time. Nothing was half done."""

    code, status = "UNAVAILABLE", 503
    RETRY_AFTER_SECONDS = 1

    def __init__(self, message: str, field: str | None = None, *, damaged: bool = False) -> None:
        super().__init__(message, field)
        self.damaged = damaged
        """True if a row was read and is damaged: a retry does not help."""

    @property
    def headers(self) -> Mapping[str, str]:
        """`Retry-After`: seconds to wait before the same request is sent again."""
        return {"retry-after": str(self.RETRY_AFTER_SECONDS)}


class ConfigurationError(Exception):
    """The deployed configuration is incomplete or malformed; the message names the setting."""
