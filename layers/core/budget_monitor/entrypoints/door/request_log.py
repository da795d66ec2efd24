"""One line of the log for each request."""

from collections.abc import Mapping
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from aws_lambda_powertools import Logger

from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Operation

logger = Logger(service="budget-monitor")


class RequestLog:
    """Writes who asked what, what came of it, and how long it took; nothing else of the request.

    No user, tag, text or amount is in it. `outcome` is `OK`, the reason code of a refusal, the code
    of an error, or the name of an unexpected exception.
    """

    def __init__(self, door: str, request_id: str) -> None:
        self._line: dict[str, Any] = {"door": door, "request_id": request_id}
        self._line |= {"operation": None, "tenant_id": None, "outcome": "OK"}

    def __enter__(self) -> Self:
        self._started = perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.failed(error)
        spent = round((perf_counter() - self._started) * 1000, 1)
        logger.info("request", extra={**self._line, "duration_ms": spent})

    def asked(self, operation: Operation[Any], fields: Fields) -> None:
        """Note what is asked, and for whom."""
        self._line |= {"operation": operation.name, "tenant_id": fields.tenant_named}

    def answered(self, body: Mapping[str, Any]) -> None:
        """Note a refusal by its reason code."""
        if body.get("allowed") is False:
            self._line["outcome"] = body.get("reason_code")

    def failed(self, error: BaseException) -> None:
        """Note an error; an outage also with its cause."""
        if self._line["outcome"] == "OK":
            code = error.code if isinstance(error, BudgetMonitorError) else type(error).__name__
            self._line["outcome"] = code
            if isinstance(error, UnavailableError):
                extra = {"request_id": self._line["request_id"]}
                logger.error("unavailable", extra=extra, exc_info=error)
