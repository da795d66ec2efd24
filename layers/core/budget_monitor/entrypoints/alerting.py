"""The operations of the alerting function, and records of the accounts table's stream."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from budget_monitor import deadline
from budget_monitor.domain.accounting.accounts import DEFAULT_TERMS, AccountKey, WorkflowTerms
from budget_monitor.domain.alerts.alerts import MANUAL
from budget_monitor.entrypoints.door.direct import as_operation, failures, id_of
from budget_monitor.entrypoints.door.fields import Fields
from budget_monitor.entrypoints.door.operations import DIRECT, Answer, Operation, RequestContext
from budget_monitor.entrypoints.door.render import alert as shown
from budget_monitor.usecases.alerts.delivery import AlertDelivery, by_hand
from budget_monitor.usecases.alerts.thresholds import StreamChange, ThresholdJudge

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """The use cases of the alerting function."""

    alerting: ThresholdJudge
    delivering: AlertDelivery


_Context = RequestContext[Services]


def send_alert(context: _Context, fields: Fields) -> Answer:
    """Send an alert that a person wrote."""
    tenant_id, name = fields.tenant(), fields.key_or("send_alert", context.ids.new)()
    kind, message = fields.optional_id("kind") or MANUAL, fields.text("message")
    fields.finish()
    alert = by_hand(tenant_id, kind, message, name, context.clock.now())
    return Answer(shown(context.services.delivering.store_and_send_manual(alert)))


def send_due(context: _Context, fields: Fields) -> Answer:
    """Send the alerts that wait. The metric `UnsentAlertAge` is that of the oldest failed one."""
    fields.finish()
    done = context.services.delivering.send_due()
    age = int((context.clock.now() - done.oldest).total_seconds()) if done.oldest else 0
    context.metrics.seconds("UnsentAlertAge", age)
    return Answer({"sent": done.sent, "failed": done.failed, "oldest_seconds": age})


def notice(context: _Context, fields: Fields) -> Answer:
    """Store alerts for the changes in these records of the accounts table's stream.

    Records that fail are listed in `batchItemFailures`, and Lambda sends them again. A record that
    cannot be read does not stop the others and ends in the queue of failures.
    """
    records = fields.records("records")
    fields.finish()
    failed, changes = list[str](), dict[AccountKey, list[tuple[str, StreamChange]]]()
    for record in records:
        number = _number(record)
        try:
            change = _change(record["dynamodb"])
        except (KeyError, ValueError, TypeError, AttributeError, ArithmeticError):
            logger.exception("a record of the stream cannot be read")
            failed.append(number)
            continue
        changes.setdefault(change.row._replace(stripe=0), []).append((number, change))
    failed += [
        found[0][0]
        for account, found in changes.items()
        if not _judged(context, account, [one for _, one in found if one.spent != one.before])
    ]
    return failures(failed)


def as_direct_event(event: dict[str, Any]) -> dict[str, Any]:
    """The event as a direct event: stream records become the operation `notice`."""
    return as_operation(event, "notice")


def _number(record: Any) -> str:  # noqa: ANN401 - any item of the list
    return id_of(record, "dynamodb", "SequenceNumber", source="a table's stream")


@deadline.unit_of_work()
def _judged(context: _Context, account: AccountKey, moved: Sequence[StreamChange]) -> bool:
    """True if alerts were stored for the account's changes; on False its records are sent again."""
    try:
        if moved:
            context.services.alerting.judge(account, moved)
    except Exception:
        logger.exception("the changes of an account could not be judged yet")
        return False
    return True


def _change(image: Mapping[str, Any]) -> StreamChange:
    new, old = image["NewImage"], image.get("OldImage", {})
    name, terms = new.get("name"), new.get("terms")
    return StreamChange(
        row=AccountKey.parse(new["pk"]["S"]),
        before=_spent(old),
        spent=_spent(new),
        name=name["S"] if name else None,
        terms=WorkflowTerms.parse(terms["S"]) if terms else DEFAULT_TERMS,
        striped="level" in new,
    )


def _spent(image: Mapping[str, Any]) -> Decimal:
    return Decimal(image["spent"]["N"]) if "spent" in image else Decimal(0)


OPERATIONS: tuple[Operation[Services], ...] = (
    Operation("send_alert", DIRECT, "", send_alert),
    Operation("send_due", DIRECT, "", send_due),
    Operation("notice", DIRECT, "", notice),
)
