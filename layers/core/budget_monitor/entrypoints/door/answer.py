"""Answer an event: route it, run one operation, render the answer or the error."""

from collections.abc import Callable, Sequence
from decimal import localcontext
from time import perf_counter
from typing import Any
from uuid import uuid4

from budget_monitor import deadline, tally
from budget_monitor.domain.errors import BudgetMonitorError, UnavailableError
from budget_monitor.domain.money import EXACT
from budget_monitor.entrypoints.door import direct, http
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, RequestContext
from budget_monitor.entrypoints.door.request_log import RequestLog, figures


def answer(
    operations: Sequence[Operation[Any]],
    make_request_context: Callable[[], RequestContext[Any]],
    event: dict[str, Any],
    context: object,
    catch_all: Operation[Any] | None = None,
) -> dict[str, Any]:
    """The body of the answer, or the whole response over HTTP.

    An error is raised in a direct invocation, and a response with its code over HTTP. Arithmetic
    that would round raises. All retries of one invocation share one time budget.
    """
    alias, request_id = direct.alias_of(context), _request_id(event, context)
    # API Gateway invokes the function itself. At an alias an event of its shape would be forged.
    by_http = http.is_http(event) and not alias
    log = RequestLog("http" if by_http else "direct", request_id)
    with localcontext(EXACT), deadline.invocation(_time_of(context)), deadline.unit_of_work(), log:
        if not by_http:
            asked = direct.route(operations, event, alias)
            return dict(_run(make_request_context, asked, log).body)
        try:
            asked = http.route(operations, event, catch_all)
            return http.render_answer(_run(make_request_context, asked, log))
        except BudgetMonitorError as error:
            log.failed(error)
            return http.render_error(error, request_id)


def _run(
    make_request_context: Callable[[], RequestContext[Any]],
    asked: tuple[Operation[Any], Fields],
    log: RequestLog,
) -> Answer:
    """Run the operation if the caller may ask for it, and its tenant has not sent too many."""
    operation, fields = asked
    log.asked(operation, fields)
    context = make_request_context()
    fields.caller = context.access.admitted(
        fields.caller, operation.path, operation.name, fields.tenant_named
    )
    if context.rates is not None and fields.tenant_named is not None:
        context.rates.take(fields.tenant_named)
    started = perf_counter()
    with tally.counting() as counts:
        try:
            found = operation.run(context, fields)
        except UnavailableError:
            context.metrics.count("Unavailable", 1)
            raise
    log.answered(found.body)
    spent = round((perf_counter() - started) * 1000)
    measured = figures(operation.name, found.body, spent, counts)
    if measured:
        context.metrics.add(measured)
    return found


def _request_id(event: dict[str, Any], context: object) -> str:
    given = event["requestContext"].get("requestId") if http.is_http(event) else None
    return str(given or getattr(context, "aws_request_id", None) or uuid4())


def _time_of(context: object) -> int | None:
    """The milliseconds that the invocation has left, or None if the context does not say."""
    told = getattr(context, "get_remaining_time_in_millis", None)
    return told() if callable(told) else None
