"""Pausing and resuming workflow executions."""

from budget_monitor.domain.errors import ConflictError, ForbiddenError, NotFoundError
from budget_monitor.entrypoints.budgeting.workflows import MAX_TOKEN, STATE_MACHINE
from budget_monitor.entrypoints.openapi import shared
from budget_monitor.entrypoints.openapi.declared import Declared, Example
from budget_monitor.entrypoints.openapi.fields import read
from budget_monitor.entrypoints.openapi.operations.rules import HISTORY, WHY
from budget_monitor.entrypoints.openapi.schemas import (
    COUNT,
    FLAG,
    TEXT,
    TIME,
    Schema,
    nullable,
    page_of,
    ref,
    shape,
)

_WORKFLOW = read("id_in_path", "workflow_execution_id", "The workflow execution.")
_INVOICES = {"tenant_id": "acme", "workflow_execution_id": "invoices-2026-11-22"}
_ANSWER = ref("Workflow")

SCHEMAS: dict[str, Schema] = {
    "Workflow": shape(
        {
            **shared.STATUS,
            "agent_execution_id": nullable(TEXT),
            "workflow_execution_id": TEXT,
            **shared.RUN_STATE,
            "by": nullable(TEXT),
            "reason": nullable(TEXT),
            "at": nullable(TIME),
            **dict.fromkeys(("waiting", "waking", "woken", "gone"), COUNT),
            "replayed": FLAG,
        }
    )
}

DECLARED: dict[str, Declared] = {
    "pause": Declared(
        fields=(shared.TENANT, _WORKFLOW, *shared.BY_REASON, shared.KEY),
        answer=_ANSWER,
        errors=(NotFoundError, ConflictError),
        example=Example({**_INVOICES, **WHY}),
    ),
    "resume": Declared(
        fields=(
            shared.TENANT,
            _WORKFLOW,
            read("optional_amount", "limit_usd", "A limit of this execution's own."),
            *shared.BY_REASON,
            shared.KEY,
        ),
        answer=_ANSWER,
        errors=(NotFoundError, ConflictError, ForbiddenError),
        example=Example({**_INVOICES, **WHY, "limit_usd": "80"}, after=("pause",)),
    ),
    "await_resume": Declared(
        fields=(
            shared.TENANT,
            _WORKFLOW,
            read("token", "task_token", "The task token of Step Functions.", MAX_TOKEN),
            read("count", "pause_id", "The pause that the decision named.", 1),
            read("optional_text", "by", f"Who waits; `{STATE_MACHINE}` unless given."),
        ),
        answer=_ANSWER,
        errors=(ConflictError,),
        example=Example(
            {
                **_INVOICES,
                "task_token": "AQCEAAAAKgAAAAMAAAAA-a-task-token-of-step-functions",
                "pause_id": 1,
            },
            after=("pause",),
        ),
    ),
    "workflow_history": Declared(
        fields=(shared.TENANT, _WORKFLOW, *HISTORY),
        answer=page_of(ref("Change")),
        errors=(NotFoundError,),
        example=Example({**_INVOICES, "limit": 50}, after=("pause",)),
    ),
    "wake": Declared(fields=(), answer=shape(dict.fromkeys(("woken", "alerts", "expired"), COUNT))),
}
