"""Direct invocations by Step Functions, schedules and other functions; batches of records."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from budget_monitor.domain.errors import ForbiddenError, ValidationError
from budget_monitor.domain.roles import AGENT, OPERATIONS_OF
from budget_monitor.entrypoints.door.callers.access import invoker_of
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import Answer, Operation, refuse_operators_fields

AGENTS = "agents"
"""The alias that answers agents' operations only; `agents-<tenant_id>` does for one tenant."""


def alias_of(context: object) -> str:
    """The alias or version of the function that was invoked; empty if none was named."""
    arn = str(getattr(context, "invoked_function_arn", ""))
    return arn.partition(":function:")[2].partition(":")[2]


def is_for_agents(alias: str) -> bool:
    """True if the alias answers agents' operations only."""
    return alias.partition("-")[0] == AGENTS


def route(
    operations: Sequence[Operation[Any]], event: Mapping[str, Any], alias: str = ""
) -> tuple[Operation[Any], Fields]:
    """The operation that the event names, and its other fields.

    Raises ValidationError on `operation` for an unknown one, listing those of this function, and
    ForbiddenError for an operation or a tenant that the alias does not answer.
    """
    if not isinstance(event, dict):
        raise ValidationError("the event must be an object with an operation", "operation")
    named = event.get("operation")
    for operation in operations:
        if operation.name == named:
            if is_for_agents(alias):
                _confine(alias, operation.name, event.get("tenant_id"))
                refuse_operators_fields(operation.name, event)
            said = {k: v for k, v in event.items() if k != "operation"}
            return operation, Fields(said, caller=invoker_of(alias))
    known = ", ".join(operation.name for operation in operations)
    raise ValidationError(f"operation must be one of: {known}", "operation")


def _confine(alias: str, operation: str, tenant_id: object) -> None:
    _, bound, tenant = alias.partition("-")
    if operation not in OPERATIONS_OF[AGENT]:
        raise ForbiddenError(f"the alias {alias} does not answer {operation}", "operation")
    if bound and tenant_id != tenant:
        raise ForbiddenError(f"the alias {alias} answers for {tenant} only", "tenant_id")


def as_operation(event: dict[str, Any], operation: str) -> dict[str, Any]:
    """Return the event as a direct event: a batch of records becomes this operation."""
    if isinstance(event, dict) and isinstance(event.get("Records"), list):
        return {"operation": operation, "records": event["Records"]}
    return event


def id_of(record: Any, *path: str, source: str) -> str:  # noqa: ANN401 - any item of the list
    """Return the record's id, found at this path. Raises ValidationError naming `records`."""
    try:
        for name in path:
            record = record[name]
    except (KeyError, TypeError) as fault:
        raise ValidationError(f"records must be those of {source}", "records") from fault
    return str(record)


def failures(ids: Iterable[str]) -> Answer:
    """Return the answer that makes Lambda deliver these records again, and no others."""
    return Answer({"batchItemFailures": [{"itemIdentifier": one} for one in ids]})
