"""The operations of the expiring function, and the events that start them."""

from typing import Any

from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.usecases.holds.expire import Sweeping

_Context = RequestContext[Sweeping]

_STOPPED = {"FAILED", "ABORTED", "TIMED_OUT"}


def expire(context: _Context, fields: Fields) -> Answer:
    """Expire overdue reservations.

    Also releases those of state machines that stopped a minute ago, which an index may have hidden.
    """
    fields.finish()
    try:
        return Answer({"expired": context.services.expire()})
    finally:
        context.services.look_again()
        context.metrics.seconds("OverdueHoldAge", context.services.overdue_for().total_seconds())


def release_stopped(context: _Context, fields: Fields) -> Answer:
    """Release the reservations of a Step Functions execution that stopped.

    With a `status` of a running or successful execution nothing is released: its reservations are
    still to be settled.
    """
    arn, status = fields.arn("state_machine_execution_arn"), fields.name("status")
    if arn is None:
        raise fields.missing("state_machine_execution_arn")
    fields.finish()
    stopped = status is None or status in _STOPPED
    return Answer({"released": context.services.release_stopped(arn) if stopped else 0})


def as_direct_event(event: dict[str, Any]) -> dict[str, Any]:
    """The event as a direct event: a status change of Step Functions becomes `release_stopped`.

    An ARN that is not ASCII is escaped. No reservation can have it, so none is found.
    """
    if isinstance(event, dict) and event.get("source") == "aws.states":
        told = event.get("detail", {})
        arn = told.get("executionArn")
        if isinstance(arn, str):
            arn = arn.encode("ascii", "backslashreplace").decode()
        said = {
            "state_machine_execution_arn": arn,
            "status": told.get("status"),
        }
        return {"operation": "release_stopped", **said}
    return event


OPERATIONS: tuple[Operation[Sweeping], ...] = (
    Operation("expire", DIRECT, "", expire),
    Operation("release_stopped", DIRECT, "", release_stopped),
)
