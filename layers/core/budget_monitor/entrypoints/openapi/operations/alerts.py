"""Alerts: listing them, and sending them."""

from budget_monitor.domain.alerts.alerts import CRITICAL, INFO, MANUAL, SEVERITIES, WARNING
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.operations.reports import LIMIT
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    TEXT,
    TIME,
    Schema,
    list_of,
    nullable,
    page_of,
    ref,
    shape,
    words,
)

_KINDS = f"{', '.join(f'`{kind}`' for kind in SEVERITIES)}, or a kind given to `send_alert`."
_PAGE = (shared.MONTH, LIMIT, shared.CURSOR)
_ANSWER = page_of(ref("Alert"), month=TEXT)

SCHEMAS: dict[str, Schema] = {
    "Alert": {
        **shape(
            {
                "alert_id": TEXT,
                "tenant_id": nullable(TEXT),
                "kind": {**TEXT, "description": _KINDS},
                "severity": words((INFO, WARNING, CRITICAL)),
                "scope": TEXT,
                "scope_id": TEXT,
                "period": nullable(TEXT),
                "at": TIME,
                "state": words(("pending", "sent")),
                "sent_at": nullable(TIME),
                "attempts": COUNT,
            }
        ),
        "additionalProperties": True,
        "description": "Each kind of alert has fields of its own beside these.",
    }
}

DECLARED: dict[str, Declared] = {
    "alerts": Declared(
        fields=(shared.TENANT, *_PAGE),
        answer=_ANSWER,
        example=Example({"tenant_id": "acme", "limit": 50}),
    ),
    "system_alerts": Declared(fields=_PAGE, answer=_ANSWER, example=Example({"limit": 50})),
    "send_alert": Declared(
        fields=(
            shared.TENANT,
            read("optional_id", "kind", f"The kind of alert; `{MANUAL}` unless given."),
            read("text", "message", "The message."),
            shared.KEY,
        ),
        answer=ref("Alert"),
        example=Example(
            {
                "tenant_id": "acme",
                "kind": "manual",
                "message": "The batch of tonight is moved to tomorrow",
                "idempotency_key": "note-0001",
            }
        ),
    ),
    "send_due": Declared(
        fields=(), answer=shape(dict.fromkeys(("sent", "failed", "oldest_seconds"), COUNT))
    ),
    "notice": Declared(
        fields=(read("records", "records", "Records of the accounts table's stream."),),
        answer=shape({"batchItemFailures": list_of(shape({"itemIdentifier": TEXT}))}),
        example=Example(
            {
                "records": [
                    {
                        "dynamodb": {
                            "SequenceNumber": "111",
                            "NewImage": {
                                "pk": {"S": "acme#tenant#acme#2026-11"},
                                "spent": {"N": "812.5"},
                            },
                        }
                    }
                ]
            }
        ),
    ),
    "forward": Declared(
        fields=(read("records", "records", "Messages of the queue of webhooks."),),
        answer=shape({"batchItemFailures": list_of(shape({"itemIdentifier": TEXT}))}),
        example=Example(
            {
                "records": [
                    {
                        "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
                        "body": '{"alert_id": "0f5e", "kind": "month_closed", "at": '
                        '"2026-12-04T00:00:00Z", "title": "2026-11 is closed for tenant acme: '
                        '812.5 USD spent", "text": "What to do: read the statement", "link": null}',
                    }
                ]
            }
        ),
    ),
}
