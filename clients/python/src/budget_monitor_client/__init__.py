"""Client of Budget Monitor: hold money before a model call, book its true cost after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from budget_monitor_client.client import BudgetMonitor
from budget_monitor_client.errors import (
    BudgetMonitorError,
    ConflictError,
    ForbiddenError,
    IdempotencyMismatchError,
    MalformedJsonError,
    MethodNotAllowedError,
    NoAnswerError,
    NotFoundError,
    RefusedError,
    TooLargeError,
    TooManyHoldsError,
    TooManyRequestsError,
    UnavailableError,
    UnexpectedAnswerError,
    UnknownPriceError,
    ValidationError,
)
from budget_monitor_client.sending import Retry

if TYPE_CHECKING:
    from budget_monitor_client.aio import AsyncBudgetMonitor
    from budget_monitor_client.transports.direct import LambdaTransport
    from budget_monitor_client.transports.http import HttpTransport

__all__ = [
    "AsyncBudgetMonitor",
    "BudgetMonitor",
    "BudgetMonitorError",
    "ConflictError",
    "ForbiddenError",
    "HttpTransport",
    "IdempotencyMismatchError",
    "LambdaTransport",
    "MalformedJsonError",
    "MethodNotAllowedError",
    "NoAnswerError",
    "NotFoundError",
    "RefusedError",
    "Retry",
    "TooLargeError",
    "TooManyHoldsError",
    "TooManyRequestsError",
    "UnavailableError",
    "UnexpectedAnswerError",
    "UnknownPriceError",
    "ValidationError",
]

_LATER = {
    "AsyncBudgetMonitor": "aio",
    "LambdaTransport": "transports.direct",
    "HttpTransport": "transports.http",
}
"""Names whose modules load asyncio, boto3's parts or urllib3: only when they are used."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has that name
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only where it is used

    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
