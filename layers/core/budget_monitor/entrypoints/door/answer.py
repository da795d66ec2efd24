"""Answer an event: route it, run one operation, render the answer or the error."""

from collections.abc import Callable, Sequence
from decimal import localcontext
from typing import Any
from uuid import uuid4

from aws_lambda_powertools import Logger

from budget_monitor import deadline
from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from budget_monitor.domain.money import EXACT
from budget_monitor.entrypoints.door import direct, http
from budget_monitor.entrypoints.door.operations import Operation, RequestContext

logger = Logger(service="budget-monitor")


def answer(
    operations: Sequence[Operation[Any]],
    make_request_context: Callable[[], RequestContext[Any]],
    event: dict[str, Any],
    context: object,
) -> dict[str, Any]:
    """The body of the answer, or the whole response over HTTP.

    An error is raised in a direct invocation, and a response with its code over HTTP. Arithmetic
    that would round raises. All retries of one invocation share one time budget.
    """
    with localcontext(EXACT), deadline.invocation(_time_of(context)), deadline.unit_of_work():
        if not http.is_http(event):
            return _direct(operations, make_request_context, event, context)
        request_id = _request_id(event, context)
        try:
            operation, fields = http.route(operations, event)
            return http.render_answer(operation.run(make_request_context(), fields))
        except BudgetMonitorError as error:
            _note(error, request_id)
            return http.render_error(error, request_id)


def _direct(
    operations: Sequence[Operation[Any]],
    make_request_context: Callable[[], RequestContext[Any]],
    event: dict[str, Any],
    context: object,
) -> dict[str, Any]:
    try:
        operation, fields = direct.route(operations, event)
        return dict(operation.run(make_request_context(), fields).body)
    except BudgetMonitorError as error:
        _note(error, str(getattr(context, "aws_request_id", None)))
        raise


def _note(error: BudgetMonitorError, request_id: str) -> None:
    """Log outages. Other errors are the caller's, and the answer says them."""
    if isinstance(error, UnavailableError):
        logger.error("unavailable", extra={"request_id": request_id}, exc_info=error)


def _request_id(event: dict[str, Any], context: object) -> str:
    given = event["requestContext"].get("requestId")
    return str(given or getattr(context, "aws_request_id", None) or uuid4())


def _time_of(context: object) -> int | None:
    """The milliseconds that the invocation has left, or None if the context does not say."""
    told = getattr(context, "get_remaining_time_in_millis", None)
    return told() if callable(told) else None
