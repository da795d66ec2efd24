"""Jobs that keep accounts right: expiry and reconciliation."""

from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import must, read
from budget_monitor.entrypoints.openapi.operations.months import TENANTS
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    OBJECT,
    SIGNED,
    TEXT,
    TIME,
    Schema,
    list_of,
    nullable,
    shape,
)

_NAMED: dict[str, Schema] = {
    "tenant_id": nullable(TEXT),
    "scope": TEXT,
    "scope_id": nullable(TEXT),
    "period": TEXT,
}
_ARN = "arn:aws:states:us-east-1:000000000000:execution:nightly:run-1"

SCHEMAS: dict[str, Schema] = {}

DECLARED: dict[str, Declared] = {
    "expire": Declared(fields=(), answer=shape({"expired": COUNT})),
    "release_stopped": Declared(
        fields=(
            must(read("arn", "state_machine_execution_arn", "The execution that stopped.")),
            read("name", "status", "Its status; holds of `RUNNING` and `SUCCEEDED` are kept."),
        ),
        answer=shape({"released": COUNT}),
        example=Example({"state_machine_execution_arn": _ARN}),
    ),
    "reconcile": Declared(
        fields=(
            read(
                "optional_id", "tenant_id", "The tenant; all tenants and the system unless given."
            ),
            shared.MONTH,
            TENANTS,
            read("flag", "rebuild", "True: set accounts to what their ledger says.", default=False),
            read("optional_text", "by", "Who rebuilds. Required with `rebuild`."),
            read("optional_text", "reason", "Why. Required with `rebuild`."),
        ),
        answer=shape(
            {
                "month": TEXT,
                "accounts": COUNT,
                "differences": list_of(shape({**_NAMED, "counters": OBJECT})),
                "skipped": list_of(
                    shape({**_NAMED, "reason": TEXT, "last_compared_at": nullable(TIME)})
                ),
                "not_compared": list_of(shape(_NAMED)),
                "rebuilt": FLAG,
            },
            {
                "tenant_id": TEXT,
                "tenants": COUNT,
                "failed": list_of(TEXT),
                "passed_on": COUNT,
                **SIGNED,
            },
        ),
        example=Example({"tenant_id": "acme", "month": "2026-11"}),
    ),
}
