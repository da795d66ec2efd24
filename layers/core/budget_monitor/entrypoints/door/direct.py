"""Direct invocations by Step Functions, schedules and other functions."""

from collections.abc import Mapping, Sequence
from typing import Any

from budget_monitor.domain.errors import ValidationError
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Operation


def route(
    operations: Sequence[Operation[Any]], event: Mapping[str, Any]
) -> tuple[Operation[Any], Fields]:
    """The operation that the event names, and its other fields.

    Raises ValidationError on `operation` for an unknown one, listing those of this function.
    """
    if not isinstance(event, dict):
        raise ValidationError("the event must be an object with an operation", "operation")
    named = event.get("operation")
    for operation in operations:
        if operation.name == named:
            return operation, Fields({k: v for k, v in event.items() if k != "operation"})
    known = ", ".join(operation.name for operation in operations)
    raise ValidationError(f"operation must be one of: {known}", "operation")
