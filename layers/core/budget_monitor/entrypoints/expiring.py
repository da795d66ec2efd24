"""The operations of the expiring function, and the events that ask for them."""

from typing import Any

from budget_monitor.entrypoints.fields import Fields
from budget_monitor.entrypoints.operations import DIRECT, Answer, Desk, Operation
from budget_monitor.usecases.sweeping import Sweeping

_Desk = Desk[Sweeping]


def expire(desk: _Desk, fields: Fields) -> Answer:
    """Give back the money of every hold whose time is up."""
    fields.finish()
    return Answer({"expired": desk.services.expire()})


def release_stopped(desk: _Desk, fields: Fields) -> Answer:
    """Give back the money that an execution of a state machine held when it stopped."""
    arn = fields.arn("state_machine_execution_arn")
    if arn is None:
        raise fields.missing("state_machine_execution_arn")
    fields.finish()
    return Answer({"released": desk.services.release_stopped(arn)})


def named(event: dict[str, Any]) -> dict[str, Any]:
    """The direct event that an event of a schedule or of Step Functions stands for."""
    if isinstance(event, dict) and event.get("source") == "aws.states":
        arn = event.get("detail", {}).get("executionArn")
        return {"operation": "release_stopped", "state_machine_execution_arn": arn}
    return event


OPERATIONS: tuple[Operation[Sweeping], ...] = (
    Operation("expire", DIRECT, "", expire),
    Operation("release_stopped", DIRECT, "", release_stopped),
)
