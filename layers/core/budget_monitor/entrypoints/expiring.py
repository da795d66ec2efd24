"""The operations of the expiring function, and the events that ask for them."""

from typing import Any

from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.usecases.holds.expire import Sweeping

_Desk = RequestContext[Sweeping]

_STOPPED = {"FAILED", "ABORTED", "TIMED_OUT"}


def expire(desk: _Desk, fields: Fields) -> Answer:
    """Give back the money of every hold whose time is up.

    And of those whose state machine stopped a minute ago and which were not found then. How long
    the oldest that is left is over its time is the metric `OverdueHoldAge`.
    """
    fields.finish()
    try:
        return Answer({"expired": desk.services.expire()})
    finally:
        desk.services.look_again()
        desk.metrics.seconds("OverdueHoldAge", desk.services.overdue_for().total_seconds())


def release_stopped(desk: _Desk, fields: Fields) -> Answer:
    """Give back the money that an execution of a state machine held when it stopped.

    One that runs or went well, where a `status` says so, keeps its holds for who settles them.
    """
    arn, status = fields.arn("state_machine_execution_arn"), fields.name("status")
    if arn is None:
        raise fields.missing("state_machine_execution_arn")
    fields.finish()
    stopped = status is None or status in _STOPPED
    return Answer({"released": desk.services.release_stopped(arn) if stopped else 0})


def named(event: dict[str, Any]) -> dict[str, Any]:
    """The direct event that an event of a schedule or of Step Functions stands for.

    An ARN that is not ASCII is escaped: no hold was ever taken under it, and none is found.
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
