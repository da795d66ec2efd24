"""The operation of the forwarding function, and messages of its queue."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from budget_monitor.domain.errors import UnavailableError
from budget_monitor.entrypoints.door.direct import as_operation, failures, id_of
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.usecases.alerts.forward import Forwarding

logger = logging.getLogger(__name__)
_NEEDED = {"alert_id", "kind", "at", "title", "text"}


@dataclass(frozen=True, slots=True)
class Services:
    """The use case of the forwarding function."""

    forwarding: Forwarding


_Context = RequestContext[Services]


def forward(context: _Context, fields: Fields) -> Answer:
    """Send the alerts of these messages to all webhooks.

    Messages that fail are listed in `batchItemFailures`. The queue delivers them again,
    and moves them to the queue of failures after the last attempt.
    """
    records = fields.records("records")
    fields.finish()
    return failures([_name(one) for one in records if not _forwarded(context, one)])


def as_direct_event(event: dict[str, Any]) -> dict[str, Any]:
    """The event as a direct event: messages of the queue become the operation `forward`."""
    return as_operation(event, "forward")


def _name(record: Any) -> str:  # noqa: ANN401 - any item of the list
    return id_of(record, "messageId", source="an SQS queue")


def _forwarded(context: _Context, record: Mapping[str, Any]) -> bool:
    name = _name(record)
    try:
        return context.services.forwarding.forward(_message(record))
    except (UnavailableError, ValueError, TypeError, KeyError):
        logger.exception("an alert could not be forwarded: %s", name)
        return False


def _message(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The message of a record. Raises ValueError if it has no alert."""
    message = json.loads(record["body"])
    if not isinstance(message, dict):
        raise TypeError("not an alert")
    alert = message.get("alert", message)
    if not isinstance(alert, dict) or not alert.keys() >= _NEEDED:
        raise ValueError("not an alert")
    return message


OPERATIONS: tuple[Operation[Services], ...] = (Operation("forward", DIRECT, "", forward),)
